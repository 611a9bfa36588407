"""For whom a study is read: a viewer is given nothing that is sealed from any reader it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, person
from app.core.same_names import known_spelling
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class SealedFrom:
    """These readers: what the study withholds from any one of them is left out.

    `until_decided`: the others' answers are also withheld while nobody has said how the study is read.
    Without it such a study counts as read openly.
    """

    readers: tuple[ReaderIdentity, ...]
    until_decided: bool = False


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A viewer of sealed answers too, which only the command line offers; `settle_seal` records it first."""


Viewer = SealedFrom | Unsealed

SEES_ALL: Final = None
"""The viewer of a query of whose result nothing is shown as it is: what is asked withholds nothing. The use
case itself leaves out what is sealed from its `Viewer`."""


@dataclass(frozen=True, slots=True)
class Seal:
    """How many readings were `withheld` as sealed from `readers`, and how many were `unsealed` instead."""

    withheld: int = 0
    unsealed: int = 0
    readers: tuple[str, ...] = ()


NOTHING_SEALED = Seal()


def every_reader(study: Study) -> SealedFrom:
    """All human readers of the study together."""
    return SealedFrom(study.people())


def reader_named(study: Study, name: str) -> SealedFrom:
    """The human reader of this name, in any spelling. Raises UserError when the study has none."""
    people = study.people()
    known = known_spelling(name, (one.name for one in people))
    if known is None:
        names = ", ".join(one.name for one in people) or "none"
        raise UserError(f"The study has no human reader “{name}”; it has {names}.")
    return viewer_of_person(person(known))


def viewer_of_person(me: ReaderIdentity, *, openly: bool = False) -> SealedFrom:
    """One person, from whom the others' answers are withheld also while nobody has said how the study is
    read; `openly` where the person has begun to read it openly by then."""
    return SealedFrom((me,), until_decided=not openly)


def sealed_from(study: Study, viewer: Viewer) -> tuple[ReaderIdentity, ...]:
    """The readers from whom answers may be withheld in this study; () when nothing is sealed."""
    if isinstance(viewer, Unsealed) or not study.settings().blind_by_default:
        return ()
    return viewer.readers if viewer.until_decided or study.blindness_decided() else ()


def is_sealed(study: Study, recording_id: int, readers: Iterable[ReaderIdentity]) -> bool:
    """Whether others' answers to this recording are withheld from any of the readers."""
    return any(study.is_sealed(recording_id, reader) for reader in readers)


def seal_of(study: Study, viewer: Viewer, withheld: int) -> Seal:
    """The seal of what is left out for the viewer; nothing of it is given yet."""
    return Seal(withheld, readers=tuple(one.name for one in sealed_from(study, viewer)))


def settle_seal(study: Study, viewer: Viewer, withheld: int, purpose: str) -> Seal:
    """The seal of what is given; the history of an unsealed study records first what is given, and why.

    To be called before anything is given away, and once it is known that it can be: the record stays. Raises
    UserError when the history cannot be written.
    """
    if isinstance(viewer, SealedFrom):
        return seal_of(study, viewer, withheld)
    kept_from = sealed_from(study, every_reader(study))
    given = sum(len(study.sealed_readers(row.id, kept_from)) for row in study.recordings())
    if given:
        study.note_unsealed(purpose, given)
    return Seal(unsealed=given)


def describe_seal(seal: Seal) -> tuple[str, ...]:
    """Sentences on what was left out or given as sealed; () when nothing was."""
    if seal.unsealed:
        return (f"Sealed readings given all the same: {seal.unsealed}; the study's history says so.",)
    if not seal.withheld:
        return ()
    who, several = ", ".join(seal.readers), len(seal.readers) > 1
    reads, has = ("read", "have") if several else ("reads", "has")
    return (
        f"Readings left out: {seal.withheld}. They are sealed as long as {who} {reads} blind and {has} not "
        "locked theirs and seen the others'.",
    )


def sealed_error(seal: Seal, why: str) -> UserError:
    """The error of a use case that has nothing left to give: what is sealed, then the reason."""
    return UserError(" ".join((*describe_seal(seal), why)))
