"""The display of an EEG: which file and page are shown, in which montage, with which filters and scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.display_choices import (
    DisplayChoices,
    FileChoices,
    arranged,
    display_choices_from_dict,
    file_choices_from_dict,
    file_sensitivities,
    moved,
    row_keys,
)
from app.core.eeg.filters import Filters
from app.core.eeg.page_scale import SENSITIVITIES, next_step
from app.ui.session.eeg_pages import EegPages
from app.ui.session.eeg_position import EegPosition
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.playback import Playback

if TYPE_CHECKING:
    from app.core.eeg.derivation import DerivedRow, MissingRow
    from app.core.eeg.displayed_file import DisplayedFile
    from app.core.eeg.montage_folder import MontageFile
    from app.core.eeg.montages import Montage


class EegDisplay(QObject):
    """The state of the panel, without a widget. Times without another name are on the EEG's clock."""

    file_changed = Signal()
    """Another file is shown, or none, or more is known of it, or its sync is another one."""
    rows_changed = Signal()
    """Other rows, or the same in another order."""
    scale_changed = Signal()
    """Sensitivity, polarity, clipping or colours."""
    chosen_changed = Signal()
    """Anything that is to be remembered."""
    traces_changed = Signal()
    """More of the page has been read, or it has to be read anew."""
    row_chosen = Signal()
    problem_changed = Signal()
    attach_wanted = Signal(object)
    """The person wants to attach an EEG: its Path, None to choose one."""
    bad_wanted = Signal(str, bool)
    """The channel with this label is to be marked bad, or good again."""

    def __init__(self, opened: OpenedRecording, playback: Playback, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._playback = playback
        self._file: DisplayedFile | None = None
        self._choices = DisplayChoices()
        self._of_file = FileChoices()
        self._montages: tuple[MontageFile, ...] = ()
        self._montage: Montage | None = None
        self._rows: tuple[DerivedRow, ...] = ()
        self._keys: tuple[str, ...] = ()
        self._missing: tuple[MissingRow, ...] = ()
        self._row = ""
        self._problem = ""
        self.position = EegPosition(self)
        self.pages = EegPages(self)
        self.position.moved.connect(self._want)
        self.position.resized.connect(self._on_resized)
        self.pages.tile_read.connect(self.traces_changed)
        self.pages.failed.connect(self.tell_problem)
        playback.moved.connect(self._on_moved)

    # the file

    @property
    def file(self) -> DisplayedFile | None:
        """What is shown; None without an EEG."""
        return self._file

    @property
    def problem(self) -> str:
        """Why the page cannot be read; "" when it can."""
        return self._problem

    def show(self, file: DisplayedFile | None) -> None:
        """Show a file, or more that is known of the same one, or none."""
        before, self._file = self._file, file
        self.tell_problem("")
        if file is None:
            self.pages.use(None, None)
            self._of_file, self._row = FileChoices(), ""
            self._derive()
        elif before is None or before.file is not file.file:
            self._begin(file)
        else:
            self._go_on_with(file, before)
        self.file_changed.emit()

    def _begin(self, file: DisplayedFile) -> None:
        from app.core.eeg.montage_folder import known_montages

        self._row = ""
        self.position.held.choose(None)
        self._montages = known_montages()
        self._set_extent(file)
        self.position.begin(file.sync.to_eeg(self._playback.cursor))
        self._choose_montage()
        self._derive()

    def _go_on_with(self, file: DisplayedFile, before: DisplayedFile) -> None:
        self._set_extent(file)
        if file.sync != before.sync:
            self.position.begin(file.sync.to_eeg(self._playback.cursor))
        if file.bad != before.bad:
            self._derive()
        elif file.timeline is not before.timeline:
            # Without gaps the times are final from the first record on.
            final = file.file.header.is_continuous
            self.pages.read_on(file.read, math.inf if final else before.timeline.known_ns / 1e9)

    def _set_extent(self, file: DisplayedFile) -> None:
        first, last = (file.sync.to_eeg(seconds) for seconds in (0.0, self._opened.duration))
        self.position.set_extent(min(first, 0.0), max(last, file.duration))

    # the rows

    @property
    def montages(self) -> tuple[MontageFile, ...]:
        """The montages that can be chosen."""
        return self._montages

    @property
    def montage(self) -> Montage:
        from app.core.eeg.montages import AS_RECORDED

        return self._montage or AS_RECORDED

    @property
    def rows(self) -> tuple[DerivedRow, ...]:
        """The rows that are shown, from top to bottom."""
        return self._rows

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of each shown row."""
        return self._keys

    @property
    def missing(self) -> tuple[MissingRow, ...]:
        """Rows of the montage that cannot be shown."""
        return self._missing

    @property
    def of_file(self) -> FileChoices:
        """What is chosen for this file."""
        return self._of_file

    def choose_montage(self, name: str) -> None:
        """Show the montage of this file name as its file is now, "" for the usual one; the rows of another
        one are neither hidden nor moved."""
        from app.core.eeg.montage_folder import known_montages

        if name != self._of_file.montage:
            self._of_file = replace(self._of_file, montage=name, hidden=frozenset(), order=())
        self._montages = known_montages()  # one may have been written meanwhile
        self._choose_montage()
        self._derive()
        self.chosen_changed.emit()

    def next_montage(self, by: int) -> None:
        """Show the next (1) or the former (-1) montage of which something can be shown."""
        from app.core.eeg.derivation import derive

        file = self._file
        if file is None:
            return
        shown = [one for one in self._montages if one.montage and derive(one.montage, file.channels()).rows]
        now = [number for number, one in enumerate(shown) if one.montage == self.montage]
        if shown:
            place = now[0] if now else -1 if by > 0 else 0
            self.choose_montage(shown[(place + by) % len(shown)].name)

    def hide_row(self, key: str) -> None:
        """Show a row no longer."""
        self._change_file(hidden=self._of_file.hidden | {key})

    def show_only(self, kind: ChannelKind) -> None:
        """Hide the rows of all other kinds."""
        others = [key for key, row in zip(self._keys, self._rows, strict=True) if row.kind is not kind]
        self._change_file(hidden=self._of_file.hidden | set(others))

    def show_all_rows(self) -> None:
        """Show all rows of the montage in its order."""
        self._change_file(hidden=frozenset(), order=())

    def move_row(self, key: str, by: int) -> None:
        """Move a row down (positive) or up."""
        self._change_file(order=moved(self._keys, key, by))

    @property
    def row(self) -> str:
        """The key of the chosen row; "" when none is."""
        return self._row

    def choose_row(self, key: str) -> None:
        """Choose a row: the toolbar and the keys then change its kind of channel; "" chooses none."""
        if key != self._row:
            self._row = key
            self.row_chosen.emit()

    @property
    def kind(self) -> ChannelKind:
        """The kind of channel that filters and sensitivity are changed of: that of the chosen row, else the
        first of the page."""
        kinds = {key: row.kind for key, row in zip(self._keys, self._rows, strict=True)}
        shown = list(kinds.values())
        usual = ChannelKind.EEG if ChannelKind.EEG in shown or not shown else shown[0]
        return kinds.get(self._row, usual)

    def _choose_montage(self) -> None:
        from app.core.eeg.montage_folder import default_montage

        known = {file.name: file.montage for file in self._montages}
        channels = self._file.channels() if self._file is not None else ()
        self._montage = known.get(self._of_file.montage) or default_montage(channels)

    def _change_file(self, **fields: Any) -> None:
        self._of_file = replace(self._of_file, **fields)
        self._derive()
        self.chosen_changed.emit()

    def _derive(self) -> None:
        """Derive the rows of the montage from the file, and read them."""
        rows: tuple[DerivedRow, ...] = ()
        self._missing = ()
        if self._file is not None:
            from app.core.eeg.derivation import derive

            derived = derive(self.montage, self._file.channels(), self._file.bad_numbers())
            rows, self._missing = derived.rows, derived.missing
        keys = row_keys(rows)
        numbers = arranged(keys, self._of_file)
        self._rows = tuple(rows[number] for number in numbers)
        self._keys = tuple(keys[number] for number in numbers)
        if self._row not in self._keys:
            self.choose_row("")
        self._plan_pages()
        self.rows_changed.emit()

    # filters and scale

    @property
    def choices(self) -> DisplayChoices:
        """What is chosen for all files."""
        return self._choices

    def change(self, **fields: Any) -> None:
        """Change choices by name."""
        self._take_choices(replace(self._choices, **fields))
        self.chosen_changed.emit()

    def set_filters(self, **cuts: Any) -> None:
        """Change the filters of the present kind by name (`low_cut`, `high_cut`, `notch`)."""
        filters: Filters = replace(self._choices.filters[self.kind], **cuts)
        self._take_choices(self._choices.with_filters(self.kind, filters))
        self.chosen_changed.emit()

    def set_sensitivity(self, value: float, kind: ChannelKind | None = None) -> None:
        """Set the µV/mm of a kind of channel in this file; that of the present kind (None) also in the next
        ones. Rows with a separate one follow in proportion."""
        some, own = kind or self.kind, dict(self._of_file.row_sensitivity)
        for key, row in zip(self._keys, self._rows, strict=True):
            if key in own and row.kind is some:
                own[key] *= value / self._usual(some)
        kinds = {**self._of_file.sensitivity, some: value}
        self._of_file = replace(self._of_file, row_sensitivity=own, sensitivity=kinds)
        if kind is None:
            self._take_choices(self._choices.with_sensitivity(some, value))
        else:
            self.scale_changed.emit()
        self.chosen_changed.emit()

    def change_sensitivity(self, steps: int) -> None:
        """Larger waves (positive: fewer µV/mm) or smaller ones, of the present kind."""
        self.set_sensitivity(next_step(SENSITIVITIES, self._usual(self.kind), -steps))

    def _usual(self, kind: ChannelKind) -> float:
        return file_sensitivities(self._choices, self._of_file)[kind]

    def change_row_sensitivity(self, key: str, steps: int) -> None:
        """Larger or smaller waves in one row; 0 as in its kind."""
        own = dict(self._of_file.row_sensitivity)
        value = self.sensitivities()[self._keys.index(key)]
        if steps:
            own[key] = next_step(SENSITIVITIES, value, -steps)
        else:
            own.pop(key, None)
        self._of_file = replace(self._of_file, row_sensitivity=own)
        self.scale_changed.emit()
        self.chosen_changed.emit()

    def sensitivities(self) -> list[float]:
        """µV/mm of each row on the page."""
        usual, own = file_sensitivities(self._choices, self._of_file), self._of_file.row_sensitivity
        return [own.get(key, usual[row.kind]) for key, row in zip(self._keys, self._rows, strict=True)]

    def _take_choices(self, choices: DisplayChoices) -> None:
        before, self._choices = self._choices, choices
        self.position.set_length(choices.page_seconds)
        if _filters(before) != _filters(choices):
            self._plan_pages(same_rows=True)
        self.scale_changed.emit()

    # what is remembered

    def recall(self, data: Mapping[str, Any]) -> None:
        """Restore what was chosen for all files."""
        self._take_choices(display_choices_from_dict(data))

    def recall_file(self, data: Mapping[str, Any]) -> None:
        """Restore what was chosen for the file that is shown."""
        self._of_file = file_choices_from_dict(data)
        self._choose_montage()
        self._derive()

    # pages

    def seek(self, seconds: float, *, exact: bool = True) -> None:
        """Show the frame at a time of the EEG; while the picture is held choose that time instead."""
        if self._file is None:
            return
        if self.position.held.on:
            self.position.held.choose(seconds)
            return
        self._playback.seek(self._file.sync.to_recording(seconds), exact=exact)

    def _plan_pages(self, *, same_rows: bool = False) -> None:
        file = self._file
        if file is None:
            return
        from fractions import Fraction

        from app.core.eeg.trace_tiles import TilePlan

        filters = {kind: self._choices.filters_of(kind) for kind in ChannelKind}
        plan = TilePlan(self._rows, filters, Fraction(self.position.seconds))
        self.pages.use(plan, file.read, same_rows=same_rows)
        self._want()
        self.traces_changed.emit()

    def _want(self) -> None:
        from fractions import Fraction

        start = Fraction(self.position.start)
        self.pages.want(start, start + Fraction(self.position.seconds), self.position.direction)

    def _on_resized(self) -> None:
        self._plan_pages(same_rows=True)
        if self._choices.page_seconds != self.position.seconds:
            self._choices = replace(self._choices, page_seconds=self.position.seconds)
            self.chosen_changed.emit()

    def _on_moved(self, seconds: float) -> None:
        if self._file is not None:
            scrolling = self._choices.smooth and self._playback.playing
            self.position.follow(self._file.sync.to_eeg(seconds), scrolling=scrolling)

    def tell_problem(self, words: str) -> None:
        """Show why there is nothing to see, or no longer ("")."""
        if words != self._problem:
            self._problem = words
            self.problem_changed.emit()


def unit_of(display: EegDisplay, kind: ChannelKind) -> str:
    """The unit of the chosen row if it is of this kind, else of the first that is; "" if not known."""
    rows = dict(zip(display.keys, display.rows, strict=True))
    of_kind = [row for row in (rows.get(display.row), *display.rows) if row is not None and row.kind is kind]
    return of_kind[0].unit if of_kind else "µV"


def _filters(choices: DisplayChoices) -> tuple[Any, ...]:
    """What of the choices changes the values of traces."""
    return choices.filters, choices.zero_phase, choices.harmonics
