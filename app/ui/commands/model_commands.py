"""The commands of the menu Reader that are about models, and the dialogs that they open."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from app.core.jobs import Task
from app.core.readers.models.reading_stage import ReadingStage
from app.ui.commands.command import Command, Menu
from app.ui.session.background import Background
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.readers.models.reading_state import Preview

_SLOW_TO_IMPORT = "app.core.readers.models.connection"
"""Brings the providers and their network client with it."""
NO_MODEL = "No model is set up yet, so there is none to ask: choose one here, save, and ask again."


class ModelDialogs(QObject):
    """Opens the dialogs about models over the window, each once."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._open: dict[str, QDialog] = {}
        self._why = ""
        self._loading = Background("settings of the model", self)
        self._loading.done.connect(self._show_settings)
        models = session.models
        models.progress_wanted.connect(self.show_progress)
        models.clip_wanted.connect(self.show_seen)
        models.moment_wanted.connect(self.show_seen)
        models.again_wanted.connect(lambda: self.ask(blind=models.ran_blind))
        session.requests.ask_model.connect(self.ask)
        session.requests.overnight.connect(self.ask_overnight)
        session.requests.overnight_jobs.connect(self.show_overnight)
        models.refused_wanted.connect(lambda: self.ask(refused_too=True, blind=models.ran_blind))

    def commands(self) -> tuple[Command, ...]:
        """The rows of the menu."""
        models = self._session.models
        return (
            Command(
                "model_settings",
                Menu.READER,
                "Set up a model…",
                (),
                "Which model may be asked, and how.",
                self.set_up,
                parted=True,
            ),
            Command(
                "ask_model",
                Menu.READER,
                "Ask the model…",
                ("Ctrl+M",),
                "See what would be sent, and ask the model.",
                self.ask,
                needs_recording=True,
            ),
            Command(
                "ask_blind",
                Menu.READER,
                "Ask with nothing shown…",
                (),
                "Ask the model about black frames and silence, to count how often it says yes to nothing.",
                lambda: self.ask(blind=True),
                needs_recording=True,
            ),
            Command(
                "pause_model",
                Menu.READER,
                "Pause the model",
                ("Ctrl+Shift+M",),
                "Send no further requests for now.",
                models.pause_or_resume,
                lambda: models.stage is ReadingStage.PAUSED,
                needs_recording=True,
            ),
            Command(
                "model_progress",
                Menu.READER,
                "What the model was asked",
                (),
                "The requests, segment by segment, and which failed.",
                self.show_progress,
                needs_recording=True,
            ),
            Command(
                "model_saw",
                Menu.READER,
                "What the model saw",
                (),
                "Play the clips that the model was shown.",
                lambda: self.show_seen(""),
                needs_recording=True,
            ),
            Command(
                "ask_overnight",
                Menu.READER,
                "Ask overnight at half price…",
                (),
                "Let Gemini answer recordings of this study within a day, at half the price.",
                self.ask_overnight,
                needs_recording=True,
            ),
            Command(
                "overnight_jobs",
                Menu.READER,
                "Overnight jobs…",
                (),
                "How far the overnight jobs of this study are; collect their answers, or cancel them.",
                self.show_overnight,
                needs_recording=True,
            ),
            Command(
                "combine_models",
                Menu.READER,
                "Combine two models…",
                (),
                "Make a reader of what one model saw and another one heard.",
                self.combine,
                needs_recording=True,
            ),
        )

    def set_up(self, why: str = "") -> None:
        """Open the settings; what they need is loaded in a background thread first. `why` is said there."""
        self._session.models.chosen.read_again()
        self._why = why
        self._loading.start(_load)

    def ask(self, *, refused_too: bool = False, blind: bool = False) -> None:
        """Show what would be sent, with `blind` of the control; without a model, set one up."""
        models = self._session.models
        models.chosen.read_again()
        if models.chosen.local_only:
            self.set_up(NO_MODEL)
        elif models.stage.asking:
            self.show_progress()
        elif models.refusal:
            self._session.status.show_message(models.refusal)
        else:
            self._show_plan(refused_too, blind)

    def _show_plan(self, refused_too: bool, blind: bool) -> None:
        """Show the plan that is wanted; one of something else is closed, never shown in its place."""
        from app.ui.dialogs.run_plan import RunPlanDialog

        shown = self._open.get("plan")
        if isinstance(shown, RunPlanDialog) and shown.wanted != (refused_too, blind):
            self._open.pop("plan")
            shown.close()
        if not self._shown_again("plan"):
            dialog = RunPlanDialog(self._session, self._window, refused_too=refused_too, blind=blind)
            self._show("plan", dialog)

    def ask_overnight(self, ticked: frozenset[int] = frozenset()) -> None:
        """Choose recordings that a model answers within a day; without a model, set one up."""
        from app.ui.dialogs.overnight import OvernightDialog

        self._session.models.chosen.read_again()
        if self._session.models.chosen.local_only:
            self.set_up(NO_MODEL)
        elif not self._shown_again("overnight"):
            self._show("overnight", OvernightDialog(self._session, ticked, self._window))

    def show_overnight(self) -> None:
        """Open the list of overnight jobs."""
        from app.ui.dialogs.overnight_jobs import OvernightJobsDialog

        if not self._shown_again("overnight jobs"):
            self._show("overnight jobs", OvernightJobsDialog(self._session, self._window))

    def combine(self) -> None:
        """Choose two models of the study for a composite reader."""
        from app.ui.dialogs.combine_models import CombineModelsDialog

        if not self._shown_again("combine"):
            self._show("combine", CombineModelsDialog(self._session, self._window))

    def show_progress(self) -> None:
        """Open the table of requests."""
        from app.ui.dialogs.model_progress import ModelProgressDialog

        if not self._shown_again("progress"):
            self._show("progress", ModelProgressDialog(self._session, self._window))

    def show_seen(self, clip: str, moment: float | None = None) -> None:
        """Play what the model saw, beginning with a clip by name, from a moment (s) of the recording."""
        from app.ui.dialogs.preview import PreviewDialog

        preview = self._preview_with(clip)
        if preview is None:
            self._session.status.show_message(
                "Choose a model above the checklist; what it saw can be played while its clips are kept."
            )
            return
        self._session.playback.pause()
        if (before := self._open.pop("preview", None)) is not None:
            before.close()
        dialog = PreviewDialog(self._session, preview, self._window)
        if clip:
            dialog.panel.show_clip(clip, moment)
        self._show("preview", dialog)

    def close(self) -> None:
        """Close every dialog; returns when its threads have ended."""
        self._loading.close()
        for dialog in list(self._open.values()):
            dialog.close()

    def _preview_with(self, clip: str) -> Preview | None:
        """The preview of what the shown reader saw, else of the present requests."""
        models = self._session.models
        prepared = models.prepared.preview if models.prepared is not None else None
        for preview in (models.saw.preview, prepared):
            if preview is not None and (not clip or any(one.name == clip for one in preview.clips)):
                return preview
        return None

    def _show_settings(self, _loaded: object) -> None:
        from app.ui.dialogs.model_settings import ModelSettingsDialog

        shown = self._open.get("settings")
        if isinstance(shown, ModelSettingsDialog):
            shown.tell_why(self._why)
        if not self._shown_again("settings"):
            self._show("settings", ModelSettingsDialog(self._session, self._window, self._why))

    def _shown_again(self, name: str) -> bool:
        dialog = self._open.get(name)
        if dialog is not None:
            dialog.raise_()
            dialog.activateWindow()
        return dialog is not None

    def _show(self, name: str, dialog: QDialog) -> None:
        self._open[name] = dialog
        dialog.finished.connect(lambda _result: self._forget(name, dialog))
        dialog.show()

    def _forget(self, name: str, dialog: QDialog) -> None:
        if self._open.get(name) is dialog:
            del self._open[name]


def _load(_task: Task) -> object:
    return import_module(_SLOW_TO_IMPORT)
