"""EDF and BDF files made from a plan, and what is true of them by that plan. No reader has a part in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

F = Fraction
ZERO, ONE = F(0), F(1)
PATIENT = "MCH-0234567 F 16-SEP-1987 Haagse_Harry"
TECHNICIAN = "Startdate 02-MAR-2002 PSG-1234 Tessa_Tech Telemetry_X9"
SECRETS = ("MCH-0234567", "16-SEP-1987", "Haagse", "Harry", "PSG-1234", "Tessa", "Telemetry_X9")
"""What stands in `PATIENT` and `TECHNICIAN` and must never be seen."""


@dataclass(frozen=True)
class Channel:
    """One signal; `stored` are the numbers of all records one after the other."""

    label: str = "EEG Fp1-REF"
    unit: str = "uV"
    per_record: int = 8
    physical: tuple[str, str] = ("-3276.8", "3276.7")
    digital: tuple[int, int] = (-32768, 32767)
    stored: tuple[int, ...] = ()
    encoding: str = "utf-8"

    def value(self, number: int) -> float:
        """The physical value of a stored number; the number itself where the ranges give none."""
        low, high = (F(text.replace(",", ".")) for text in self.physical)
        first, last = self.digital
        if low == high or first == last:
            return float(number)
        return float(low + (number - first) * (high - low) / (last - first))


@dataclass(frozen=True)
class Note:
    """Texts at `onset` seconds from the header's start, written into a record and an annotation channel."""

    record: int
    onset: F
    duration: F | None = None
    texts: tuple[str, ...] = ("Spasm",)
    channel: int = 0


@dataclass(frozen=True)
class Plan:
    """One file. `onsets` are the beginnings of the records in seconds from the header's start."""

    kind: str = "EDF+D"
    seconds: F = ONE
    channels: tuple[Channel, ...] = (Channel(),)
    onsets: tuple[F, ...] = (ZERO,)
    notes: tuple[Note, ...] = ()
    annotation_channels: int = 1
    annotations_first: bool = False
    started: datetime = datetime(2002, 3, 2, 8, 15, 4)  # noqa: DTZ001 - EDF has local times
    said: int | None = None
    header_bytes: int | None = None
    patient: str = "X X X X"
    recording: str | None = None
    stamped: bool = True
    pad: bytes = b" "
    tail: bytes = b""
    cut: int = 0
    date: str | None = None
    fields: dict[str, bytes] = field(default_factory=dict)
    """Fields of the first part that are written as they stand here: `records`, `seconds`, `signals`, …"""

    @property
    def width(self) -> int:
        return 3 if self.kind.startswith("BDF") else 2

    @property
    def zero(self) -> F:
        """When the first sample comes, in seconds from the header's start."""
        return self.onsets[0] if "+" in self.kind and self.onsets else F(0)

    def segments(self) -> list[tuple[F, F]]:
        """Start and duration of the stretches without a gap, from the first sample on."""
        found: list[tuple[F, F]] = []
        for onset in self.onsets if self.seconds else ():
            if found and sum(found[-1]) == onset - self.zero:
                found[-1] = (found[-1][0], found[-1][1] + self.seconds)
            else:
                found.append((onset - self.zero, self.seconds))
        return found

    def samples(self, number: int) -> list[tuple[F, float]]:
        """Time from the first sample and value of every sample of a channel."""
        channel = self.channels[number]
        step = self.seconds / channel.per_record
        return [
            (
                self.onsets[at // channel.per_record] - self.zero + at % channel.per_record * step,
                channel.value(stored),
            )
            for at, stored in enumerate(channel.stored)
        ]

    def annotations(self) -> list[tuple[F, F | None, str]]:
        """Onset from the first sample, duration and text of every annotation, in any order."""
        return [
            (note.onset - self.zero, note.duration, text)
            for note in self.notes
            for text in note.texts
            if text
        ]


def decimal(number: F | int) -> str:
    """A number without needless zeros, exact to nine decimals."""
    text = f"{float(number):.9f}" if abs(float(number)) < 10**6 else f"{float(number):.6f}"
    return text.rstrip("0").rstrip(".")


def tal(onset: F, duration: F | None, texts: tuple[str, ...]) -> bytes:
    sign = "-" if onset < 0 else "+"
    length = "" if duration is None else f"\x15{decimal(duration)}"
    return f"{sign}{decimal(abs(onset))}{length}\x14".encode() + b"".join(
        text.encode() + b"\x14" for text in texts
    ) + b"\0"  # fmt: skip


def edf(plan: Plan) -> bytes:
    """The bytes of the file."""
    lists = _lists(plan)
    # Long enough for the longest list, and a whole number of samples.
    longest = max((len(raw) for record in lists for raw in record), default=0)
    count = longest // plan.width + 1
    family = plan.kind[:3]
    notes = [
        Channel(f"{family} Annotations", "", count, ("-1", "1")) for _ in range(plan.annotation_channels)
    ]
    order = [*notes, *plan.channels] if plan.annotations_first else [*plan.channels, *notes]
    raw = _header(plan, order)
    for record, texts in enumerate(lists):
        left = iter(texts)
        for channel in order:
            if channel in plan.channels:
                begin = record * channel.per_record
                raw += _numbers(channel.stored[begin : begin + channel.per_record], plan.width)
            else:
                raw += next(left).ljust(count * plan.width, b"\0")
    raw += plan.tail
    return raw[: len(raw) - plan.cut] if plan.cut else raw


def _lists(plan: Plan) -> list[list[bytes]]:
    """The bytes of every annotation channel of every record."""
    found = [[b""] * plan.annotation_channels for _ in plan.onsets]
    if plan.annotation_channels and plan.stamped:
        for record, onset in enumerate(plan.onsets):
            found[record][0] = tal(onset, None, ("",))
    for note in plan.notes:
        found[note.record][note.channel] += tal(note.onset, note.duration, note.texts)
    return found


def _header(plan: Plan, channels: list[Channel]) -> bytes:
    plus = "+" in plan.kind
    day = plan.started
    recording = plan.recording
    if recording is None:
        recording = f"Startdate {day.strftime('%d-%b-%Y').upper()} X X X" if plus else "recording"
    reserved = plan.kind if plus else "24BIT" if plan.kind == "BDF" else ""
    size = 256 * (len(channels) + 1)
    first: dict[str, tuple[bytes, int]] = {
        "version": (b"\xffBIOSEMI" if plan.width == 3 else b"0", 8),
        "patient": (plan.patient.encode(), 80),
        "recording": (recording.encode(), 80),
        "date": ((plan.date or day.strftime("%d.%m.%y")).encode(), 8),
        "time": (day.strftime("%H.%M.%S").encode(), 8),
        "size": (str(size if plan.header_bytes is None else plan.header_bytes).encode(), 8),
        "reserved": (reserved.encode(), 44),
        "records": (str(len(plan.onsets) if plan.said is None else plan.said).encode(), 8),
        "seconds": (decimal(plan.seconds).encode(), 8),
        "signals": (str(len(channels)).encode(), 4),
    }
    raw = b""
    for name, (content, width) in first.items():
        raw += plan.fields.get(name, content).ljust(width, b" " if name == "version" else plan.pad)
    for get, width in (
        (lambda c: c.label.encode(c.encoding), 16),
        (lambda _: b"AgAgCl electrode", 80),
        (lambda c: c.unit.encode(c.encoding), 8),
        (lambda c: c.physical[0].encode(), 8),
        (lambda c: c.physical[1].encode(), 8),
        (lambda c: str(c.digital[0]).encode(), 8),
        (lambda c: str(c.digital[1]).encode(), 8),
        (lambda _: b"HP:0.1Hz LP:75Hz", 80),
        (lambda c: str(c.per_record).encode(), 8),
        (lambda _: b"", 32),
    ):
        for channel in channels:
            content = get(channel)
            assert len(content) <= width
            raw += content.ljust(width, plan.pad)
    assert len(raw) == size
    return raw


def _numbers(stored: tuple[int, ...], width: int) -> bytes:
    return b"".join(number.to_bytes(width, "little", signed=True) for number in stored)


def with_noise(plan: Plan, seed: int = 0) -> Plan:
    """The plan with random numbers over the whole digital range in every channel."""
    chance = np.random.default_rng(seed)
    channels = tuple(
        replace(
            channel,
            stored=tuple(
                chance.integers(
                    min(channel.digital), max(channel.digital) + 1, channel.per_record * len(plan.onsets)
                ).tolist()
            ),
        )
        for channel in plan.channels
    )
    return replace(plan, channels=channels)


_RANGES = (
    ("-3276.8", "3276.7", "uV"),
    ("3200", "-3200", "uV"),
    ("0", "100", "%"),
    ("34", "40.125", "degC"),
    ("-0.0032", "0.0032", "V"),
    ("-99.9618", "1000000", "µV"),
    ("-187,5", "187,5", "nV"),
    ("0", "0", ""),
)
_LABELS = ("EEG Fp1-REF", "EEG Fp1-REF", "", "T3", "EKG Herzüber", "Signal 2", "Σ beta", "EEG T3-A1 (2)")
_NOTES = (
    "Spasm",
    "Überleitung",
    "发作开始",
    "Приступ",
    "🧠 note",
    "x" * 200,
    "",
    "Spike@@EEG T3",
    "a > b & c",
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Odd files that have a meaning."""
    kind = draw(st.sampled_from(["EDF", "EDF+C", "EDF+D", "EDF+D", "BDF", "BDF+C", "BDF+D"]))
    is_plus, has_gaps = "+" in kind, kind.endswith("D")
    seconds = F(draw(st.sampled_from(["1", "1", "0.05", "0.1", "0.5", "1.0284", "10", "30", "600"])))
    records = draw(st.integers(0 if not has_gaps else 1, 9))
    zero = F(draw(st.sampled_from(["0", "0", "0.3945312", "0.000001", "5.25"]))) if is_plus else F(0)
    onsets, at = [], zero
    for number in range(records):
        if has_gaps and number and draw(st.booleans()):
            at += F(draw(st.sampled_from(["0.75", "3", "12.345678", "3600", "172800.5", "7.0001"])))
        onsets.append(at)
        at += seconds
    digital = (-8388608, 8388607) if kind.startswith("BDF") else draw(
        st.sampled_from([(-32768, 32767), (-2048, 2047), (0, 4095)])
    )  # fmt: skip
    channels = []
    for _ in range(draw(st.integers(0 if is_plus else 1, 4))):
        low, high, unit = draw(st.sampled_from(_RANGES))
        channels.append(
            Channel(
                draw(st.sampled_from(_LABELS)), unit, draw(st.integers(1, 40)), (low, high), digital,
                encoding=draw(st.sampled_from(["utf-8", "utf-8", "latin-1"])),
            )
        )  # fmt: skip
    channels = [
        replace(channel, encoding="utf-8") if "Σ" in channel.label else channel for channel in channels
    ]
    tracks = draw(st.integers(1, 3)) if is_plus else 0
    notes = [
        Note(
            draw(st.integers(0, records - 1)),
            F(draw(st.integers(-20_000, 40_000_000)), 10_000),
            draw(st.none() | st.just(ZERO) | st.integers(1, 10**6).map(lambda ms: F(ms, 1000))),
            tuple(draw(st.lists(st.sampled_from(_NOTES), min_size=1, max_size=3))),
            draw(st.integers(0, tracks - 1)),
        )
        for _ in range(draw(st.integers(0, 6)) if is_plus and records else 0)
    ]
    plan = Plan(
        kind, seconds, tuple(channels), tuple(onsets), tuple(notes), tracks,
        annotations_first=draw(st.booleans()),
        said=draw(st.sampled_from([None, None, -1, records + 3])),
        header_bytes=draw(st.sampled_from([None, None, 0, 1024])),
        pad=draw(st.sampled_from([b" ", b" ", b"\0"])),
        tail=draw(st.sampled_from([b"", b"", b"\x1a"])),
        patient=PATIENT if draw(st.booleans()) else "X X X X",
    )  # fmt: skip
    return with_noise(plan, draw(st.integers(0, 1000)))
