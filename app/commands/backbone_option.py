"""The option `--backbone`: the folder of the video baseline's network, remembered for the next time."""

from __future__ import annotations

import argparse
from pathlib import Path


def backbone_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backbone", metavar="DIR", type=Path,
        help="of the video baseline: the folder with the network (ONNX) and its preprocessing.json (default: "
        "the last that was given)",
    )  # fmt: skip
