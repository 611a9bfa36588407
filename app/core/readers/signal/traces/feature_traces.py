"""Which measures and thresholds decide each feature, as rows of traces: the table that the panel draws.

A row has the very arrays that the feature's rule reads, and the thresholds by their names in `thresholds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.limbs import LimbMeasures
from app.core.readers.signal.rules.asymmetry import least_pull, least_twitch, steady_pull
from app.core.readers.signal.rules.context import head_speed, trunk_speed
from app.core.readers.signal.rules.eyes import gaze_and_head_movement
from app.core.readers.signal.thresholds import limit
from app.core.readers.signal.traces.measured_curves import Curves, MeasuredCurves
from app.core.timeline.traces import MeasuredTrace, TraceLimit

Rows = Iterator[MeasuredTrace]

WIDTHS = "shoulder widths"
FACE_WIDTHS = "eye-corner widths"
AT_LEAST, AT_MOST = "at least", "at most"


def feature_traces(made: MeasuredCurves, feature: str) -> tuple[MeasuredTrace, ...]:
    """The rows of one feature; none where nothing that it rests on was measured."""
    return tuple(trace for trace in _TABLE[feature](made) if trace.curves)


def _limits(words: str, *names: str) -> tuple[TraceLimit, ...]:
    return tuple(TraceLimit(limit(name), words) for name in names)


def _between(low: str, high: str) -> tuple[TraceLimit, ...]:
    return (*_limits(AT_LEAST, low), *_limits(AT_MOST, high))


# --- limbs -------------------------------------------------------------------------------------


def _angles(
    made: MeasuredCurves, limbs: Sequence[LimbMeasures], limits: tuple[TraceLimit, ...]
) -> MeasuredTrace:
    joint = "Elbow" if limbs and limbs[0].name.kind == "arm" else "Knee"
    return MeasuredTrace(f"{joint} angle", "°", made.of_limbs(limbs, "angle"), limits)


def _speeds(
    made: MeasuredCurves, limbs: Sequence[LimbMeasures], limits: tuple[TraceLimit, ...]
) -> MeasuredTrace:
    end = "Wrist" if limbs and limbs[0].name.kind == "arm" else "Ankle"
    return MeasuredTrace(f"{end} speed", f"{WIDTHS}/s", made.of_limbs(limbs, "speed"), limits)


def _shaken(limbs: Sequence[LimbMeasures], name: str) -> tuple[TraceLimit, ...]:
    """What a rhythm has to exceed: a threshold, or the tremble of the landmarks."""
    found = {max(limit(name), limit("rhythm_over_noise") * limb.noise) for limb in limbs}
    return tuple(TraceLimit(value, AT_LEAST) for value in sorted(found))


def _rhythm(
    made: MeasuredCurves, limbs: Sequence[LimbMeasures], what: str, unit: str, limits: tuple[TraceLimit, ...]
) -> MeasuredTrace:
    end = "Wrist" if limbs and limbs[0].name.kind == "arm" else "Ankle"
    return MeasuredTrace(f"{end} {_SAID[what]}", unit, made.of_rhythms(limbs, what), limits)


_SAID = {
    "rate": "rate",
    "amplitude": "movement",
    "regularity": "regularity",
    "concentration": "at one rate",
    "speed": "speed of jerks",
    "abruptness": "abruptness",
}


def _flexion(made: MeasuredCurves) -> Rows:
    arms = made.measures.arms
    yield _angles(made, arms, _limits(AT_MOST, "elbow_flexed"))
    yield _speeds(made, arms, _limits("taken with", "onset_brisk"))


def _straightening(made: MeasuredCurves) -> Rows:
    arms = made.measures.arms
    yield _angles(made, arms, _limits(AT_LEAST, "elbow_straight"))
    yield _speeds(made, arms, _limits("taken with", "onset_brisk"))


def _figure4(made: MeasuredCurves) -> Rows:
    arms = made.measures.arms
    yield _angles(
        made, arms, (*_limits("straight from", "elbow_straight"), *_limits("bent to", "elbow_flexed"))
    )
    yield _speeds(made, arms, _limits("taken with", "onset_brisk"))


def _tonic(made: MeasuredCurves) -> Rows:
    for limbs in (made.measures.arms, made.measures.legs):
        yield _angles(made, limbs, ())
        yield _speeds(made, limbs, _limits("taken with", "onset_brisk"))


def _clonic(made: MeasuredCurves) -> Rows:
    for limbs, regular, fast in (
        (made.measures.arms, "clonic_regularity", "jerk_speed"),
        (made.measures.legs, "leg_regularity", "moving_speed"),
    ):
        yield _rhythm(made, limbs, "rate", "Hz", _between("clonic_lowest", "clonic_highest"))
        yield _rhythm(made, limbs, "amplitude", WIDTHS, _shaken(limbs, "rhythm_amplitude"))
        yield _rhythm(made, limbs, "regularity", "", _limits(AT_LEAST, regular))
        yield _rhythm(made, limbs, "speed", f"{WIDTHS}/s", _limits(AT_LEAST, fast))
        yield _rhythm(made, limbs, "concentration", "", _limits(AT_LEAST, "clonic_concentration"))


def _limb_automatisms(made: MeasuredCurves) -> Rows:
    arms = made.measures.arms
    size = (*_shaken(arms, "automatism_amplitude"), *_limits(AT_MOST, "automatism_largest"))
    yield _rhythm(made, arms, "rate", "Hz", _between("automatism_lowest", "automatism_highest"))
    yield _rhythm(made, arms, "amplitude", WIDTHS, size)
    yield _rhythm(made, arms, "concentration", "", _limits(AT_LEAST, "automatism_concentration"))
    yield _rhythm(made, arms, "abruptness", "", _limits("jerks from", "jerk_abruptness"))
    yield _speeds(made, arms, ())


def _moving(limbs: Sequence[LimbMeasures]) -> tuple[TraceLimit, ...]:
    return tuple(TraceLimit(value, "moves from") for value in sorted({one.moving_limit for one in limbs}))


def _together(made: MeasuredCurves) -> Rows:
    arms = made.measures.arms
    yield _speeds(made, arms, (*_moving(arms), *_limits("brisk from", "onset_speed")))


def _asynchronous(made: MeasuredCurves) -> Rows:
    for limbs, size in (
        (made.measures.arms, "asynchronous_amplitude"),
        (made.measures.legs, "asynchronous_leg_amplitude"),
    ):
        yield _rhythm(made, limbs, "rate", "Hz", ())
        yield _rhythm(made, limbs, "amplitude", WIDTHS, _shaken(limbs, size))
        name = "Wrists in step" if size == "asynchronous_amplitude" else "Ankles in step"
        yield MeasuredTrace(name, "", made.in_step(limbs), _limits("below", "in_step", "unrelated"))


def _whole_body(made: MeasuredCurves) -> Rows:
    measures = made.measures
    for limbs, size in ((measures.arms, "shaking_amplitude"), (measures.legs, "leg_amplitude")):
        yield _rhythm(made, limbs, "rate", "Hz", ())
        yield _rhythm(made, limbs, "amplitude", WIDTHS, _shaken(limbs, size))
    yield MeasuredTrace("Wrists in step", "", made.in_step(measures.arms), _limits(AT_LEAST, "in_step"))
    if measures.trunk is not None and measures.body is not None:
        whole = measures.trunk.whole
        noise = float(np.max(measures.body.noise[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]]))
        least = max(limit("trunk_amplitude"), limit("rhythm_over_noise") * noise)
        yield MeasuredTrace("Trunk rate", "Hz", made.over_windows("trunk", "rate", whole, whole.rate))
        yield MeasuredTrace(
            "Trunk movement",
            WIDTHS,
            made.over_windows("trunk", "amplitude", whole, whole.amplitude),
            (TraceLimit(least, AT_LEAST),),
        )


def _hips(made: MeasuredCurves) -> Rows:
    if made.measures.trunk is None:
        return
    hips = made.measures.trunk.hips
    for name, unit, what, limits in (
        ("Hips rate", "Hz", "rate", _between("clonic_lowest", "pelvic_highest")),
        ("Hips movement", WIDTHS, "amplitude", _limits(AT_LEAST, "pelvic_amplitude")),
        ("Hips regularity", "", "regularity", _limits(AT_LEAST, "pelvic_regularity")),
    ):
        yield MeasuredTrace(name, unit, made.over_windows("hips", what, hips, getattr(hips, what)), limits)


# --- head and face -----------------------------------------------------------------------------


def _lids(made: MeasuredCurves, *limits: TraceLimit) -> Rows:
    eyes = made.measures.eyes
    if eyes is not None:
        yield MeasuredTrace(
            "Lid opening", "of open eyes", made.over_pictures("lids", "opening", eyes.opening), limits
        )


def _closed_lids(made: MeasuredCurves) -> Rows:
    eyes = made.measures.eyes
    if eyes is not None:
        yield from _lids(made, TraceLimit(eyes.shut_limit, "closed below"))


def _sleep(made: MeasuredCurves) -> Rows:
    yield from _closed_lids(made)
    yield _speeds(made, made.measures.arms, _moving(made.measures.arms))
    for name, unit, found in (
        ("Trunk speed", f"{WIDTHS}/s", trunk_speed(made.measures)),
        ("Head speed", f"{FACE_WIDTHS}/s", head_speed(made.measures)),
    ):
        if found is not None:
            part = name.split()[0].lower()
            curves = made.over_pictures(part, "speed", found[0])
            yield MeasuredTrace(name, unit, curves, (TraceLimit(found[1], "moves from"),))


def _closed_eyes(made: MeasuredCurves) -> Rows:
    yield from _closed_lids(made)
    yield from _pitch(made)


def _pitch(made: MeasuredCurves) -> Rows:
    head = made.measures.head
    if head is not None:
        limits = (TraceLimit(2 * limit("head_lowered"), "bowed from"),)
        yield MeasuredTrace("Head lowered", "°", made.over_pictures("head", "pitch", head.pitch), limits)


def _blinking(made: MeasuredCurves) -> Rows:
    eyes = made.measures.eyes
    yield from _lids(made)
    if eyes is not None and len(eyes.blinks) > 1:
        # A rapid run may have pauses that are a quarter longer than its rate says.
        least = TraceLimit(limit("blink_rate") / 1.25, AT_LEAST)
        rates = 1 / np.maximum(np.diff(eyes.blinks), 1e-3)
        yield MeasuredTrace("Blinks", "Hz", made.at_times("blinks", "rate", eyes.blinks[1:], rates), (least,))


def _stare(made: MeasuredCurves) -> Rows:
    measures = made.measures
    yield from _closed_lids(made)
    if measures.grid is None or measures.eyes is None or measures.head is None:
        return
    gaze, head = gaze_and_head_movement(measures.grid, measures.eyes, measures.head)
    yield MeasuredTrace(
        "Gaze moves", "eye widths", made.over_pictures("gaze", "within", gaze), _limits("below", "stare_gaze")
    )
    yield MeasuredTrace(
        "Head moves", "°", made.over_pictures("head", "within", head), _limits("below", "stare_head")
    )


def _turning(made: MeasuredCurves) -> Rows:
    head = made.measures.head
    if head is None:
        return
    edge, far = limit("head_turn_edge"), limit("head_turn_angle")
    limits = tuple(
        TraceLimit(sign * value, words)
        for value, words in ((far, AT_LEAST), (edge, "begins at"))
        for sign in (1, -1)
    )
    turned = made.over_pictures("head, left positive", "yaw", head.yaw - head.usual)
    yield MeasuredTrace("Head turned", "°", turned, limits)
    speed = made.over_pictures("head", "turning", np.abs(head.speed))
    yield MeasuredTrace("Turning speed", "°/s", speed, _limits("forced to", "head_turn_dragged"))
    yield from _pitch(made)


def _pulling(made: MeasuredCurves) -> Rows:
    if made.measures.mouth is None:
        return
    pull = steady_pull(made.measures)
    least = least_pull(pull)
    limits = (TraceLimit(least, "left from"), TraceLimit(-least, "right from"))
    yield MeasuredTrace(
        "Face drawn", FACE_WIDTHS, made.over_pictures("left further out", "pull", pull), limits
    )
    yield from _yaw(made)


def _yaw(made: MeasuredCurves) -> Rows:
    """Whether the face is seen from the front, which decides whether its sides can be compared."""
    head = made.measures.head
    if head is not None:
        within = limit("face_judged_within")
        limits = (TraceLimit(within, "within"), TraceLimit(-within, "within"))
        turned = made.over_pictures("head, left positive", "yaw", head.yaw - head.usual)
        yield MeasuredTrace("Head turned", "°", turned, limits)


def _twitching(made: MeasuredCurves) -> Rows:
    mouth = made.measures.mouth
    if mouth is None:
        return
    jerks = mouth.jerks
    least = (TraceLimit(least_twitch(made.measures), AT_LEAST),)
    for name, unit, what, limits in (
        ("Jerks rate", "Hz", "rate", _between("twitch_lowest", "twitch_highest")),
        ("Jerks size", FACE_WIDTHS, "amplitude", least),
        ("Jerks regularity", "", "regularity", _limits(AT_LEAST, "twitch_regularity")),
    ):
        curves = made.over_windows("one side of the face", what, jerks, getattr(jerks, what))
        yield MeasuredTrace(name, unit, curves, limits)
    yield from _yaw(made)


def _chewing(made: MeasuredCurves) -> Rows:
    mouth = made.measures.mouth
    if mouth is None:
        return
    yield MeasuredTrace("Mouth opening", FACE_WIDTHS, made.over_pictures("lips", "opening", mouth.opening))
    chewing = mouth.chewing
    for name, unit, what, limits in (
        ("Chewing rate", "Hz", "rate", _between("chewing_lowest", "chewing_highest")),
        ("Chewing size", FACE_WIDTHS, "amplitude", _limits(AT_LEAST, "chewing_amplitude")),
        ("Chewing regularity", "", "regularity", _limits(AT_LEAST, "chewing_regularity")),
    ):
        yield MeasuredTrace(
            name, unit, made.over_windows("mouth", what, chewing, getattr(chewing, what)), limits
        )


# --- sound -------------------------------------------------------------------------------------


def _heard(made: MeasuredCurves) -> Rows:
    voice = made.measures.voice
    if voice is None:
        return
    above: Curves = made.over_sound("sound", "level", np.maximum(voice.level - voice.room, -20.0))
    yield MeasuredTrace("Above the room", "dB", above, _limits("voice from", "voice_over_room"))
    yield MeasuredTrace(
        "Pitch",
        "Hz",
        made.over_sound("voice", "pitch", voice.pitch),
        _between("pitch_lowest", "pitch_highest"),
    )


def _vocalisation(made: MeasuredCurves) -> Rows:
    yield from _heard(made)
    for name, unit, what, words, threshold in (
        ("Longest sound", "s", "longest", AT_LEAST, "vocal_seconds"),
        ("Syllables", "Hz", "syllable_rate", "below", "vocal_syllable_rate"),
    ):
        yield MeasuredTrace(name, unit, _utterances(made, what), _limits(words, threshold))


def _response(made: MeasuredCurves) -> Rows:
    yield from _heard(made)
    yield MeasuredTrace("Variety", "dB", _utterances(made, "variety"), _limits(AT_LEAST, "syllable_variety"))
    yield MeasuredTrace(
        "Voice rises", "semitones", _utterances(made, "rise"), _limits("asks from", "question_rises")
    )
    mouth = made.measures.mouth
    if mouth is not None:
        curves = made.over_pictures("lips and chin", "articulation", mouth.articulation)
        yield MeasuredTrace("Mouth moves", FACE_WIDTHS, curves, _limits("talks from", "mouth_talks"))


def _utterances(made: MeasuredCurves, what: str) -> Curves:
    """A number of each utterance, as a level line from its beginning to its end."""
    voice = made.measures.voice
    if voice is None or not voice.utterances:
        return ()
    times = [(one.span.start, one.span.end, one.span.end + 1e-3) for one in voice.utterances]
    values = [(getattr(one, what), getattr(one, what), np.nan) for one in voice.utterances]
    return made.at_times("utterance", what, np.ravel(times), np.ravel(values))


_TABLE: dict[str, Callable[[MeasuredCurves], Rows]] = {
    "occur_during_sleep": _sleep,
    "arm_flexion": _flexion,
    "arm_straightening": _straightening,
    "arms_move_simultaneously": _together,
    "figure4": _figure4,
    "tonic": _tonic,
    "clonic": _clonic,
    "limb_automatisms": _limb_automatisms,
    "asynchronous_movement": _asynchronous,
    "pelvic_thrusting": _hips,
    "full_body_shaking": _whole_body,
    "blank_stare": _stare,
    "close_eyes": _closed_eyes,
    "eye_blinking": _blinking,
    "face_pulling": _pulling,
    "face_twitching": _twitching,
    "head_turning": _turning,
    "oral_automatisms": _chewing,
    "verbal_responsiveness": _response,
    "ictal_vocalization": _vocalisation,
}
