"""How the picture of one recording is shown: light, turn, mirror, what is zoomed to, the face's inset."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


Points: TypeAlias = "npt.NDArray[np.float64]"


class Aim(StrEnum):
    """What the picture is zoomed to, following it."""

    WHOLE = "whole"
    PATIENT = "patient"
    FACE = "face"


class Corner(StrEnum):
    """Where the inset lies, in the order in which it goes round."""

    BOTTOM_RIGHT = "bottom right"
    BOTTOM_LEFT = "bottom left"
    TOP_LEFT = "top left"
    TOP_RIGHT = "top right"


@dataclass(frozen=True, slots=True)
class Orientation:
    """The stored picture turned clockwise by `quarters` × 90°, then mirrored left for right.

    Points are shares (n, 2) of a picture's width and height.
    """

    quarters: int = 0
    mirrored: bool = False

    @property
    def upright(self) -> bool:
        return not self.quarters and not self.mirrored

    @property
    def sideways(self) -> bool:
        """Whether width and height have changed places."""
        return self.quarters % 2 == 1

    def shown(self, points: Points) -> Points:
        """Where points of the stored picture are shown."""
        import numpy as np

        x, y = points[..., 0], points[..., 1]
        for _ in range(self.quarters):
            x, y = 1.0 - y, x
        return np.stack([1.0 - x if self.mirrored else x, y], axis=-1)

    def stored(self, points: Points) -> Points:
        """The inverse of `shown`."""
        import numpy as np

        x, y = points[..., 0], points[..., 1]
        x = 1.0 - x if self.mirrored else x
        for _ in range(self.quarters):
            x, y = y, 1.0 - x
        return np.stack([x, y], axis=-1)

    def turned(self, quarters: int) -> Orientation:
        """The picture on screen turned clockwise by `quarters` × 90°."""
        return replace(self, quarters=(self.quarters + (-quarters if self.mirrored else quarters)) % 4)

    def flipped(self) -> Orientation:
        """The picture on screen mirrored left for right."""
        return replace(self, mirrored=not self.mirrored)


UPRIGHT = Orientation()


@dataclass(frozen=True, slots=True)
class Tone:
    """Light for dark infrared pictures: `brightness` and `contrast` −1…1 with 0 as recorded, `gamma`
    0.25…4 with 1 as recorded, larger is lighter in the dark parts."""

    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 1.0

    @property
    def plain(self) -> bool:
        return self == AS_RECORDED

    def table(self) -> npt.NDArray[np.uint8]:
        """(256,) what becomes of each value of a channel; never falling."""
        import numpy as np

        values = np.arange(256) / 255.0
        slope = math.tan((min(self.contrast, 0.98) + 1.0) * math.pi / 4)
        changed = np.clip((values ** (1.0 / self.gamma) - 0.5) * slope + 0.5 + self.brightness, 0.0, 1.0)
        table: npt.NDArray[np.uint8] = np.rint(changed * 255.0).astype(np.uint8)
        return table


AS_RECORDED = Tone()


@dataclass(frozen=True, slots=True)
class Streams:
    """How the streams of the recording are taken: the `track` of sound that is heard, one `channel` of it
    (None: all), `denoised` whether its steady noise is to be reduced, `offset` seconds by which the sound is
    late, `deinterlace` (None: as the recording says), `picture` the picture track that is shown (None: that
    of the camera)."""

    track: int = 0
    channel: int | None = None
    denoised: bool = False
    offset: float = 0.0
    deinterlace: bool | None = None
    picture: int | None = None


AS_FOUND = Streams()


@dataclass(frozen=True, slots=True)
class Presentation:
    """Everything that is kept of a recording's view. It changes what is seen, never what is stored."""

    tone: Tone = AS_RECORDED
    orientation: Orientation = UPRIGHT
    aim: Aim = Aim.WHOLE
    inset: bool = False
    corner: Corner = Corner.BOTTOM_RIGHT
    streams: Streams = AS_FOUND

    def next_corner(self) -> Presentation:
        corners = list(Corner)
        return replace(self, corner=corners[(corners.index(self.corner) + 1) % len(corners)])


PLAIN = Presentation()


def presentation_to_dict(look: Presentation) -> dict[str, Any]:
    """The look in JSON's own types."""
    return {
        **asdict(look.tone),
        "quarters": look.orientation.quarters,
        "mirrored": look.orientation.mirrored,
        "aim": look.aim.value,
        "inset": look.inset,
        "corner": look.corner.value,
        **asdict(look.streams),
    }


def presentation_from_dict(data: Mapping[str, Any]) -> Presentation:
    """The inverse of `presentation_to_dict`; what is missing or invalid is as recorded."""

    def of(name: str, check: Callable[[Any], Any], default: Any) -> Any:
        try:
            return check(data[name])
        except (KeyError, ValueError, TypeError):
            return default

    tone = Tone(
        of("brightness", _between(-1.0, 1.0), 0.0),
        of("contrast", _between(-1.0, 1.0), 0.0),
        of("gamma", _between(0.25, 4.0), 1.0),
    )
    orientation = Orientation(int(of("quarters", _between(0, 3), 0)), of("mirrored", _flag, False))
    corner = of("corner", Corner, Corner.BOTTOM_RIGHT)
    streams = Streams(
        of("track", _number, 0),
        of("channel", _or_none(_number), None),
        of("denoised", _flag, False),
        of("offset", _between(-10.0, 10.0), 0.0),
        of("deinterlace", _or_none(_flag), None),
        of("picture", _or_none(_number), None),
    )
    aim, inset = of("aim", Aim, Aim.WHOLE), of("inset", _flag, False)
    return Presentation(tone, orientation, aim, inset, corner, streams)


def _between(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not low <= float(value) <= high:
            raise ValueError("out of range")
        return float(value)

    return check


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 64:
        raise ValueError("no number of a stream")
    return value


def _or_none(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value
