"""The page on which a model is chosen: provider and its terms, address, key, name, and a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QScrollArea, QWidget

from app.core.errors import UserError
from app.core.jobs import Progress, Task
from app.core.plain_text import plain
from app.core.privacy.address import parse_address
from app.core.privacy.keys import parse_secret
from app.core.readers.models.connection import ConnectionReport, with_found_capabilities
from app.core.readers.models.missing_setting import MissingSettingError
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.rehearsal import RehearsalReport, rehearse
from app.core.readers.models.rehearsal_phrases import connection_lines, rehearsal_lines
from app.core.settings import account_author
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import add_row, button, form, page, selectable, sentence, side_by_side, stacked
from app.ui.dialogs.model_price import PriceRow
from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox

LOCAL_WORDS = "Local only: nothing leaves this computer."
LOCAL_NAME = "None – local only"

FIELDS: dict[str, tuple[str, ...]] = {
    "": (),
    "gemini": ("model", "key", "price", "keep"),
    "vertex": ("project", "location", "model", "price"),
    "openai": ("base_url", "model", "key", "price"),
}
"""The fields that each provider needs; a provider that is not listed needs all."""

_EVERYTHING = ("base_url", "project", "location", "model", "key", "price")
_NAMES = {
    "base_url": "Address",
    "project": "Project",
    "location": "Location",
    "model": "Model",
    "key": "Key",
    "price": "Price",
    "keep": "Clips",
}
_EXAMPLES = {
    "base_url": "e.g. http://127.0.0.1:8000/v1",
    "project": "the Google Cloud project of your hospital",
    "location": "e.g. europe-west4",
}


def words_on(error: UserError) -> str:
    """The sentence of an error where its fields stand: what is missing is entered here."""
    if not isinstance(error, MissingSettingError):
        return str(error)
    return f"{error.missing}: fill in {' and '.join(f'“{_NAMES[name]}”' for name in error.fields)}."


class ConnectionPage(QScrollArea):
    """The page that fills provider, address and model of a choice.

    `asked` gives a choice with what the other pages say, so that a test of the connection asks as a reading
    would.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        choice: ModelChoice,
        asked: Callable[[ModelChoice], ModelChoice] = lambda choice: choice,
    ) -> None:
        super().__init__()
        self._session = session
        self._asked = asked
        self._lines: tuple[str, ...] = ()
        self._tested: ModelChoice | None = None
        self.providers = ComboBox()
        self.terms = selectable(sentence())
        self.edits = {name: QLineEdit() for name in ("base_url", "project", "location")}
        self.private = CheckBox(session, "This server is in our hospital's own network")
        self.private.setToolTip(
            "http:// is not encrypted, so recordings are sent that way only within your own network"
        )
        self._private_origins = choice.private_origins
        self.models = ComboBox()
        self.key = QLineEdit()
        self.key_state = selectable(sentence(small=True))
        self.forget = button("Forget", self._on_forget, tip="Remove the key from the vault and from this run")
        self.test = button(
            "Test connection",
            self._on_test,
            tip="Asks what would be asked about one segment, with generated pictures and sound of full size "
            "and nothing of any recording; takes as many tokens as about three segments",
        )
        self.price = PriceRow(session)
        self.keep = CheckBox(session, "Let Google keep a clip while it is asked about, where that saves")
        self.keep.setToolTip(
            "For minutes, and deleted after the last question about it. It saves where a clip is asked about "
            "feature by feature or several times; the plan of a reading says how much"
        )
        self.found = selectable(sentence())
        self._form = form(())
        self._rows: dict[str, int] = {}
        self._arrange()
        self._show(choice)
        self.providers.currentIndexChanged.connect(self._on_provider)
        for edit in self.edits.values():
            edit.editingFinished.connect(self._on_place)
        self.private.clicked.connect(self._on_private)
        self.models.currentTextChanged.connect(self._show_price)
        models = session.models
        models.chosen.trial.progressed.connect(self._on_progress)
        models.chosen.trial.posted.connect(self._on_connected)
        models.chosen.trial.done.connect(self._on_tested)
        models.chosen.trial.failed.connect(self.found.setText)
        models.chosen.trial.ended.connect(self._on_trial_ended)
        models.chosen.vault.done.connect(self._on_key_state)
        models.chosen.vault.failed.connect(self._on_key_state)
        self._on_provider()

    # what is filled in

    @property
    def provider(self) -> str:
        return str(self.providers.currentData())

    @property
    def typed_key(self) -> str:
        """What stands in the field of the key; "" when nothing does or the provider takes none."""
        return self.key.text().strip() if "key" in self._wanted() else ""

    def filled(self, choice: ModelChoice) -> ModelChoice:
        """`choice` with what stands on this page, and with what a test has found of it."""
        wanted = self._wanted()
        texts = {name: edit.text().strip() if name in wanted else "" for name, edit in self.edits.items()}
        if "base_url" not in wanted and choice.provider == self.provider:
            texts["base_url"] = choice.base_url
        model = self.models.currentText().strip() if "model" in wanted else ""
        made = replace(
            choice,
            provider=self.provider,
            model=model,
            base_url=texts["base_url"],
            project=texts["project"],
            location=texts["location"],
            own_price=self.price.price if "price" in wanted else None,
            most_cost=self.price.ceiling if "price" in wanted else None,
            keep_clips=self.keep.isChecked() if "keep" in wanted else choice.keep_clips,
            private_origins=self._private_origins,
        )
        if self._tested is not None and self._tested.target == made.target:
            return replace(made, capabilities=self._tested.capabilities, tested=self._tested.tested)
        return made

    def key_name(self) -> str:
        """What the key is kept for, "" when local only. Raises UserError when something is missing."""
        choice = self.filled(self._session.models.chosen.choice)
        return PROVIDERS[choice.provider].destination(choice).key_name if choice.provider else ""

    def key_kept(self, words: str) -> None:
        """Clear the field after the typed key was stored."""
        self.key.clear()
        self.key_state.setText(words)

    def point_at(self, error: UserError) -> None:
        """Put the keyboard into the first field that has to be filled in, if any."""
        fields: dict[str, QWidget] = {**self.edits, "key": self.key}
        missing = error.fields if isinstance(error, MissingSettingError) else ()
        empty = (fields[name] for name in missing if not self._text_of(name))
        field = next(empty, None)
        if field is not None:
            self.ensureWidgetVisible(field)
            field.setFocus()

    def _text_of(self, name: str) -> str:
        return self.typed_key if name == "key" else self.edits[name].text().strip()

    def leave(self) -> None:
        """Stop the test and clear the key when the dialog closes."""
        self.key.clear()
        self._session.models.chosen.trial.cancel()

    # composing

    def _arrange(self) -> None:
        self.providers.addItem(LOCAL_NAME, "")
        for row in PROVIDERS.values():
            if not row.by_file:
                self.providers.addItem(row.name, row.id)
        self.models.setEditable(True)
        self.models.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText("paste a key to save or replace it")
        for name in ("base_url", "project", "location"):
            self.edits[name].setPlaceholderText(_EXAMPLES[name])
            self._add(name, self.edits[name])
        self._form.addRow("", self.private)
        key = stacked(side_by_side(self.key, self.forget, growing=self.key), self.key_state)
        model = side_by_side(self.models, self.test, growing=self.models)
        for name, field in (("key", key), ("model", model), ("price", self.price), ("keep", self.keep)):
            self._add(name, field)
        page(self, self.providers, self.terms, self._form, self.found)
        self.providers.setAccessibleName("Provider")

    def _add(self, name: str, field: QWidget) -> None:
        self._rows[name] = add_row(self._form, _NAMES[name], field)

    def _wanted(self) -> tuple[str, ...]:
        return FIELDS.get(self.provider, _EVERYTHING)

    def _show(self, choice: ModelChoice) -> None:
        self.providers.setCurrentIndex(max(0, self.providers.findData(choice.provider)))
        for name, edit in self.edits.items():
            edit.setText(str(getattr(choice, name)))
        self.models.setEditText(choice.model)
        self.price.show_price(choice.own_price)
        self.price.show_ceiling(choice.most_cost)
        self.keep.setChecked(choice.keep_clips)
        if choice.provider and choice.tested == choice.target:
            known = ConnectionReport(capabilities=choice.capabilities)
            self.found.setText("\n".join(connection_lines(known, choice)))

    # what happens

    def _on_provider(self) -> None:
        wanted = self._wanted()
        for name, row in self._rows.items():
            self._form.setRowVisible(row, name in wanted)
        if self.provider != self._session.models.chosen.choice.provider:
            self.found.setText("")
        line = self.models.lineEdit()
        if line is not None:
            line.setPlaceholderText(PROVIDERS[self.provider].default_model if self.provider else "")
        self._on_place()

    def _unencrypted_origin(self) -> str:
        """The origin that has to be confirmed as one of a private network, "" when none has to be."""
        try:
            address = parse_address(self.filled(self._session.models.chosen.choice).base_url)
        except UserError:
            return ""
        asked = address.scheme == "http" and not address.is_this_computer and address.may_be_private
        return address.origin if asked else ""

    def _show_private(self) -> None:
        origin = self._unencrypted_origin()
        self._form.setRowVisible(self.private, bool(origin))
        self.private.setChecked(origin in self._private_origins)

    def _on_private(self, confirmed: bool) -> None:
        """The person says, or takes back, that the address is in a private network."""
        origin = self._unencrypted_origin()
        others = tuple(known for known in self._private_origins if known != origin)
        self._private_origins = (*others, origin) if confirmed and origin else others
        self._on_place()

    def _on_place(self) -> None:
        self._show_private()
        self._show_terms()
        self._show_price()
        self._look_for_key()
        self.changed.emit()

    def _show_terms(self) -> None:
        theme = self._session.appearance.theme
        if not self.provider:
            self.terms.setText(LOCAL_WORDS)
            self.terms.setStyleSheet(f"color: {theme.muted};")
            return
        choice = self.filled(self._session.models.chosen.choice)
        try:
            # The terms are those of the place; a model is not needed to know them.
            terms = PROVIDERS[self.provider].destination(replace(choice, model=choice.model or "-")).terms
        except UserError as error:
            self.terms.setText(words_on(error))
            self.terms.setStyleSheet(
                f"color: {theme.caution if self.edits['base_url'].text() else theme.muted};"
            )
            return
        self.terms.setText(f"{terms.title}. {terms.text}")
        self.terms.setStyleSheet(f"color: {theme.text if terms.allows_patients else theme.caution};")

    def _show_price(self) -> None:
        if self.provider:
            self.price.show_listed(self.filled(self._session.models.chosen.choice))

    def _look_for_key(self) -> None:
        host = self._key_host()
        self.key_state.setText("")
        if host and "key" in self._wanted():
            keys = self._session.models.chosen.keys
            self._session.models.chosen.vault.start(lambda _task: keys.state(host))

    def _key_host(self) -> str:
        choice = self.filled(self._session.models.chosen.choice)
        if not choice.provider:
            return ""
        try:
            return PROVIDERS[choice.provider].destination(replace(choice, model=choice.model or "-")).key_name
        except UserError:
            return ""

    def _on_key_state(self, words: object) -> None:
        self.key_state.setText(plain(str(words), 300))

    def _on_forget(self) -> None:
        host = self._key_host()
        self.key.clear()
        if host:
            keys = self._session.models.chosen.keys

            def work(_task: Task) -> str:
                keys.forget(host)
                return keys.state(host)

            self._session.models.chosen.vault.start(work)

    def _on_test(self) -> None:
        if self._session.models.chosen.trial.running:
            self._session.models.chosen.trial.cancel()
            return
        choice = self.filled(self._asked(self._session.models.chosen.choice))
        typed, keys, host = self.typed_key, self._session.models.chosen.keys, self._key_host()
        if not choice.provider or self._is_incomplete(choice):
            return

        def work(task: Task) -> tuple[ModelChoice, RehearsalReport]:
            key = parse_secret(typed) if typed else keys.key(host) if host else None
            try:
                found = rehearse(
                    choice,
                    key,
                    account_author(),
                    prompt_sets=prompt_sets(),
                    report=task.report,
                    cancel=task.cancel,
                    connected=lambda connection: task.post((choice, connection)),
                )
            except MissingSettingError as error:  # the key
                raise UserError(words_on(error)) from error
            return choice, found

        self._lines = ()
        self.found.setText("Asking…")
        self.test.setText("Stop")
        self._session.models.chosen.trial.start(work)

    def _is_incomplete(self, choice: ModelChoice) -> bool:
        """Whether there is no place to ask yet, which is said at the field; the models are what a test
        finds."""
        try:
            PROVIDERS[choice.provider].destination(replace(choice, model=choice.model or "-"))
        except MissingSettingError as error:
            self.found.setText(words_on(error))
            self.point_at(error)
            return True
        except UserError:
            return False  # the test says what is wrong
        return False

    def _on_progress(self, progress: Progress) -> None:
        self.found.setText("\n".join((*self._lines, plain(f"{progress.what}…", 120))))

    def _on_connected(self, result: tuple[ModelChoice, ConnectionReport]) -> None:
        """What the model takes is known; the requests of full size follow."""
        choice, report = result
        typed = self.models.currentText()
        self.models.clear()
        self.models.addItems([plain(name, 120) for name in report.models[:500]])
        self.models.setEditText(typed)
        if not report.problem and choice.model:
            self._tested = with_found_capabilities(choice, report)
        self._lines = connection_lines(report, choice)
        self.found.setText("\n".join(self._lines))

    def _on_tested(self, result: tuple[ModelChoice, RehearsalReport]) -> None:
        choice, report = result
        self._lines = rehearsal_lines(report, choice)
        self.found.setText("\n".join(self._lines))

    def _on_trial_ended(self) -> None:
        self.test.setText("Test connection")
        if self.found.text().endswith("…"):  # stopped
            self.found.setText("\n".join(self._lines))
