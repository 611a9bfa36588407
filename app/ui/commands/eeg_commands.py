"""The commands of the EEG panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QMenu

from app.core.eeg.filters import HIGH_CUTS, LOW_CUTS, MAINS, Filters
from app.core.eeg.page_scale import next_step
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.commands.eeg_choices import remember_eeg_choices
from app.ui.commands.eeg_layout import OVERVIEW_HEIGHT, EegLayout
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.late_dock import LateDock

if TYPE_CHECKING:
    from app.ui.views.eeg_panel import EegPanel


class EegCommands(QObject):
    """Makes the commands, and shows and hides the panel."""

    laid_out = Signal()
    arranged = Signal()
    """As of the layout."""

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        memory: Memory,
        docks: Mapping[str, LateDock],
        is_full_screen: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._dock = docks["eeg"]
        self._session = session
        self._is_full_screen = is_full_screen
        self._was_there = False
        self._layout = EegLayout(window, docks, memory.settings.eeg_window_state, is_full_screen)
        self._layout.laid_out.connect(self.laid_out)
        self._layout.arranged.connect(self.arranged)
        remember_eeg_choices(session.eeg, memory, self)
        session.eeg.file_changed.connect(self.follow_file)

    def commands(self) -> tuple[Command, ...]:
        return (
            *self._paging(),
            *self._scaling(),
            *self._filtering(),
            *self._choosing_rows(),
            *self._overviewing(),
            *self._measuring(),
            Command(
                "show_eeg",
                Menu.VIEW,
                "EEG",
                ("Ctrl+E",),
                "The EEG of the recording.",
                self.toggle_panel,
                lambda: not self._dock.isHidden(),
            ),
        )

    def fill_strip(self, menu: QMenu) -> None:
        """Let the button of the panel's strip open the menu of the EEG."""
        self._dock.made.connect(lambda panel: panel.toolbar.set_menu(menu))

    @property
    def _panel(self) -> EegPanel:
        from app.ui.views.eeg_panel import EegPanel

        self._dock.make_panel()
        panel = self._dock.widget()
        assert isinstance(panel, EegPanel)
        return panel

    def show_if_there(self) -> None:
        """Show the panel if there is an EEG, else hide it."""
        self._was_there = self._session.eeg.file is not None
        if self._was_there:
            self._show_dock()
        else:
            self._layout.hide()

    def remembered_layouts(self, now: QByteArray) -> tuple[str, str]:
        """The layouts without and with the panel as texts, where the panels lie as in `now`."""
        return self._layout.remembered(now)

    def toggle_panel(self) -> None:
        """Show or hide the panel, with or without an EEG; a tab behind others comes to the front first."""
        if self._dock.isVisible() and not self._dock.visibleRegion().isEmpty():
            self._layout.hide()
        else:
            self._show_dock()
            self._dock.raise_()
            self._panel.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def toggle_overview(self) -> None:
        """Show or hide the overview; the panel gets as much higher as it needs."""
        display = self._session.eeg
        on = not display.choices.overview
        display.change(overview=on)
        if on and self._dock.isHidden():
            self._show_dock()
        height = self._dock.height() + (OVERVIEW_HEIGHT if on else -OVERVIEW_HEIGHT)
        self._window.resizeDocks([self._dock], [height], Qt.Orientation.Vertical)

    def follow_file(self) -> None:
        """The panel comes with the EEG and goes with it; in full screen not before that is left."""
        there = self._session.eeg.file is not None
        if there is self._was_there or self._is_full_screen():
            return
        self._was_there = there
        if there:
            self._show_dock()
        else:
            self._layout.hide()

    def _show_dock(self) -> None:
        self._dock.make_panel()  # whose size counts as the panels are arranged
        self._layout.show(OVERVIEW_HEIGHT if self._session.eeg.choices.overview else 0)

    def _paging(self) -> tuple[Command, ...]:
        row, position = rows_of(Menu.EEG, "Page", needs_eeg=True), self._session.eeg.position

        def turned(pages: float) -> Callable[[], None]:
            return lambda: position.turn(pages)

        return (
            row(
                "eeg_page_back",
                "Page back in the EEG",
                ("Ctrl+PgUp",),
                "The page before.",
                turned(-1),
                parted=True,
            ),
            row("eeg_page_forward", "Page forward in the EEG", ("Ctrl+PgDown",), "The next page.", turned(1)),
            row(
                "eeg_part_back",
                "Scroll the EEG back",
                ("Alt+PgUp",),
                "A tenth of the page back.",
                turned(-0.1),
            ),
            row(
                "eeg_part_forward",
                "Scroll the EEG forward",
                ("Alt+PgDown",),
                "A tenth of the page forward.",
                turned(0.1),
            ),
            row(
                "eeg_to_cursor",
                "Page of the cursor",
                ("Alt+Home",),
                "Show the page that has the cursor on it.",
                lambda: position.show(position.cursor),
            ),
            row(
                "eeg_shorter",
                "Shorter page",
                ("Ctrl++", "Ctrl+="),
                "Fewer seconds on the page.",
                lambda: position.change_length(-1),
                parted=True,
            ),
            row(
                "eeg_longer",
                "Longer page",
                ("Ctrl+-",),
                "More seconds on the page.",
                lambda: position.change_length(1),
            ),
            row(
                "eeg_smooth",
                "Scroll while playing",
                (),
                "The page scrolls under the cursor while playing, instead of turning.",
                self._toggle("smooth"),
                checked=self._state("smooth"),
            ),
        )

    def _overviewing(self) -> tuple[Command, ...]:
        row, overview = rows_of(Menu.EEG, needs_eeg=True), self._session.eeg_overview
        return (
            row(
                "eeg_overview",
                "Overview of the whole EEG",
                ("Ctrl+Shift+G",),
                "Rhythm, amplitude and rhythmic stretches of the whole EEG below the page.",
                self.toggle_overview,
                checked=self._state("overview"),
                parted=True,
            ),
            row(
                "eeg_event_before",
                "Previous rhythmic stretch",
                ("Ctrl+Shift+PgUp",),
                "Go to the rhythmic stretch before, a place to look at.",
                lambda: overview.next_event(-1),
            ),
            row(
                "eeg_event",
                "Next rhythmic stretch",
                ("Ctrl+Shift+PgDown",),
                "Go to the next rhythmic stretch, a place to look at.",
                lambda: overview.next_event(1),
            ),
        )

    def _scaling(self) -> tuple[Command, ...]:
        row, display = rows_of(Menu.EEG, "Waves", needs_eeg=True), self._session.eeg
        return (
            row(
                "eeg_larger",
                "Larger waves",
                ("+",),
                "Fewer µV/mm for the kind of channel that is chosen.",
                lambda: display.change_sensitivity(1),
            ),
            row(
                "eeg_smaller",
                "Smaller waves",
                ("-",),
                "More µV/mm for the kind of channel that is chosen.",
                lambda: display.change_sensitivity(-1),
            ),
            row(
                "eeg_fit",
                "Fit the waves to their rows",
                ("*",),
                "The µV/mm of each kind of channel at which its rows do not overlap on this page.",
                self._fit,
            ),
            row(
                "eeg_negative_up",
                "Negative up",
                (),
                "Draw negative values upwards, as is usual in EEG.",
                self._toggle("negative_up"),
                checked=self._state("negative_up"),
                parted=True,
            ),
            row(
                "eeg_clipped",
                "Clip the traces",
                (),
                "Keep large waves near their row.",
                self._toggle("clipped"),
                checked=self._state("clipped"),
            ),
            row(
                "eeg_coloured",
                "Colours by side",
                (),
                "Left blue, right red.",
                self._toggle("coloured"),
                checked=self._state("coloured"),
            ),
        )

    def _filtering(self) -> tuple[Command, ...]:
        row, display = rows_of(Menu.EEG, "Filters", needs_eeg=True), self._session.eeg

        def low(by: int) -> Callable[[], None]:
            return lambda: display.set_filters(low_cut=_next_cut(LOW_CUTS, self._filters.low_cut, by, 0))

        def high(by: int) -> Callable[[], None]:
            return lambda: display.set_filters(high_cut=_next_cut(HIGH_CUTS, self._filters.high_cut, by, -1))

        return (
            row("eeg_low_up", "Low cut up", ("Alt+Up",), "The next low cut.", low(1)),
            row("eeg_low_down", "Low cut down", ("Alt+Down",), "The low cut before; then off.", low(-1)),
            row("eeg_high_up", "High cut up", ("Alt+Shift+Up",), "The next high cut; then off.", high(1)),
            row("eeg_high_down", "High cut down", ("Alt+Shift+Down",), "The high cut before.", high(-1)),
            row("eeg_notch", "Next notch", ("Alt+5",), "Off, 50 Hz, 60 Hz.", self._next_notch),
            row(
                "eeg_harmonics",
                "Notch at the multiples too",
                (),
                "Also remove the multiples of the mains frequency.",
                self._toggle("harmonics"),
                checked=self._state("harmonics"),
                parted=True,
            ),
            row(
                "eeg_zero_phase",
                "Filter without phase",
                (),
                "Shift nothing in time; a sharp onset then appears earlier than it is.",
                self._toggle("zero_phase"),
                checked=self._state("zero_phase"),
            ),
        )

    def _choosing_rows(self) -> tuple[Command, ...]:
        row, display = rows_of(Menu.EEG, "Montage and rows", needs_eeg=True), self._session.eeg
        return (
            row(
                "eeg_montage",
                "Next montage",
                ("F4",),
                "The next montage.",
                lambda: display.next_montage(1),
            ),
            row(
                "eeg_montage_before",
                "Previous montage",
                ("Shift+F4",),
                "The montage before.",
                lambda: display.next_montage(-1),
            ),
            rows_of(Menu.EEG, "Montage and rows")(
                "eeg_montages",
                "Montages…",
                (),
                "Read the montages, and write some of your own.",
                self.edit_montages,
            ),
            row(
                "eeg_all_rows",
                "Show all rows",
                (),
                "Show hidden rows again, all in the montage's order.",
                display.show_all_rows,
                parted=True,
            ),
        )

    def _measuring(self) -> tuple[Command, ...]:
        row, selection = rows_of(Menu.EEG), self._session.eeg_selection
        return (
            row(
                "eeg_measure",
                "Measure by dragging",
                ("Alt+X",),
                "A drag in the EEG measures a stretch, as with Shift.",
                lambda: selection.set_measuring(not selection.measuring),
                checked=lambda: selection.measuring,
                parted=True,
            ),
            row(
                "eeg_calibrate",
                "Size of the screen…",
                (),
                "Measure a line so that millimetres are right.",
                self.calibrate,
            ),
        )

    # what they do

    def calibrate(self) -> None:
        from app.ui.dialogs.eeg_calibration import CalibrationDialog

        CalibrationDialog(self._session, self._panel.page.dots_per_inch, self._window).open()

    def _fit(self) -> None:
        self._panel.fit.fit()

    def edit_montages(self) -> None:
        from app.ui.dialogs.montages import MontagesDialog

        MontagesDialog(self._session, self._window).open()

    @property
    def _filters(self) -> Filters:
        return self._session.eeg.choices.filters[self._session.eeg.kind]

    def _toggle(self, name: str) -> Callable[[], None]:
        display = self._session.eeg
        return lambda: display.change(**{name: not getattr(display.choices, name)})

    def _state(self, name: str) -> Callable[[], bool]:
        return lambda: bool(getattr(self._session.eeg.choices, name))

    def _next_notch(self) -> None:
        steps = (None, *MAINS)
        now = self._filters.notch
        place = steps.index(now) if now in steps else 0
        self._session.eeg.set_filters(notch=steps[(place + 1) % len(steps)])


def _next_cut(steps: tuple[float, ...], now: float | None, by: int, off: int) -> float | None:
    """The next cut; off (None) is beyond the first (`off` 0) or the last (-1) of the steps."""
    beyond = by < 0 if off == 0 else by > 0
    if now is None:
        return None if beyond else steps[off]
    return None if beyond and now == steps[off] else next_step(steps, now, by)
