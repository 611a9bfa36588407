"""H.264 in field pictures (PAFF), written bit by bit because no free encoder makes it: every macroblock holds
its samples as they are (I_PCM). ITU-T H.264, 7.3."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

_IDR, _OTHER, _SPS, _PPS = 5, 1, 7, 8
_I_SLICE, _I_PCM = 7, 25
_RATE = 25


class _Bits:
    """Bits from the first to the last."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def u(self, width: int, value: int) -> _Bits:
        self._bits.append(format(value, f"0{width}b"))
        return self

    def ue(self, *values: int) -> _Bits:
        """Exponential Golomb codes, without sign; 0 is the same with one."""
        for value in values:
            code = format(value + 1, "b")
            self._bits.append("0" * (len(code) - 1) + code)
        return self

    def align(self) -> _Bits:
        self._bits.append("0" * (-sum(map(len, self._bits)) % 8))
        return self

    def data(self, data: bytes) -> _Bits:
        self._bits.append(format(int.from_bytes(data, "big"), f"0{8 * len(data)}b"))
        return self

    def unit(self, kind: int, importance: int = 3) -> bytes:
        """The NAL unit with its start code."""
        self.u(1, 1).align()
        bits = "".join(self._bits)
        payload = int(bits, 2).to_bytes(len(bits) // 8, "big")
        return b"\0\0\0\1" + bytes([importance << 5 | kind]) + _escaped(payload)


def _escaped(payload: bytes) -> bytes:
    """With a 3 put after two zeros wherever it could be taken for a start code."""
    out = bytearray()
    for byte in payload:
        if byte <= 3 and out[-2:] == b"\0\0":
            out.append(3)
        out.append(byte)
    return bytes(out)


def _parameters(width: int, height: int) -> bytes:
    sequence = _Bits().u(8, 77).u(8, 0).u(8, 30).ue(0, 0, 2, 1).u(1, 0)
    sequence.ue(width // 16 - 1, height // 32 - 1).u(1, 0).u(1, 0).u(1, 1).u(1, 0).u(1, 0)
    picture = _Bits().ue(0, 0).u(2, 0).ue(0, 0, 0).u(3, 0).ue(0, 0, 0).u(3, 0b100)
    return sequence.unit(_SPS) + picture.unit(_PPS)


def _field(luma: Plane, number: int, gop: int, *, bottom: bool) -> bytes:
    """One field of frame `number`; the first of each group begins a new sequence."""
    in_group = number % gop
    begins = in_group == 0 and not bottom
    slice_ = _Bits().ue(0, _I_SLICE, 0).u(4, in_group % 16).u(1, 1).u(1, int(bottom))
    slice_ = slice_.ue(number // gop % 2).u(2, 0) if begins else slice_.u(1, 0)
    slice_.ue(0, 1)
    for top in range(0, luma.shape[0], 16):
        for left in range(0, luma.shape[1], 16):
            block = np.ascontiguousarray(luma[top : top + 16, left : left + 16])
            slice_.ue(_I_PCM).align().data(block.tobytes() + bytes([128]) * 128)
    return slice_.unit(_IDR if begins else _OTHER)


def write_fields(
    path: Path, pictures: Sequence[Plane], *, gop: int = 5, apart: bool = True, first: float = 0.0
) -> Path:
    """A transport stream of `pictures` (h, w) with h divisible by 32 and w by 16, 25 a second, the upper
    field first; `apart` gives each field a separate packet and time, as broadcasters do. Gives `path`."""
    height, width = pictures[0].shape
    with av.open(str(path), "w", format="mpegts") as output:
        stream: Any = output.add_stream("libx264", rate=_RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        output.start_encoding()
        for number, picture in enumerate(pictures):
            head = _parameters(width, height) if number % gop == 0 else b""
            fields = [
                head + _field(picture[0::2], number, gop, bottom=False),
                _field(picture[1::2], number, gop, bottom=True),
            ]
            for half, data in enumerate(fields if apart else [b"".join(fields)]):
                packet: Any = av.Packet(b"\0\0\0\1\x09\xf0" + data)
                packet.stream, packet.time_base = stream, Fraction(1, 90_000)
                packet.pts = packet.dts = round((first + number / _RATE + half / (2 * _RATE)) * 90_000)
                packet.is_keyframe = number % gop == 0 and half == 0
                output.mux(packet)
    return path
