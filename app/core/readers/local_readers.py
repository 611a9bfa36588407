"""The readers that need no network, by the name that `--reader` takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.picture_box import Box
from app.core.readers.reader import Reader

ReaderMaker = Callable[[Box | None], Reader]
"""Given the box round the patient, if one was drawn."""

TRAINED = "trained:"
"""What a name begins with where a file of `semioscope train` follows."""


def is_local(name: str) -> bool:
    return name in LOCAL_READERS or (name.startswith(TRAINED) and name != TRAINED)


def with_absolute_path(name: str) -> str:
    """The name for a process with another working folder."""
    return f"{TRAINED}{Path(name.removeprefix(TRAINED)).absolute()}" if name.startswith(TRAINED) else name


def short_name(name: str) -> str:
    """The name for progress and summaries: of a trained reader that of its file."""
    return Path(name.removeprefix(TRAINED)).stem if name.startswith(TRAINED) else name


def local_reader(name: str, backbone: Path | None = None) -> ReaderMaker:
    """What makes the reader of this name. Raises UserError for a file that is not a reader.

    `backbone` is the folder of a video baseline's network, None for the last that was given.
    """
    if name.startswith(TRAINED):
        return _trained(Path(name.removeprefix(TRAINED)), backbone)
    return LOCAL_READERS[name]


def _signal(patient: Box | None) -> Reader:
    from app.core.readers.signal.reader import SignalReader

    return SignalReader(patient)


def _trained(path: Path, backbone: Path | None) -> ReaderMaker:
    from app.core.readers.trained.trained_reader_file import load_trained_reader
    from app.core.readers.trained.trained_signal_reader import TrainedSignalReader, check_inputs
    from app.core.readers.trained.video.backbone_choice import chosen_backbone
    from app.core.readers.trained.video.trained_video_reader import TrainedVideoReader

    file = load_trained_reader(path)
    if file.kind == "video":
        by_pictures = TrainedVideoReader(file, chosen_backbone(backbone))
        return lambda _patient: by_pictures
    check_inputs(file)
    return lambda patient: TrainedSignalReader(file, patient)


LOCAL_READERS: dict[str, ReaderMaker] = {"signal": _signal}
