"""Exports the frozen network of the video baseline, on any machine that has torch and its weights.

    python export_backbone.py r3d18 r3d18        # torchvision: R3D-18, 112 px
    python export_backbone.py vivit vivit        # transformers: ViViT-B 16x2, 224 px

Semioscope itself neither downloads nor needs torch: copy the folder that is written here to its machine and
name it with --backbone. The weights have their own licences.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

R3D18 = {
    "name": "R3D-18, Kinetics-400",
    "frames": 16,
    "size": 112,
    "resize": 128,
    "mean": [0.43216, 0.394666, 0.37645],
    "std": [0.22803, 0.22145, 0.216989],
    "layout": "NCTHW",
}
VIVIT = {
    "name": "ViViT-B 16x2, Kinetics-400",
    "frames": 32,
    "size": 224,
    "resize": 256,
    "layout": "NTCHW",
}


def r3d18() -> tuple[Any, dict[str, Any]]:
    """The network up to its 512 pooled numbers."""
    import torch
    from torchvision.models.video import R3D_18_Weights, r3d_18

    network = r3d_18(weights=R3D_18_Weights.KINETICS400_V1)
    network.fc = torch.nn.Identity()
    return network, dict(R3D18)


def vivit() -> tuple[Any, dict[str, Any]]:
    """The network up to the 768 numbers of its class token, and what its own settings say it was shown."""
    import torch
    from transformers import VivitImageProcessor, VivitModel

    name = "google/vivit-b-16x2-kinetics400"
    shown = VivitImageProcessor.from_pretrained(name)

    class ClassToken(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = VivitModel.from_pretrained(name, add_pooling_layer=False)

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return self.network(pixel_values=pictures).last_hidden_state[:, 0]

    return ClassToken(), dict(VIVIT) | colours(shown)


def colours(shown: Any) -> dict[str, list[float]]:
    """Mean and deviation for colours of 0–1, from a processor that scales to −1…1 first (`offset`)."""
    factor = 255 * shown.rescale_factor
    shift = 1.0 if shown.offset else 0.0
    mean, std = (shown.image_mean, shown.image_std) if shown.do_normalize else ([0.0] * 3, [1.0] * 3)
    return {
        "mean": [(one + shift) / factor for one in mean],
        "std": [one / factor for one in std],
    }


def export(network: Any, preprocessing: dict[str, Any], folder: Path) -> None:
    """Write the network and its preprocessing into a folder."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    frames, size = preprocessing["frames"], preprocessing["size"]
    shape = (1, 3, frames, size, size) if preprocessing["layout"] == "NCTHW" else (1, frames, 3, size, size)
    torch.onnx.export(
        network.eval(),
        (torch.zeros(shape),),
        str(folder / "network.onnx"),
        input_names=["pictures"],
        output_names=["embedding"],
        opset_version=17,
        dynamo=False,  # one file, without weights beside it
    )
    data = {
        "format": "semioscope-backbone/1",
        "model": "network.onnx",
        **preprocessing,
        "segment_seconds": 30.0,
        "overlap_seconds": 5.0,
    }
    (folder / "preprocessing.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", choices=("r3d18", "vivit"))
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    export(*{"r3d18": r3d18, "vivit": vivit}[chosen.network](), chosen.folder)


if __name__ == "__main__":
    main()
