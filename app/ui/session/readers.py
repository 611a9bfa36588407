"""Who reads, and what is sealed from them until they lock their reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.same_names import known_spelling
from app.core.study.my_reading import SealState
from app.ui.session.answers import Answers
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.study.edits import Edit

WHO_FIRST = "Say first who reads; the question is above the picture."


class Readers:
    """Changes of who reads and how; the status line says when each is saved."""

    def __init__(self, study: OpenedStudy, answers: Answers, status: StatusLine) -> None:
        self._study = study
        self._answers = answers
        self._status = status
        self._read_here: set[str] = set()
        """Who has read in this window before; nobody has to have answered to be known."""

    @property
    def known(self) -> tuple[str, ...]:
        """The people of the study and of this window, with the one who reads now, by name."""
        people = {*self._answers.my_reading.people, *self._study.candidates, *self._read_here, self.me}
        return tuple(sorted(people, key=str.casefold))

    @property
    def me(self) -> str:
        """The name that answers are kept under."""
        return self._study.me.name

    @property
    def asking(self) -> bool:
        """Whether the person must say how this study is read."""
        return self._answers.my_reading.seal is SealState.ASKING

    @property
    def candidates(self) -> tuple[str, ...]:
        """The persons between whom is to be chosen who reads, before anything is shown or answered."""
        return self._study.candidates

    @property
    def is_sure(self) -> bool:
        """Whether the settings, or a person, have said who reads; else it is only the account's name."""
        return self._study.of_recording.is_sure

    def why_nothing(self, otherwise: str) -> str:
        """Why nothing of the study is shown: that nobody has said who reads, or `otherwise`."""
        return why_nothing(self._study, otherwise)

    def ask_for_new_studies(self, on: bool) -> None:
        """Whether the window asks how a new study is read, which is sealed until the person answers, and who
        reads where that is not known."""
        self._study.of_recording.somebody_asks = on
        self._study.asked_reader.asked = on

    def become(self, name: str) -> bool:
        """Somebody else reads from now on; whether that name can be had. Another spelling of a known name is
        that reader, not a second one."""
        from app.core.study.edits import SetPerson

        name = known_spelling(name, self.known) or name
        try:
            SetPerson(None, name)
        except UserError as error:
            self._status.show_message(str(error))
            return False
        was_sure = self.is_sure
        if was_sure:
            self._read_here.add(self.me)
        self._study.become(name)
        if not was_sure:
            self._status.say(f"answers are kept under the name of {plain(name, 40)}")
        return True

    def read_blind(self, on: bool) -> None:
        """Whether first readings of this study are sealed from the others'; kept in its history."""
        from app.core.study.edits import SetBlindByDefault

        def edit() -> Edit:
            self._study.opened()
            return SetBlindByDefault(self._study.content.blind_by_default, on)

        self._study.apply(edit)

    def lock_and_reveal(self) -> bool:
        """Lock the person's reading and show them the others', once that is on disk; not to be undone.

        Whether it is on its way.
        """
        from app.core.study.change_requests import Reveal
        from app.core.study.edits import LockReading, SetBlindByDefault

        study, mine = self._study, self._answers.my_reading
        asked = True
        if not mine.sealed and study.content.blind_by_default:
            # Nobody was ever asked and the answers were open: this reading was not blind.
            asked = study.apply(lambda: SetBlindByDefault(True, False))
        if asked and not mine.locked:
            asked = study.apply(lambda: LockReading(study.opened(), study.me))
        return asked and study.submit(Reveal(study.recording_number, study.me))


def why_nothing(study: OpenedStudy, otherwise: str) -> str:
    """Why nothing can be done with the study: that nobody has said who reads, or `otherwise`."""
    return WHO_FIRST if study.candidates else otherwise
