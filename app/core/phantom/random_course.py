"""Random courses: some features and some lookalikes at random times without contradictions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.core.errors import UserError
from app.core.phantom.random_appearance import pick, random_appearance, random_camera
from app.core.phantom.script import Event, PhantomScript
from app.core.phantom.timetable import ARMS, Timetable
from app.core.semiology import FEATURE, Laterality, Span

_BOTH_ARMS = frozenset(ARMS.values())
_SIDES = (Laterality.LEFT, Laterality.RIGHT)


@dataclass(frozen=True, slots=True)
class EventRecipe:
    """The distribution of one kind of event: its probability `often`, shortest and longest `length` (s),
    ranges of `rate` and `end_rate` (Hz), the resources that it `takes` besides the `arms` of its side, and
    its `sides` (`one`, `both`, `either`, `none`)."""

    kind: str
    often: float
    length: tuple[float, float]
    takes: frozenset[str]
    sides: str = "none"
    rate: tuple[float, float] = (0.0, 0.0)
    end_rate: tuple[float, float] = (0.0, 0.0)
    variants: tuple[str, ...] = ("",)
    arms: bool = False


def _recipe(kind: str, often: float, length: tuple[float, float], *takes: str, **rest: object) -> EventRecipe:
    return replace(EventRecipe(kind, often, length, frozenset(takes)), **rest)  # type: ignore[arg-type]  # rows


LIMB_RECIPES: tuple[EventRecipe, ...] = (
    _recipe("full_body_shaking", 0.26, (7, 9), "legs", "trunk", sides="both", rate=(4.4, 5.4), arms=True),
    _recipe("asynchronous_movement", 0.36, (8, 10), "legs", sides="both", rate=(2.2, 3.4), arms=True),
    _recipe(
        "tonic",
        0.34,
        (8, 10.5),
        "legs",
        sides="either",
        variants=("extension", "flexion", "halfway"),
        arms=True,
    ),
    _recipe("figure4", 0.30, (7.5, 9), sides="one", arms=True),
    _recipe("clonic", 0.42, (8, 11), sides="either", rate=(2.8, 4.2), end_rate=(0.9, 1.5), arms=True),
    _recipe(
        "limb_automatisms", 0.44, (9, 12), sides="one", rate=(1.1, 1.9), variants=("pick", "rub"), arms=True
    ),
    _recipe("arms_move_simultaneously", 0.16, (3, 4), sides="both", variants=("", "forward"), arms=True),
    _recipe("arm_flexion", 0.26, (5, 7), sides="one", arms=True),
    _recipe("arm_straightening", 0.26, (5, 7), sides="one", arms=True),
    _recipe("pelvic_thrusting", 0.42, (7, 10), "legs", "trunk", rate=(1.0, 1.8)),
)
"""Events of arms and trunk; those that take most resources come first, so that they find time."""

FACE_RECIPES: tuple[EventRecipe, ...] = (
    _recipe("head_turning", 0.42, (8, 12), "head", sides="one"),
    _recipe("blank_stare", 0.42, (9, 13), "head", "eyes", "attention"),
    _recipe("oral_automatisms", 0.42, (8, 12), "mouth", rate=(1.0, 1.5), variants=("", "smack")),
    _recipe("eye_blinking", 0.45, (5, 8), "eyes", rate=(1.6, 2.8)),
    _recipe("face_twitching", 0.40, (6, 9), "mouth", sides="one", rate=(2.2, 3.8)),
    _recipe("face_pulling", 0.40, (5, 8), "mouth", sides="one"),
    _recipe("ictal_vocalization", 0.42, (1.6, 3.2), "mouth", "sound", variants=("groan", "cry")),
)

LOOKALIKE_RECIPES: tuple[EventRecipe, ...] = (
    _recipe("talking", 0.45, (3, 5), "mouth", "sound", "attention", rate=(4.2, 5.2)),
    _recipe("phone", 0.40, (6, 9), "head", "eyes", "attention", sides="one", arms=True),
    _recipe("reaching", 0.45, (2.4, 3.4), "head", sides="one", arms=True),
    _recipe("turning", 0.45, (1.8, 2.6), "head", "eyes", "sound", "attention", sides="one"),
    _recipe("nurse", 0.35, (6, 8), "nurse", sides="one", arms=True),
)
_SLEEP, _CLOSED, _ASKED, _ANSWERED = 0.38, 0.35, 0.78, 0.5


def random_script(
    seed: int, duration: float = 60.0, features: tuple[str, ...] | None = None, lookalikes: bool = True
) -> PhantomScript:
    """A script of a random subset of features, or of exactly `features` and what they include by definition
    (a figure-4 posture has a bent and a straight arm), with or without lookalikes.

    Raises UserError for an unknown feature and when the features do not fit together or into `duration` (s).
    """
    if features is None:
        wanted = _choose_features(seed)
        events = _build_events(seed, duration, wanted, lookalikes, 1.0, strict=False)
        return _script(seed, duration, events or (), lookalikes)
    _check_features(features)
    for attempt in range(60):
        tight = max(0.45, 1.0 - 0.02 * attempt)
        events = _build_events(
            seed + 1000 * attempt, duration, frozenset(features), lookalikes, tight, strict=True
        )
        if events is not None:
            return _script(seed, duration, events, lookalikes)
    raise UserError(
        f"These features do not fit into {duration:g} seconds; choose fewer or a longer duration."
    )


def _check_features(features: tuple[str, ...]) -> None:
    for feature in features:
        if feature not in FEATURE:
            raise UserError(f"“{feature}” is not one of the 20 features.")
    closed = {"close_eyes"} & set(features)
    opened = {"blank_stare", "eye_blinking", "occur_during_sleep"} & set(features)
    if closed and opened:
        raise UserError(f"Closed eyes and {FEATURE[opened.pop()].name.lower()} exclude one another.")


def _choose_features(seed: int) -> frozenset[str]:
    generator = np.random.default_rng([seed, 3])
    wanted = {recipe.kind for recipe in (*LIMB_RECIPES, *FACE_RECIPES) if generator.random() < recipe.often}
    closed, sleep, asked, answered = generator.random(4)
    if closed < _CLOSED:
        wanted = (wanted - {"blank_stare", "eye_blinking"}) | {"close_eyes"}
    elif sleep < _SLEEP / (1 - _CLOSED):
        wanted.add("occur_during_sleep")
    if asked < _ASKED:
        wanted.add("asked")
        if answered < _ANSWERED:
            wanted.add("verbal_responsiveness")
    return frozenset(wanted)


def _script(seed: int, duration: float, events: tuple[Event, ...], lookalikes: bool) -> PhantomScript:
    hidden = any(
        event.kind in ("pelvic_thrusting", "full_body_shaking", "asynchronous_movement")
        or (event.kind == "clonic" and event.side is Laterality.BOTH)
        for event in events
    )
    return PhantomScript(
        seed,
        duration,
        events,
        appearance=random_appearance(seed, lookalikes=lookalikes, blanket=0.0 if hidden else 0.6),
        camera=random_camera(seed, lookalikes=lookalikes),
        title="random",
    )


def _build_events(
    seed: int, duration: float, wanted: frozenset[str], lookalikes: bool, tight: float, *, strict: bool
) -> tuple[Event, ...] | None:
    """Events for the wanted features; one that finds no time is left out, or the result is None if
    `strict`."""
    generator = np.random.default_rng([seed, 4])
    asleep = "occur_during_sleep" in wanted
    onset = min(float(generator.uniform(6, 8.5)), 0.16 * duration)
    end = duration - min(float(generator.uniform(3, 5)), 0.1 * duration)
    table = Timetable(Span(onset + (0.5 if asleep else 0.0), end), generator)
    events: list[Event] = []
    if asleep:
        everything = frozenset(
            {*_BOTH_ARMS, "legs", "trunk", "head", "eyes", "mouth", "attention", "nurse", "sound"}
        )
        table.reserve(everything, Span(0, onset))
        events.append(Event("asleep", Span(0, round(onset, 2)), seed=seed))
    if "close_eyes" in wanted:
        length = (end - onset) * float(generator.uniform(0.86, 0.96))
        start = max(0.6, onset - 0.3)
        events.append(_close_eyes(Span(round(start, 2), round(start + length, 2)), table, generator))
    for recipe in (*LIMB_RECIPES, *FACE_RECIPES):
        if recipe.kind in wanted:
            event = _place_event(recipe, table, generator, wanted, tight=tight if strict else 1.0)
            if event is None and strict:
                return None
            events += [event] if event else []
    spoken = _exchange(wanted, table, generator, strict)
    if spoken is None:
        return None
    events += spoken
    if lookalikes:
        events += _lookalikes(table, generator, duration, spoken=bool(spoken))
    return tuple(sorted(events, key=lambda event: event.span))


def _close_eyes(span: Span, table: Timetable, generator: np.random.Generator) -> Event:
    table.reserve(frozenset({"eyes"}), span)
    return Event("close_eyes", span, variant=pick(generator, ("", "squeezed")))


def _side(recipe: EventRecipe, generator: np.random.Generator) -> Laterality | None:
    if recipe.sides == "none":
        return None
    if recipe.sides == "both" or (recipe.sides == "either" and generator.random() < 0.45):
        return Laterality.BOTH
    return pick(generator, _SIDES)


def _place_event(
    recipe: EventRecipe,
    table: Timetable,
    generator: np.random.Generator,
    wanted: frozenset[str],
    *,
    tight: float = 1.0,
    window: Span | None = None,
) -> Event | None:
    side = _side(recipe, generator)
    takes = recipe.takes
    if recipe.arms:
        one = side in ARMS and recipe.kind != "figure4"
        takes |= {ARMS[side]} if side in ARMS and one else _BOTH_ARMS
    if recipe.kind == "clonic" and side is Laterality.BOTH:
        takes |= {"legs", "trunk"}
    low, high = recipe.length
    length = max(low * 0.62, float(generator.uniform(low, high)) * tight)
    if recipe.kind == "arms_move_simultaneously":
        length = max(2.4, length)
    variant = _variant(recipe, generator, wanted)
    rate, end_rate = (
        round(float(generator.uniform(*bounds)), 2) for bounds in (recipe.rate, recipe.end_rate)
    )
    seed = int(generator.integers(1, 10_000))
    span = table.find(takes, round(length, 2), window)
    if span is None:
        return None
    return Event(recipe.kind, span, side, rate, end_rate, 1.0, variant, seed)


def _variant(recipe: EventRecipe, generator: np.random.Generator, wanted: frozenset[str]) -> str:
    """A random variant; that of a tonic arm is straight or bent where such a feature is wanted as well."""
    drawn = pick(generator, recipe.variants)
    if recipe.kind != "tonic":
        return drawn
    fitting = [
        variant
        for variant, feature in (("extension", "arm_straightening"), ("flexion", "arm_flexion"))
        if feature in wanted
    ]
    return fitting[0] if fitting else drawn


def _exchange(
    wanted: frozenset[str], table: Timetable, generator: np.random.Generator, strict: bool
) -> list[Event] | None:
    """A question and the reply; no events when nobody asks, None when they find no time and `strict`."""
    answered = "verbal_responsiveness" in wanted
    if not answered and "asked" not in wanted:
        return []
    question = round(float(generator.uniform(1.2, 1.7)), 2)
    gap = round(float(generator.uniform(0.4, 0.9)), 2)
    reply = round(float(generator.uniform(1.4, 2.4)), 2)
    takes = frozenset({"mouth", "sound", "attention"}) if answered else frozenset({"mouth", "sound"})
    span = table.find(takes, question + gap + max(reply, 2.2))
    if span is None:
        return None if strict and answered else []
    asked = Event(
        "question", Span(span.start, round(span.start + question, 2)), seed=int(generator.integers(1, 10_000))
    )
    start = round(asked.span.end + gap, 2)
    said = Span(start, round(start + (reply if answered else min(reply, 1.4)), 2))
    if answered:
        return [asked, Event("reply", said, rate=4.6, seed=int(generator.integers(1, 10_000)))]
    if generator.random() < 0.3:
        return [asked, Event("mumbling", said, rate=2.2, seed=int(generator.integers(1, 10_000)))]
    return [asked]


def _lookalikes(
    table: Timetable, generator: np.random.Generator, duration: float, *, spoken: bool
) -> list[Event]:
    """Lookalikes wherever there is time. The patient turns to a voice only if a question is asked too:
    otherwise responsiveness could not be judged."""
    window = Span(0.5, max(0.6, duration - 0.5))
    events: list[Event] = []
    for recipe in LOOKALIKE_RECIPES:
        if generator.random() >= recipe.often:
            continue
        event = _place_event(recipe, table, generator, frozenset(), window=window)
        if event is None:
            continue
        events.append(event)
        if event.kind == "turning" and spoken:
            heard = Span(event.span.start, round(event.span.start + 0.9, 2))
            events.append(Event("statement", heard, seed=event.seed))
    return events
