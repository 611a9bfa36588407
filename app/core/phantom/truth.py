"""The true answers of a phantom's script for all 20 features, and its lookalikes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.core.phantom.event_kinds import IMPLIED, LOOKALIKES, TOGETHER_KINDS, describe_event
from app.core.phantom.script import Event, PhantomScript
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, to_dict
from app.core.semiology import FEATURE, FEATURES, Answer, Laterality, Presence, Span, joined

VERSION = "1"
_BOTH_SIDES = (None, Laterality.BOTH)
_ANSWER_WITHIN = 2.5


def shown_features(event: Event) -> tuple[str, ...]:
    """The features that an event shows by itself; () for a lookalike."""
    found = IMPLIED.get((event.kind, event.variant)) or IMPLIED.get((event.kind, ""))
    features = found or ((event.kind,) if event.kind in FEATURE else ())
    if event.kind in TOGETHER_KINDS and event.side in _BOTH_SIDES:
        features = (*features, "arms_move_simultaneously")
    if event.kind == "clonic" and event.side in _BOTH_SIDES:
        features = (*features, "full_body_shaking")
    return features


def truth(script: PhantomScript, name: str = "", sha256: str = "") -> Reading:
    """The true answers of a script; `name` and `sha256` are those of its recording."""
    script = _cut_to_duration(script)
    answers = {feature.id: _answer(script, feature.id) for feature in FEATURES}
    answers["verbal_responsiveness"] = _verbal_answer(script)
    return Reading(
        RecordingIdentity(name or f"{script.title}-{script.seed}.mp4", sha256, script.frames / script.fps),
        ReaderIdentity(ReaderKind.PHANTOM, "Phantom script", VERSION, {"seed": str(script.seed)}),
        answers,
    )


def _cut_to_duration(script: PhantomScript) -> PhantomScript:
    """The script without events after its end, for a script that was shortened."""
    end = script.frames / script.fps
    kept = tuple(
        replace(event, span=Span(event.span.start, min(event.span.end, end)))
        for event in script.events
        if event.span.start < end
    )
    return replace(script, events=kept)


def _answer(script: PhantomScript, feature: str) -> Answer:
    events = [
        event for event in sorted(script.events, key=lambda e: e.span) if feature in shown_features(event)
    ]
    if not events:
        return Answer(feature, Presence.NO, 100, explanation="Not part of the script.")
    return Answer(
        feature,
        Presence.YES,
        100,
        joined(tuple(event.span for event in events)),
        _laterality(feature, events),
        "Scripted: " + "; ".join(describe_event(event) for event in events) + ".",
    )


def _laterality(feature: str, events: list[Event]) -> Laterality | None:
    sides: set[Laterality] = set()
    for event in events:
        if event.side is None:
            continue
        if event.kind == "figure4" and feature == "tonic":
            sides.add(Laterality.BOTH)
        elif event.kind == "figure4" and feature == "arm_flexion":
            sides.add(Laterality.RIGHT if event.side is Laterality.LEFT else Laterality.LEFT)
        else:
            sides.add(event.side)
    if not sides:
        return None
    return sides.pop() if len(sides) == 1 else Laterality.BOTH


def _verbal_answer(script: PhantomScript) -> Answer:
    """*Yes* if every question is answered coherently, else *no*; not assessable when nobody asks."""
    feature = "verbal_responsiveness"
    questions = script.of_kind("question")
    if not questions:
        return Answer(feature, Presence.NOT_ASSESSABLE, 100, explanation="Nobody speaks to the patient.")
    clauses: list[str] = []
    spans: list[Span] = []
    answered = True
    for question in questions:
        reply = _reply_to(script, question)
        coherent = reply is not None and reply.kind == "reply"
        answered = answered and coherent
        end = reply.span.end if reply else min(question.span.end + 2.0, script.frames / script.fps)
        spans.append(Span(question.span.start, end))
        how = "a coherent reply" if coherent else "an incoherent reply" if reply else "no reply"
        clauses.append(f"question at {question.span.start:.1f} s, {how}")
    presence = Presence.YES if answered else Presence.NO
    return Answer(feature, presence, 100, joined(tuple(spans)), None, "Scripted: " + "; ".join(clauses) + ".")


def _reply_to(script: PhantomScript, question: Event) -> Event | None:
    for event in script.of_kind("reply", "mumbling"):
        if 0 <= event.span.start - question.span.end <= _ANSWER_WITHIN:
            return event
    return None


def lookalikes(script: PhantomScript) -> list[dict[str, Any]]:
    """Events and conditions that resemble a feature: `kind`, `start`, `end` (seconds)."""
    script = _cut_to_duration(script)
    whole = {"start": 0.0, "end": script.frames / script.fps}
    rows: list[dict[str, Any]] = [
        {"kind": LOOKALIKES[event.kind], "start": event.span.start, "end": event.span.end}
        for event in sorted(script.events, key=lambda e: e.span)
        if event.kind in LOOKALIKES
    ]
    appearance = script.appearance
    conditions = {
        "a blanket over the legs": appearance.blanket,
        "a dim infrared picture with noise": appearance.infrared,
        "a mirrored picture": appearance.mirrored,
        "a camera off-axis": abs(script.camera.off_axis) > 0.1,
    }
    return rows + [{"kind": kind, **whole} for kind, present in conditions.items() if present]


def truth_dict(script: PhantomScript, name: str = "", sha256: str = "") -> dict[str, Any]:
    """The truth in the file format of a reading, with the extra key `lookalikes`."""
    return {**to_dict(truth(script, name, sha256)), "lookalikes": lookalikes(script)}
