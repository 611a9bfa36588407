"""What healthy people do before a camera: each function writes into a person from `start` to `end` (s)."""

from __future__ import annotations

import numpy as np

from tests.core.ordinary_people import (
    CHEST,
    EAR,
    EYES_AHEAD,
    MOUTH,
    Activity,
    Person,
    irregular,
    within,
)


def talks_with_lively_hands(person: Person, start: float, end: float) -> None:
    person.says(start, end)
    chance, at = person.chance, start
    while at < end - 1.5:
        both = chance.random() < 0.6
        hands = (0, 1) if both else (int(chance.integers(2)),)
        place = np.array([chance.uniform(-0.5, 0.5), chance.uniform(0.2, 0.8)])
        seconds = chance.uniform(0.3, 0.7)
        for hand in hands:
            late = abs(chance.normal(0, 0.08))
            person.reach(hand, place + chance.normal(0, 0.08, 2), at + late, seconds)
            if chance.random() < 0.4:
                person.jitters(hand, at + seconds, at + seconds + chance.uniform(0.6, 3), 0.07, 2.2, 0.3)
        at += seconds + chance.exponential(1.2)
        if chance.random() < 0.4:
            person.home(at, apart=0.1)
            at += 0.6 + chance.exponential(1.5)


def has_a_conversation(person: Person, start: float, end: float) -> None:
    at = start
    while at < end - 1:
        stop = min(at + person.chance.uniform(1, 3), end)
        person.sounds.speech(at, stop, mine=False)
        reply = min(stop + person.chance.uniform(1, 4), end)
        if reply - stop > 0.8:
            talks_with_lively_hands(person, stop + 0.3, reply)
        at = reply + 0.4
    person.looks(float(person.chance.choice([-1, 1]) * person.chance.uniform(10, 35)), start, end)


def looks_at_a_neighbour(person: Person, start: float, end: float) -> None:
    yaw = float(person.chance.choice([-1, 1]) * person.chance.uniform(30, 60))
    person.looks(yaw, start, min(end, start + 12))
    kind = person.chance.random()
    if kind < 0.4:
        person.says(start + 1, end)
    elif kind < 0.7:
        person.sounds.speech(start + 0.5, end - 0.5, mine=False)
    nods = person.chance.uniform(start + 1, end)
    person.pitch += 5 * irregular(person.t, person.chance, 2, 0.2) * within(person.t, nods, nods + 1.2)


def looks_around(person: Person, start: float, end: float) -> None:
    at = start
    while at < end - 1.5:
        stop = min(at + person.chance.uniform(0.8, 5), end)
        person.looks(float(person.chance.uniform(-55, 55)), at, stop)
        at = stop + person.chance.uniform(0.3, 1.5)


def eats(person: Person, start: float, end: float) -> None:
    hand, at = int(person.chance.integers(2)), start
    while at < end - 2.5:
        person.reach(hand, MOUTH, at, 0.8)
        person.reach(hand, person.rest[hand], at + 1.3 + person.chance.uniform(0, 0.5), 0.8)
        person.jaw += 0.6 * within(person.t, at + 0.6, at + 1.2)
        chewed = min(end, at + person.chance.uniform(4, 11))
        person.chews(at + 1.3, chewed)
        person.jitters(hand, at + 2.6, chewed, 0.04, 1.2, 0.4)
        at = chewed + 0.3


def chews_gum(person: Person, start: float, end: float) -> None:
    person.chews(start, end)


def drinks(person: Person, start: float, end: float) -> None:
    hands = (0, 1) if person.chance.random() < 0.4 else (int(person.chance.integers(2)),)
    at = start
    while at < end - 3:
        sip = person.chance.uniform(1.2, 4)
        for hand in hands:
            person.reach(hand, MOUTH, at + abs(person.chance.normal(0, 0.05)), 0.8)
            person.reach(hand, person.rest[hand], at + 0.8 + sip, 0.9)
        person.pitch -= 12 * within(person.t, at + 0.7, at + 0.8 + sip, 0.4)
        at += sip + person.chance.uniform(3, 8)


def telephones(person: Person, start: float, end: float) -> None:
    hand = int(person.chance.integers(2))
    person.reach(hand, EAR, start, 0.7)
    person.says(start + 1, end - 0.5)


def types_on_a_phone(person: Person, start: float, end: float) -> None:
    hands = (0, 1) if person.chance.random() < 0.5 else (int(person.chance.integers(2)),)
    ahead = person.chance.random() < 0.35
    for hand in hands:
        place = np.array(EYES_AHEAD if ahead else CHEST) + person.chance.normal(0, 0.05, 2)
        person.reach(hand, place, start + abs(person.chance.normal(0, 0.08)), 0.7)
        person.jitters(hand, start + 1, end, 0.012, 3.0, 0.6)
    person.reads(start + 0.5, end, 0.1 if ahead else 1.0)


def reads_a_book(person: Person, start: float, end: float) -> None:
    for hand in range(2):
        person.reach(
            hand,
            np.array(CHEST) + person.chance.normal(0, 0.05, 2),
            start + abs(person.chance.normal(0, 0.1)),
            0.8,
        )
    person.reads(start + 0.5, end, float(person.chance.uniform(0.5, 1.2)))
    turn = person.chance.uniform(start + 2, max(end - 2, start + 2.1))
    person.jitters(1, turn, turn + 1.0, 0.25, 1.0, 0.2)


def watches_a_screen(person: Person, start: float, end: float) -> None:
    course = within(person.t, start, end, 0.3)
    person.no_glances = np.maximum(person.no_glances, 0.75 * course)
    person.blinks_less = np.maximum(person.blinks_less, person.chance.uniform(0.3, 0.75) * course)
    person.yaw *= 1 - 0.7 * course
    person.pitch *= 1 - 0.7 * course
    if person.chance.random() < 0.5:
        person.sounds.speech(start, end, mine=False)


def wrestles_with_an_arm(person: Person, start: float, end: float) -> None:
    hand = int(person.chance.integers(2))
    person.reach(hand, np.array([-0.15, 0.15]) + person.chance.normal(0, 0.08, 2), start, 0.6)
    if person.chance.random() < 0.6:
        person.reach(1 - hand, np.array([-0.5, 0.8]), start + person.chance.uniform(-0.2, 0.5), 0.6)
    pushed = person.chance.uniform(0.03, 0.12) * irregular(person.t, person.chance, 0.5, 0.4)
    tremor = 0.008 * irregular(person.t, person.chance, 9.0, 0.1)
    course = within(person.t, start + 0.8, end - 0.5, 0.5)
    person.wrists[hand] += ((pushed + tremor) * course)[:, None] * np.array([1.0, 0.2])
    person.trunk += (0.04 * irregular(person.t, person.chance, 0.6, 0.4) * course)[:, None] * np.array(
        [1.0, 0.3]
    )
    person.smile += person.chance.uniform(0.2, 0.8) * course
    person.lid *= 1 - 0.3 * course


def scratches(person: Person, start: float, end: float) -> None:
    at = start
    while at < end - 2:
        hand = int(person.chance.integers(2))
        place = [np.array(EAR), np.array([-0.6, 0.4]), person.rest[hand]][int(person.chance.integers(3))]
        person.reach(hand, place, at, 0.5)
        stop = at + 0.6 + person.chance.uniform(1, 3.5)
        person.jitters(hand, at + 0.5, stop, 0.05, float(person.chance.uniform(2.5, 5)), 0.12)
        person.reach(hand, person.rest[hand], stop, 0.6)
        at = stop + person.chance.uniform(2, 6)


def claps(person: Person, start: float, end: float) -> None:
    rate = float(person.chance.uniform(2, 4.2))
    end = min(end, start + person.chance.uniform(3, 9))
    wave = irregular(person.t, person.chance, rate, 0.06) * within(person.t, start + 0.6, end)
    for hand in range(2):
        person.reach(hand, np.array([-0.38, 0.5]), start + abs(person.chance.normal(0, 0.04)), 0.5)
        person.wrists[hand] += 0.11 * wave[:, None] * np.array([1.0, 0.15 * (1 - 2 * hand)])
    person.smile += 0.6 * within(person.t, start, end)
    for at in np.arange(start + 0.6, end, 1 / rate):
        person.sounds.clap(float(at))


def types(person: Person, start: float, end: float) -> None:
    for hand in range(2):
        person.reach(hand, np.array([-0.2, 0.8]), start + abs(person.chance.normal(0, 0.1)), 0.6)
        person.jitters(hand, start + 1, end, float(person.chance.uniform(0.008, 0.03)), 2.8, 0.5)
        at = start + 2
        while at < end - 1:
            person.jitters(hand, at, at + 0.5, 0.12, 1.5, 0.2)
            at += person.chance.exponential(3) + 0.6
    person.reads(start + 1, end, float(person.chance.choice([0.1, 0.6])))


def laughs(person: Person, start: float, end: float) -> None:
    at = start
    while at < end - 1:
        stop = min(at + person.chance.uniform(1, 3.5), end)
        course = within(person.t, at, stop)
        shake = irregular(person.t, person.chance, 4.6, 0.08) * course
        person.trunk[:, 1] += 0.02 * shake
        person.jaw += course * (0.5 + 0.15 * shake)
        person.smile += course * person.chance.uniform(0.6, 1.1)
        person.pitch -= 8 * course
        person.lid *= 1 - person.chance.choice([0.2, 0.85]) * course
        person.sounds.laughter(at, stop, mine=True)
        at = stop + person.chance.uniform(0.5, 4)


def sings_along(person: Person, start: float, end: float) -> None:
    mine = bool(person.chance.random() < 0.7)
    person.sounds.melody(start, end, mine=mine)
    beat = float(person.chance.uniform(0.8, 2))
    if mine:
        person.jaw += (
            0.6
            * np.clip(0.5 + 0.5 * irregular(person.t, person.chance, 1.6, 0.5), 0, 1.5)
            * within(person.t, start, end)
        )
    person.yaw += 6 * irregular(person.t, person.chance, beat, 0.1) * within(person.t, start, end)
    person.trunk[:, 0] += 0.03 * irregular(person.t, person.chance, beat, 0.1) * within(person.t, start, end)


def says_a_long_aaah(person: Person, start: float, end: float) -> None:
    person.says(start, min(start + 3, end))
    at = min(start + 3.3, end - 1)
    person.sounds.held(at, float(person.chance.uniform(0.9, 1.8)), mine=True)
    person.jaw += 0.8 * within(person.t, at, at + 1.4)
    person.says(min(at + 2.2, end), end)


def fidgets(person: Person, start: float, end: float) -> None:
    """Drums, rubs, plays with a pen: while sitting, listening, looking about."""
    at = start
    while at < end - 2:
        hand = int(person.chance.integers(2))
        stop = min(at + person.chance.uniform(2, 9), end)
        person.jitters(
            hand,
            at,
            stop,
            float(person.chance.uniform(0.02, 0.1)),
            float(person.chance.uniform(0.8, 3)),
            0.15,
        )
        at = stop + person.chance.uniform(1, 4)


def stirs_and_wipes(person: Person, start: float, end: float) -> None:
    hand = int(person.chance.integers(2))
    person.reach(hand, np.array([-0.3, 0.7]), start, 0.6)
    rate, size = float(person.chance.uniform(0.9, 2.3)), float(person.chance.uniform(0.04, 0.22))
    person.jitters(hand, start + 0.7, min(end - 0.5, start + person.chance.uniform(3, 12)), size, rate, 0.07)
    person.reads(start, end, 0.6)


def bounces_a_leg(person: Person, start: float, end: float) -> None:
    person.foot[int(person.chance.integers(2))] += (
        0.04
        * irregular(person.t, person.chance, float(person.chance.uniform(4, 6)), 0.05)
        * within(person.t, start, end)
    )


def moves_a_thing_with_both_hands(person: Person, start: float, end: float) -> None:
    at = start
    while at < end - 2.5:
        place = np.array([-0.3 + person.chance.normal(0, 0.1), person.chance.uniform(0.0, 0.7)])
        for hand in range(2):
            late = at + abs(person.chance.normal(0, 0.05))
            person.reach(hand, place, late, 0.7)
            person.reach(hand, person.rest[hand], late + person.chance.uniform(0.9, 4.0), 0.8)
        at += person.chance.uniform(5, 9)


def points_and_stretches(person: Person, start: float, end: float) -> None:
    kind = person.chance.random()
    held = float(person.chance.uniform(0.8, 4))
    hands = (0, 1) if kind < 0.4 else (int(person.chance.integers(2)),)
    place = np.array([0.4, -1.35]) if kind < 0.6 else np.array([1.4, -0.2])
    for hand in hands:
        late = start + abs(person.chance.normal(0, 0.06))
        person.reach(hand, place, late, 0.8)
        person.reach(hand, person.rest[hand], late + 0.8 + held, 0.9)
    if kind > 0.6:
        person.says(start, min(end, start + held + 1))


def rests_a_chin_or_folds_arms(person: Person, start: float, end: float) -> None:
    if person.chance.random() < 0.5:
        person.reach(int(person.chance.integers(2)), np.array([-0.42, -0.15]), start, 0.9)
        return
    for hand in range(2):
        person.reach(hand, np.array([-0.75, 0.45]), start + abs(person.chance.normal(0, 0.1)), 0.8)


def smiles_crookedly(person: Person, start: float, end: float) -> None:
    person.smile += person.chance.uniform(0.4, 1.0) * within(person.t, start, end, 0.5)
    person.pucker += 0.5 * irregular(person.t, person.chance, 0.4, 0.5) * within(person.t, start, end)


def shakes_a_head(person: Person, start: float, end: float) -> None:
    stop = min(end, start + person.chance.uniform(1, 2.5))
    person.yaw += 15 * irregular(person.t, person.chance, 1.8, 0.1) * within(person.t, start, stop)
    person.pitch += 8 * irregular(person.t, person.chance, 2, 0.1) * within(person.t, stop + 0.5, stop + 2)


ACTIVITIES: dict[str, Activity] = {
    activity.__name__: activity
    for activity in (
        talks_with_lively_hands,
        has_a_conversation,
        looks_at_a_neighbour,
        looks_around,
        eats,
        chews_gum,
        drinks,
        telephones,
        types_on_a_phone,
        reads_a_book,
        watches_a_screen,
        wrestles_with_an_arm,
        scratches,
        claps,
        types,
        laughs,
        sings_along,
        says_a_long_aaah,
        fidgets,
        stirs_and_wipes,
        bounces_a_leg,
        moves_a_thing_with_both_hands,
        points_and_stretches,
        rests_a_chin_or_folds_arms,
        smiles_crookedly,
        shakes_a_head,
    )
}
"""Every kind of activity by its name."""
