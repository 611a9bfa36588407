"""The demonstration: a focal to bilateral tonic-clonic course."""

from __future__ import annotations

from app.core.phantom.script import Event, PatientAppearance, PhantomScript, Viewpoint
from app.core.semiology import Laterality, Span

LEFT, RIGHT, BOTH = Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH

# kind, start, end (of 60 s), side, rate, end rate, variant
_COURSE: tuple[tuple[str, float, float, Laterality | None, float, float, str], ...] = (
    ("question", 1.2, 2.6, None, 0, 0, ""),
    ("reply", 3.2, 5.6, None, 4.6, 0, ""),
    ("gesturing", 3.0, 6.0, LEFT, 0, 0, ""),
    ("talking", 6.9, 9.0, None, 4.6, 0, ""),
    ("blank_stare", 10.0, 20.8, None, 0, 0, ""),
    ("oral_automatisms", 12.0, 21.0, None, 1.25, 0, ""),
    ("limb_automatisms", 12.8, 21.8, RIGHT, 1.5, 0, "pick"),
    ("question", 15.0, 16.4, None, 0, 0, ""),
    ("head_turning", 20.6, 33.0, LEFT, 0, 0, ""),
    ("face_pulling", 21.6, 29.6, LEFT, 0, 0, ""),
    ("figure4", 22.6, 29.6, LEFT, 0, 0, ""),
    ("ictal_vocalization", 30.0, 32.8, None, 0, 0, "cry"),
    ("tonic", 29.8, 38.4, BOTH, 0, 0, "extension"),
    ("clonic", 38.0, 49.6, BOTH, 3.4, 1.1, ""),
    ("face_twitching", 38.6, 47.0, LEFT, 3.0, 0, ""),
    ("ictal_vocalization", 44.6, 46.0, None, 0, 0, "groan"),
    ("postictal", 49.8, 60.0, None, 0, 0, ""),
    ("question", 54.0, 55.4, None, 0, 0, ""),
)


def demo_script(seed: int = 7, duration: float = 60.0) -> PhantomScript:
    """The script of the demonstration: conversation with an examiner, blank stare, chewing and fumbling of
    the right hand, versive head turn to the left with face pulling and a straight left arm, tonic phase,
    clonic phase that slows down, limp end.

    The course is laid out over 60 s and scaled to `duration` (seconds).
    """
    scale = duration / 60.0
    events = tuple(
        Event(kind, Span(start * scale, end * scale), side, rate, end_rate, 1.0, variant, seed * 31 + number)
        for number, (kind, start, end, side, rate, end_rate, variant) in enumerate(_COURSE)
    )
    return PhantomScript(
        seed, duration, events, appearance=PatientAppearance(), camera=Viewpoint(), title="demonstration"
    )
