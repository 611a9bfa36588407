"""The prepared clips of a reading as the media of its requests."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.core.clips.clip import Clip, ClipOptions, clip_file
from app.core.clips.clip_remarks import remarks_for_model
from app.core.errors import UserError
from app.core.jobs import CancelToken
from app.core.readers.models.provider import ClipPicture, Material
from app.core.readers.models.request_plan import Request

_KEPT = 2
"""Clips whose media are kept: requests about single features show the same one after the other."""


class ClipFolder:
    """The clips in `folder`, a `model_run.ClipSource`, made with `options`; files are read on demand.

    They are read one clip at a time: a clip is some hundred files and checks, and several threads at it
    would keep the window's thread waiting while a recording plays.
    """

    def __init__(self, folder: Path, clips: Iterable[Clip], options: ClipOptions) -> None:
        self._folder = folder
        self._options = options
        self._clips = {clip.spec: clip for clip in clips}
        self._reading = threading.Lock()
        self._kept: dict[tuple[str, str], Material] = {}

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All of them."""
        return tuple(self._clips.values())

    def clip(self, request: Request) -> Clip:
        """The clip of a request. Raises UserError when it was not made."""
        clip = self._clips.get(request.spec)
        if clip is None:
            raise UserError("The clips for the model do not fit this reading; start it again.")
        return clip

    def cannot_show(self, request: Request) -> str:
        """The reason why nothing can be judged from the clip of a request; "" otherwise."""
        return self.clip(request).unusable

    def picture(self, request: Request) -> Clip | None:
        """The clip whose picture goes along with the sound; None where there is none to be seen."""
        clip = None if request.picture is None else self._clips.get(request.picture)
        return None if clip is None or clip.unusable else clip

    def description(self, request: Request) -> Material:
        """What is used of a request's clips in the prompt, without the media."""
        clip, picture = self.clip(request), self.picture(request)
        return Material(
            prompt="",
            schema={},
            fps=clip.fps,
            transcript=clip.transcript,
            enhanced=clip.enhanced,
            remarks=remarks_for_model(picture or clip, self._options),
            with_picture=picture is not None,
            upright=bool(clip.turns),
        )

    def media(self, request: Request, cancel: CancelToken) -> Material:
        """The media of a request. Raises UserError when a file is missing or has changed, Cancelled."""
        clip = self.clip(request)
        seen = self.picture(request) or clip
        shown = clip.name, seen.name
        with self._reading:
            cancel.check()
            media = self._kept.pop(shown, None)
            if media is None:
                media = self._media(self.description(request), clip, seen)
            self._kept[shown] = media
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return media

    def _media(self, description: Material, clip: Clip, seen: Clip) -> Material:
        """The description with the sound of `clip` and the pictures or video of `seen`."""
        try:
            return replace(
                description,
                pictures=tuple(ClipPicture(moment, self._read(seen, name)) for moment, name in seen.pictures),
                video=self._read(seen, seen.video) if seen.video else None,
                sound=self._read(clip, clip.sound) if clip.sound else None,
            )
        except OSError as error:
            raise UserError("A clip for the model cannot be read; start the reading again.") from error

    def _read(self, clip: Clip, name: str) -> bytes:
        if not clip.checkable:
            raise UserError("These clips cannot be checked, so they are not sent; start the reading again.")
        return clip_file(self._folder, clip, name)
