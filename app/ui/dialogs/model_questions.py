"""The page on what a model is shown and asked."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.reading_state import NAMES
from app.core.readers.models.request_plan import AskingMode
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import add_row, button, form, page, sentence, side_by_side, stacked
from app.ui.dialogs.prompts import PromptsDialog
from app.ui.session.session import Session

_SET_WORDS = {
    "expert": "expert – observable behaviour",
    "plain": "plain – one plain question",
    "ilae": "ilae – formal definitions",
}
_MODES = (
    (AskingMode.GROUPED, "Grouped: one request for each enhancement and segment"),
    (AskingMode.PER_FEATURE, "Per feature: 20 requests a segment, as in the study"),
)
_COVER_PATIENT_EFFECT = (
    "Features of the face are still read from the face crop. Whether it occurs during sleep is then judged "
    "without the face. Body, clothes and voice can still be recognised."
)
_COVER_BYSTANDERS_EFFECT = (
    "Where it is not certain that all heads are found, a picture is coarse around the patient. Making the "
    "clips takes about as long as the recording, longer where heads are hard to find."
)
_DONE_TO: dict[Enhancement, tuple[str, str]] = {
    Enhancement.POSE: ("overlay", "Draw the patient's skeleton over the picture"),
    Enhancement.FACE: ("crop", "Cut to the patient's face and follow it"),
    Enhancement.SOUND: ("denoise", "Reduce steady noise"),
}
"""By enhancement: the switch of the choice, and what it does."""


class QuestionsPage(QScrollArea):
    """The page that fills enhancements and prompts of a choice."""

    def __init__(self, session: Session, choice: ModelChoice) -> None:
        super().__init__()
        self._session = session
        self.prompts = QComboBox()
        self.mode = QComboBox()
        self.asked = {enhancement: CheckBox(session) for enhancement in Enhancement}
        self.enhanced = {enhancement: CheckBox(session) for enhancement in Enhancement}
        self.cover_bystanders = CheckBox(session, "Cover the heads of other people")
        self.cover_patient = CheckBox(session, "Cover the patient's face in clips for limb and body features")
        self.transcript = QLineEdit()
        self.fps = QDoubleSpinBox()
        self.feature_rates = CheckBox(
            session, "Show what is too fast for that at a higher rate, in shorter windows"
        )
        self.limit = QSpinBox()
        self.prefer_video = CheckBox(
            session, "Send videos instead of single pictures where the server takes them"
        )
        self._form = form(())
        self._arrange()
        self._show(choice)

    def filled(self, choice: ModelChoice) -> ModelChoice:
        """`choice` with what stands on this page."""
        switches = {_DONE_TO[one][0]: box.isChecked() for one, box in self.enhanced.items()}
        return replace(
            choice,
            prompts=str(self.prompts.currentData()),
            mode=AskingMode(self.mode.currentData()),
            enhancements=tuple(one for one, box in self.asked.items() if box.isChecked()),
            fps=self.fps.value(),
            limit=self.limit.value(),
            feature_rates=self.feature_rates.isChecked(),
            prefer_video=self.prefer_video.isChecked(),
            transcript=self.transcript.text().strip(),
            overlay=switches["overlay"],
            crop=switches["crop"],
            denoise=switches["denoise"],
            cover_bystanders=self.cover_bystanders.isChecked(),
            cover_patient=self.cover_patient.isChecked(),
        )

    def show_for(self, provider: str) -> None:
        """Show only the fields that a provider supports."""
        row = PROVIDERS.get(provider)
        self._form.setRowVisible(self.prefer_video, row is not None and not row.sends_video)

    def _arrange(self) -> None:
        for mode, words in _MODES:
            self.mode.addItem(words, mode.value)
        look = button("View or copy…", self._look)
        self.fps.setRange(0.2, 30.0)
        self.fps.setDecimals(1)
        self.fps.setSuffix(" pictures a second")
        self.limit.setRange(1, 16)
        self.transcript.setPlaceholderText("none")
        browse = button("Folder…", self._browse)
        self.transcript.setToolTip(
            "The folder of a speech model for faster-whisper on this computer; nothing is downloaded"
        )
        rows = (
            ("Questions", side_by_side(self.prompts, look, growing=self.prompts)),
            ("Requests", self.mode),
            ("Shown", self._enhancements()),
            ("Covered", self._covers()),
            ("Transcript", side_by_side(self.transcript, browse, growing=self.transcript)),
            ("Sampling", side_by_side(self.fps)),
            ("", self.feature_rates),
            ("Parallel requests", side_by_side(self.limit)),
            ("", self.prefer_video),
        )
        for name, field in rows:
            add_row(self._form, name, field)
        page(self, self._form)

    def _enhancements(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, enhancement in enumerate(Enhancement):
            asked, enhanced = self.asked[enhancement], self.enhanced[enhancement]
            asked.setText(f"{NAMES[enhancement]}: {len(features_of(enhancement))} features")
            enhanced.setText(_DONE_TO[enhancement][1])
            asked.toggled.connect(enhanced.setEnabled)
            grid.addWidget(asked, row, 0)
            grid.addWidget(enhanced, row, 1)
        return box

    def _covers(self) -> QWidget:
        """The switches, each with its effect below."""
        parts: list[QWidget] = []
        for switch, effect in (
            (self.cover_bystanders, _COVER_BYSTANDERS_EFFECT),
            (self.cover_patient, _COVER_PATIENT_EFFECT),
        ):
            words = sentence(effect, small=True)
            words.setContentsMargins(24, 0, 0, 4)
            switch.setAccessibleDescription(effect)
            parts += [switch, words]
        return stacked(*parts)

    def _show(self, choice: ModelChoice) -> None:
        self._fill_prompts(choice.prompts)
        self.mode.setCurrentIndex(max(0, self.mode.findData(choice.mode.value)))
        for enhancement in Enhancement:
            self.asked[enhancement].setChecked(enhancement in choice.enhancements)
            self.enhanced[enhancement].setChecked(getattr(choice, _DONE_TO[enhancement][0]))
            self.enhanced[enhancement].setEnabled(enhancement in choice.enhancements)
        self.fps.setValue(choice.fps)
        self.limit.setValue(choice.limit)
        self.feature_rates.setChecked(choice.feature_rates)
        self.prefer_video.setChecked(choice.prefer_video)
        self.transcript.setText(choice.transcript)
        self.cover_bystanders.setChecked(choice.cover_bystanders)
        self.cover_patient.setChecked(choice.cover_patient)

    def _fill_prompts(self, chosen: str) -> None:
        self.prompts.clear()
        for name in prompt_sets():
            self.prompts.addItem(_SET_WORDS.get(name, f"{name} – your own"), name)
        self.prompts.setCurrentIndex(max(0, self.prompts.findData(chosen)))

    def _look(self) -> None:
        dialog = PromptsDialog(self._session, str(self.prompts.currentData()), self)
        dialog.kept.connect(self._fill_prompts)
        dialog.open()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the speech model", self.transcript.text())
        if folder:
            self.transcript.setText(folder)
