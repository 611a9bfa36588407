"""What a model answers when it is shown nothing: black frames and silence, by feature.

A *yes* there is expectation and not observation; how often it is said stands beside what the model says of
the recordings themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.agreement.study_readings import answered_readings, visible_recordings
from app.core.plural import plural
from app.core.reader_details import MERGING
from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading
from app.core.semiology import FEATURES, Presence
from app.core.study.store import Study
from app.core.study.viewer import Viewer

_ASKED = ("provider", "prompts", "mode", MERGING)
"""The details in which a control is like what it controls; what was shown differs by its nature."""


@dataclass(frozen=True, slots=True)
class BlindShare:
    """Of `n` recordings that were answered with nothing shown, how often that was *yes* (`yes`), and in how
    many of the `both` that were also answered as they are the answer is the same (`same`)."""

    n: int
    yes: int
    both: int
    same: int

    @property
    def words(self) -> str:
        """`yes in 3 of 20 recordings`."""
        return f"yes in {self.yes} of {plural(self.n, 'recording')}"

    @property
    def sentence(self) -> str:
        """The share as a caution."""
        clips = "clip" if self.n == 1 else "clips"
        return f"Shown nothing, it said yes to {self.yes} of {self.n} black and silent {clips}."


def controls(control: ReaderIdentity, reader: ReaderIdentity) -> bool:
    """Whether a control asks the same model the same, with nothing shown."""
    return (
        control.is_control
        and not reader.is_control
        and (control.kind, control.name) == (reader.kind, reader.name)
        and (
            reader.kind is not ReaderKind.MODEL
            or all(control.details.get(key) == reader.details.get(key) for key in _ASKED)
        )
    )


def blind_shares(readings: Sequence[Reading], reader: ReaderIdentity) -> Mapping[str, BlindShare]:
    """By feature what the control of a reader answers in these readings, the latest of each recording, which
    comes first; {} without a control."""
    latest_last = [one for one in reversed(readings) if controls(one.reader, reader)]
    blind = {one.recording.sha256: one for one in latest_last}.values()
    asked = reader.anywhere
    shown = {one.recording.sha256: one for one in reversed(readings) if one.reader.anywhere.is_same(asked)}
    found = {}
    for feature in FEATURES:
        said = [(one.answer(feature.id).presence, shown.get(one.recording.sha256)) for one in blind]
        given = [(presence, other) for presence, other in said if presence is not None]
        pairs = [
            (presence, other.answer(feature.id).presence)
            for presence, other in given
            if other is not None and other.answer(feature.id).presence is not None
        ]
        if given:
            yes = sum(presence is Presence.YES for presence, _other in given)
            found[feature.id] = BlindShare(
                len(given), yes, len(pairs), sum(one is other for one, other in pairs)
            )
    return found


def blind_in_study(study: Study, viewer: Viewer) -> Mapping[ReaderKey, Mapping[str, BlindShare]]:
    """What the controls of a study's models answer, by feature; the models by the key of the reader that each
    is `anywhere`, those without a control left out. Nothing that is sealed from the viewer counts."""
    readings = answered_readings(visible_recordings(study, viewer))
    models = {
        one.reader.anywhere.key: one.reader
        for one in readings
        if one.reader.kind is ReaderKind.MODEL and not one.reader.is_control
    }
    shares = {key: blind_shares(readings, reader) for key, reader in models.items()}
    return {key: found for key, found in shares.items() if found}
