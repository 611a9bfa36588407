"""The page on what a model is shown and asked."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.answer_schema import AnswerForm
from app.core.readers.models.families import FAMILIES
from app.core.readers.models.model_choice import LONGEST_DEADLINE, SHORTEST_DEADLINE, ModelChoice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.prompt_set_words import prompt_set_words
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.reading_state import NAMES
from app.core.readers.models.request_plan import AskingMode
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import add_row, button, form, page, sentence, side_by_side, stacked
from app.ui.dialogs.prompts import PromptsDialog
from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox

_MODES = (
    (AskingMode.GROUPED, "Grouped: one request for each enhancement and segment"),
    (AskingMode.PER_FEATURE, "Per feature: 20 requests a segment, as in the study"),
)
_EVIDENCE = (
    "In arXiv 2605.03352 the skeleton over the picture made the answers worse on 8 of 11 features, reducing "
    "noise on both sounds; the face crop helped on average."
)
_COVER_PATIENT_EFFECT = (
    "Features of the face are still read from the face crop. Whether it occurs during sleep is then judged "
    "without the face. Body, clothes and voice can still be recognised."
)
_COVER_BYSTANDERS_EFFECT = (
    "Where it is not certain that all heads are found, a picture is coarse around the patient. Making the "
    "clips takes about as long as the recording, longer where heads are hard to find."
)
_COVER_TEXT_EFFECT = (
    "Places that were drawn to be covered are covered too. The model cannot read then what clocks, labels "
    "and monitors show, and a part of a still face may be covered. Looking for text takes about 10 seconds "
    "for each half minute, once for a recording."
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
        self.prompts = ComboBox()
        self.mode = ComboBox()
        self.asked = {enhancement: CheckBox(session) for enhancement in Enhancement}
        self.enhanced = {enhancement: CheckBox(session) for enhancement in Enhancement}
        self.beside = CheckBox(session, "In a second picture below the plain one")
        self.with_picture = CheckBox(session, "Show the picture along with it")
        self.tell_earlier = CheckBox(session, "Tell what earlier segments found, and ask in their order")
        self.cover_bystanders = CheckBox(session, "Cover the heads of other people")
        self.cover_patient = CheckBox(session, "Cover the patient's face in clips for limb and body features")
        self.cover_text = CheckBox(session, "Cover text in the picture, such as names and dates")
        self.transcript = QLineEdit()
        self.fps = QDoubleSpinBox()
        self.feature_rates = CheckBox(
            session, "Show what is too fast for that at a higher rate, in shorter windows"
        )
        self.limit = QSpinBox()
        self.deadline = QSpinBox()
        self.family = ComboBox()
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
            deadline=float(self.deadline.value()),
            feature_rates=self.feature_rates.isChecked(),
            prefer_video=self.prefer_video.isChecked(),
            family=str(self.family.currentData()),
            transcript=self.transcript.text().strip(),
            overlay=switches["overlay"],
            crop=switches["crop"],
            denoise=switches["denoise"],
            beside=self.beside.isChecked(),
            with_picture=self.with_picture.isChecked(),
            tell_earlier=self.tell_earlier.isChecked(),
            cover_bystanders=self.cover_bystanders.isChecked(),
            cover_patient=self.cover_patient.isChecked(),
            cover_text=self.cover_text.isChecked(),
        )

    def show_for(self, provider: str) -> None:
        """Show only the fields that a provider supports."""
        row = PROVIDERS.get(provider)
        for field in (self.family, self.prefer_video):
            self._form.setRowVisible(field, row is not None and not row.sends_video)

    def _arrange(self) -> None:
        for mode, words in _MODES:
            self.mode.addItem(words, mode.value)
        self.family.addItem("By the name of the model", "")
        for family in FAMILIES.values():
            if not family.providers:
                self.family.addItem(family.name, family.id)
        self.family.setToolTip(
            "How clips are given to the model, at which size, and how their tokens are counted; choose it "
            "where the name of the model says nothing, as on Azure"
        )
        self.prompts.currentIndexChanged.connect(self._on_prompts)
        self.tell_earlier.setToolTip(
            "Each segment then waits for the one before it. Not where quick movements are looked at once "
            "more in a second pass, and not in files of requests, which are answered as a whole"
        )
        look = button("View or copy…", self._look)
        self.fps.setRange(0.2, 30.0)
        self.fps.setDecimals(1)
        self.fps.setSuffix(" pictures a second")
        self.limit.setRange(1, 16)
        self.deadline.setRange(round(SHORTEST_DEADLINE), round(LONGEST_DEADLINE))
        self.deadline.setSingleStep(30)
        self.deadline.setSuffix(" s for a request")
        self.deadline.setToolTip(
            "A request without an answer by then has failed and can be asked again; a large model on a slow "
            "computer needs more"
        )
        self.transcript.setPlaceholderText("none")
        browse = button("Folder…", self._browse)
        self.transcript.setToolTip(
            "The folder of a speech model for faster-whisper on this computer; nothing is downloaded"
        )
        rows = (
            ("Questions", side_by_side(self.prompts, look, growing=self.prompts)),
            ("Requests", self.mode),
            ("", self.tell_earlier),
            ("Shown", self._enhancements()),
            ("Covered", self._covers()),
            ("Transcript", side_by_side(self.transcript, browse, growing=self.transcript)),
            ("Sampling", side_by_side(self.fps)),
            ("", self.feature_rates),
            ("Parallel requests", side_by_side(self.limit)),
            ("Time limit", side_by_side(self.deadline)),
            ("Served as", self.family),
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
            asked.toggled.connect(self._on_asked)
            also = {Enhancement.POSE: self.beside, Enhancement.SOUND: self.with_picture}.get(enhancement)
            grid.addWidget(asked, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(stacked(enhanced, also) if also is not None else enhanced, row, 1)
        self.with_picture.setToolTip(
            "Where the model takes picture and sound in one request: who speaks is seen, not heard"
        )
        self.enhanced[Enhancement.POSE].toggled.connect(self.beside.setEnabled)
        grid.addWidget(sentence(_EVIDENCE, small=True), len(Enhancement), 0, 1, 2)
        return box

    def _on_asked(self) -> None:
        """Who asks about the sound alone shows the sound alone."""
        seen = self.asked[Enhancement.POSE].isChecked() or self.asked[Enhancement.FACE].isChecked()
        self.with_picture.setEnabled(seen and self.asked[Enhancement.SOUND].isChecked())

    def _on_prompts(self) -> None:
        """The short answer of the study's set names no feature, so it answers one question."""
        chosen = prompt_sets().get(str(self.prompts.currentData()))
        bare = chosen is not None and chosen.form is AnswerForm.SHORT
        self.mode.setEnabled(not bare)
        self.tell_earlier.setEnabled(not bare)
        if bare:
            self.mode.setToolTip("This set asks one feature a request, and tells nothing of the recording")
        else:
            self.mode.setToolTip("")

    def _covers(self) -> QWidget:
        """The switches, each with its effect below."""
        parts: list[QWidget] = []
        for switch, effect in (
            (self.cover_bystanders, _COVER_BYSTANDERS_EFFECT),
            (self.cover_patient, _COVER_PATIENT_EFFECT),
            (self.cover_text, _COVER_TEXT_EFFECT),
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
        self.beside.setChecked(choice.beside)
        self.beside.setEnabled(choice.overlay and Enhancement.POSE in choice.enhancements)
        self.with_picture.setChecked(choice.with_picture)
        self._on_asked()
        self.tell_earlier.setChecked(choice.tell_earlier)
        self.fps.setValue(choice.fps)
        self.limit.setValue(choice.limit)
        self.deadline.setValue(round(choice.deadline))
        self.feature_rates.setChecked(choice.feature_rates)
        self.prefer_video.setChecked(choice.prefer_video)
        self.family.setCurrentIndex(max(0, self.family.findData(choice.family)))
        self.transcript.setText(choice.transcript)
        self.cover_bystanders.setChecked(choice.cover_bystanders)
        self.cover_patient.setChecked(choice.cover_patient)
        self.cover_text.setChecked(choice.cover_text)

    def _fill_prompts(self, chosen: str) -> None:
        self.prompts.clear()
        for name in prompt_sets():
            self.prompts.addItem(prompt_set_words(name), name)
        self.prompts.setCurrentIndex(max(0, self.prompts.findData(chosen)))

    def _look(self) -> None:
        dialog = PromptsDialog(self._session, str(self.prompts.currentData()), self)
        dialog.kept.connect(self._fill_prompts)
        dialog.open()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the speech model", self.transcript.text())
        if folder:
            self.transcript.setText(folder)
