"""Whose voice replies: the patient's, if the mouth is seen to move with it, else nobody knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.core.phantom.script import Event, PhantomScript
from app.core.phantom.sound import phantom_sound
from app.core.readers.signal.reader import signal_reading
from app.core.reading import RecordingIdentity
from app.core.semiology import Answer, Presence, Span
from tests.core.patients_of_numbers import ORDINARY, Patient, calm, during, track

Said = tuple[tuple[str, float, float], ...]
ANSWERED: Said = (("question", 2.0, 3.5), ("reply", 4.1, 6.3))
MIXED: Said = (*ANSWERED, ("question", 10.0, 11.5))
SPEECHLESS: Said = (("question", 2.0, 3.5), ("question", 8.0, 9.5))
"""One voice alone, which nobody answers: whose it is, is not known without a face."""
UNSEEN, SLOW, RESTS = "not seen well enough", "too few pictures a second", "mouth rests"


def _person(**changed: object) -> Patient:
    return replace(ORDINARY, seconds=18.0, **changed)  # type: ignore[arg-type]  # fields by name


def _talks(**changed: object) -> Patient:
    """Somebody whose jaw moves at the rate of syllables during the reply."""
    made = calm(jaw=lambda t: (0.5 + 0.5 * np.sin(2 * np.pi * 4.3 * t)) * during(t, 4.1, 6.3), **changed)
    return replace(made, seconds=18.0)


def _verbal(person: Patient, said: Said) -> Answer:
    events = tuple(
        Event(kind, Span(start, end), None, 4.6, 0.0, 1.0, "", 11 * number + 3)
        for number, (kind, start, end) in enumerate(said)
    )
    sound = np.asarray(phantom_sound(PhantomScript(5, person.seconds, events), 16000), dtype=np.float32)
    identity = RecordingIdentity("x.mp4", "0" * 64, person.seconds)
    return signal_reading(identity, track(person), sound).answer("verbal_responsiveness")


@pytest.mark.parametrize(
    ("person", "said", "presence", "why"),
    [
        (_talks(), ANSWERED, Presence.YES, "mouth moves with"),
        (_talks(), MIXED, Presence.NO, "1 times without a coherent answer"),
        (_person(), ANSWERED, Presence.NOT_ASSESSABLE, RESTS),
        (_person(has_face=False), ANSWERED, Presence.NOT_ASSESSABLE, UNSEEN),
        (_person(has_face=False), MIXED, Presence.NOT_ASSESSABLE, UNSEEN),
        (_person(), SPEECHLESS, Presence.NO, "no reply came"),
        (_talks(fps=5.0), ANSWERED, Presence.NOT_ASSESSABLE, SLOW),
        (_talks(fps=5.0), MIXED, Presence.NOT_ASSESSABLE, SLOW),
    ],
)
def test_a_voice_answers_for_whom_it_is_seen_to_move_the_mouth(
    person: Patient, said: Said, presence: Presence, why: str
) -> None:
    answer = _verbal(person, said)
    assert answer.presence is presence, answer.explanation
    assert why in answer.explanation
    if answer.presence is Presence.NOT_ASSESSABLE:
        assert "taken for the patient's" not in answer.explanation
