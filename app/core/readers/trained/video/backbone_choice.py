"""The folder of the video baseline's network, remembered for the next time."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from app.core.changed_settings import save_changes
from app.core.errors import UserError
from app.core.readers.trained.video.backbone import Backbone, load_backbone
from app.core.settings import load_settings

_log = logging.getLogger(__name__)


def chosen_backbone(folder: Path | None) -> Backbone:
    """The network in the folder, or in the last that was given. Raises UserError for one that cannot be
    loaded; that it cannot be remembered is only logged."""
    settings = load_settings()
    if folder is None and not settings.video_backbone:
        raise UserError(
            "Name the folder of the network: --backbone DIR; docs/baselines.md says how to make it."
        )
    place = Path(settings.video_backbone) if folder is None else folder.absolute()
    backbone = load_backbone(place)
    if str(place) != settings.video_backbone:
        try:
            save_changes(settings, replace(settings, video_backbone=str(place)))
        except UserError as error:
            _log.warning("the folder of the network is not remembered: %s", error)
    return backbone
