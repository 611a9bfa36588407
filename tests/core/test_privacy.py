"""Gate, ledger and keys."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.backends import chainer, fail, null

from app.commands import model_reading
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.privacy import keys
from app.core.privacy.destination import TERMS, Destination, ServiceKind
from app.core.privacy.gate import (
    CONNECTION_TEST,
    FOLDER,
    allow,
    connection_test_permission,
    find_permission,
    permissions,
    revoke,
)
from app.core.privacy.keys import KeyVault, Secret
from app.core.privacy.ledger import Ledger, Sending
from app.core.privacy.uploads import remaining_uploads

SERVER = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen")
FIRST, SECOND = "files/clip-0123456789abcdef", "files/clip-fedcba9876543210"
SENDING = Sending("Dr A", SERVER.host, SERVER.model, "reading", 3, "00ff", "none")


def test_nothing_is_allowed_until_somebody_does(tmp_path: Path) -> None:
    assert find_permission(tmp_path, SERVER, "Dr A") is None
    given = allow(tmp_path, SERVER, "Dr A")
    assert find_permission(tmp_path, SERVER, "Dr A") == given
    assert given.user == "Dr A"


def test_a_permission_is_for_one_study_and_one_destination(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    allow(tmp_path / "a", SERVER, "Dr A")
    assert find_permission(tmp_path / "b", SERVER, "Dr A") is None
    for other in (
        Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:8443", "qwen"),
        Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen", "http"),
        Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "another"),
        Destination(ServiceKind.GEMINI_API, "gpu.hospital:443", "qwen"),
    ):
        assert find_permission(tmp_path / "a", other, "Dr A") is None


def test_a_permission_is_for_the_person_who_gave_it(tmp_path: Path) -> None:
    allow(tmp_path, SERVER, "Dr A")
    assert find_permission(tmp_path, SERVER, "Dr B") is None
    given = allow(tmp_path, SERVER, "Dr B")
    assert find_permission(tmp_path, SERVER, "Dr B") == given
    assert {one.user for one in permissions(tmp_path)} == {"Dr A", "Dr B"}


def test_a_connection_test_is_valid_and_covers_no_recording(tmp_path: Path) -> None:
    tried = connection_test_permission(SERVER, "Dr A")
    assert tried.valid
    assert not tried.covers_recordings
    assert allow(tmp_path, SERVER, "Dr A").covers_recordings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attestation", CONNECTION_TEST),
        ("attestation", "whatever"),
        ("terms_version", "0"),
        ("study", {"id": "another", "folder": "elsewhere"}),
        ("user", "Dr B"),
    ],
)
def test_a_kept_permission_that_says_something_else_allows_nothing(
    tmp_path: Path, name: str, value: object
) -> None:
    allow(tmp_path, SERVER, "Dr A")
    (file,) = (settings_folder() / FOLDER).iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))
    assert find_permission(tmp_path, SERVER, "Dr A") is None
    assert find_permission(tmp_path, SERVER, "Dr B") is None


def test_it_can_be_taken_back_and_ends_when_the_terms_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(tmp_path, SERVER, "Dr A")
    with monkeypatch.context() as changed:
        terms = TERMS[ServiceKind.OTHER_SERVER]
        changed.setitem(TERMS, ServiceKind.OTHER_SERVER, type(terms)("2", terms.title, terms.text, True))
        assert find_permission(tmp_path, SERVER, "Dr A") is None
    assert find_permission(tmp_path, SERVER, "Dr A") is not None
    revoke(tmp_path, SERVER)
    assert permissions(tmp_path) == ()


def test_a_copy_of_a_permission_under_another_name_allows_nothing(tmp_path: Path) -> None:
    allow(tmp_path, SERVER, "Dr A")
    (file,) = (settings_folder() / FOLDER).iterdir()
    for name in ("copy.json", f"{'0' * 32}.json", f".semioscope-{'0' * 16}"):
        file.with_name(name).write_bytes(file.read_bytes())
    assert len(permissions(tmp_path)) == 1
    revoke(tmp_path, SERVER)
    assert find_permission(tmp_path, SERVER, "Dr A") is None


@pytest.mark.parametrize("text", ["", "{}x", '[{"user": 1}]', "[1]", '{"a": 1}', "[" * 100_000, "\xff"])
def test_a_damaged_file_allows_nothing(tmp_path: Path, text: str) -> None:
    allow(tmp_path, SERVER, "Dr A")
    (file,) = (settings_folder() / FOLDER).iterdir()
    file.write_bytes(text.encode("latin-1"))
    assert find_permission(tmp_path, SERVER, "Dr A") is None
    allow(tmp_path, SERVER, "Dr A")
    assert find_permission(tmp_path, SERVER, "Dr A") is not None


def test_the_ledger_keeps_what_left_and_what_came_of_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first, second = ledger.sending(SENDING), ledger.sending(SENDING)
    ledger.outcome(second, "429")
    assert [(entry.id, entry.outcome) for entry in Ledger(tmp_path).entries()] == [
        (first, "sending"),
        (second, "429"),
    ]
    assert Ledger(tmp_path).entries()[0].sending == SENDING


@pytest.mark.parametrize(
    "name", ["m\u2028x", "é" * 20_000, "\U0001f600" * 20_000, "m\udcff", "x" * 70_000, "\x00" * 9000]
)
def test_every_line_that_is_written_can_be_read(tmp_path: Path, name: str) -> None:
    ledger = Ledger(tmp_path)
    ledger.sending(Sending(name, name, name, name, 3, "00ff", name))
    contents = Ledger(tmp_path).contents()
    assert (len(contents.entries), contents.unread) == (1, 0)
    assert contents.entries[0].sending.model[:2] == name[:2].replace("\udcff", "\\")


def test_a_line_cut_off_by_a_crash_takes_no_other_with_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.sending(SENDING)
    file = tmp_path / "egress.jsonl"
    whole = file.read_bytes()
    for cut in range(1, len(whole)):
        file.write_bytes(whole[:cut])
        after = ledger.sending(SENDING)
        assert ledger.entries()[-1].id == after


@pytest.mark.parametrize(("size", "refused"), [(65_534, False), (65_536, True), (100_000, True)])
def test_nothing_is_sent_while_the_ledger_ends_with_what_another_program_wrote(
    tmp_path: Path, size: int, refused: bool
) -> None:
    file = tmp_path / "egress.jsonl"
    file.write_bytes(b"\n" + b"[" * size)
    before = file.read_bytes()
    if not refused:
        Ledger(tmp_path).sending(SENDING)
        return
    with pytest.raises(UserError, match="has not written, so nothing is sent"):
        Ledger(tmp_path).sending(SENDING)
    assert file.read_bytes() == before


def test_files_left_with_a_provider_are_known_until_they_are_deleted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.uploaded(FIRST, SERVER)
    ledger.uploaded(SECOND, SERVER)
    ledger.deleted(FIRST)
    assert [file.id for file in Ledger(tmp_path).contents().orphans] == [SECOND]
    assert [upload.name for upload in remaining_uploads(SERVER, tmp_path)] == [SECOND]
    assert len(ledger.contents().remote_files) == 2


class Vault(keyring.backend.KeyringBackend):
    """Stands for a vault of the operating system."""

    priority = 5.0

    def __init__(self, forgets: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.forgets = forgets

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgets:
            self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlainTextFile(Vault):
    """Stands for a backend that writes keys into a file as they are."""


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(keys.REAL_VAULTS, f"{Vault.__module__}.Vault", "Test vault")


def test_a_real_vault_keeps_a_key(monkeypatch: pytest.MonkeyPatch, listed: None) -> None:
    vault = Vault()
    monkeypatch.setattr(keyring, "get_keyring", lambda: vault)
    assert KeyVault().name == "Test vault"
    assert KeyVault().keep("gemini", " canary-key\n")
    found = KeyVault().key("gemini")
    assert found is not None
    assert found.reveal() == "canary-key"
    KeyVault().forget("gemini")
    assert KeyVault().key("gemini") is None


def test_the_key_of_the_environment_is_used_where_the_vault_holds_none(
    monkeypatch: pytest.MonkeyPatch, listed: None
) -> None:
    vault = Vault()
    monkeypatch.setattr(keyring, "get_keyring", lambda: vault)
    assert KeyVault().keep("gemini", "canary-key")
    [kept] = vault.kept
    vault.kept[kept] = "no key at all"  # as another program could write
    found = model_reading._kept_or_given(KeyVault(), "of-the-environment", "gemini")
    assert found is not None
    assert found.reveal() == "of-the-environment"
    with pytest.raises(UserError):
        model_reading._kept_or_given(KeyVault(), "", "gemini")


@pytest.mark.parametrize("make", [PlainTextFile, null.Keyring, fail.Keyring])
def test_any_other_backend_is_never_written_to(
    make: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    vault = KeyVault()
    assert vault.name is None
    assert not vault.keep("gemini", "canary-key")
    assert vault.key("gemini") is not None
    assert KeyVault().key("gemini") is None
    assert getattr(backend, "kept", {}) == {}


def test_inside_a_chain_only_the_real_vault_is_used(monkeypatch: pytest.MonkeyPatch, listed: None) -> None:
    plain, vault = PlainTextFile(), Vault()

    class Chain(chainer.ChainerBackend):
        backends = (plain, vault)

    monkeypatch.setattr(keyring, "get_keyring", Chain)
    assert KeyVault().keep("gemini", "canary-key")
    assert plain.kept == {}
    assert vault.kept


def test_a_vault_that_forgets_is_noticed(monkeypatch: pytest.MonkeyPatch, listed: None) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: Vault(forgets=True))
    assert not KeyVault().keep("gemini", "canary-key")


def test_whatever_a_vault_fails_with_the_key_is_kept_for_this_run_and_told_nowhere(
    monkeypatch: pytest.MonkeyPatch, listed: None, caplog: pytest.LogCaptureFixture
) -> None:
    class OfTheSystemError(Exception):
        """As the libraries of Windows and D-Bus raise: neither an OSError nor one of keyring's."""

    class Failing(Vault):
        def _fail(self, *words: str) -> None:
            raise OfTheSystemError(f"cannot keep {words}")

        get_password = set_password = delete_password = _fail  # type: ignore[assignment]

    monkeypatch.setitem(keys.REAL_VAULTS, f"{Failing.__module__}.{Failing.__qualname__}", "a failing vault")
    monkeypatch.setattr(keyring, "get_keyring", Failing)
    vault = KeyVault()
    assert not vault.keep("gemini", "canary-key")
    assert vault.key("gemini") == Secret("canary-key")
    with pytest.raises(UserError, match="could not be removed"):
        vault.forget("gemini")
    assert vault.key("gemini") is None
    assert "canary-key" not in caplog.text


@pytest.mark.parametrize("named", ["no_such_module.Keyring", "os.path.join", "builtins.int"])
def test_a_backend_that_is_named_and_missing_is_no_vault(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: keyring.core.load_keyring(named))
    vault = KeyVault()
    assert vault.name is None
    assert not vault.keep("gemini", "canary-key")
    assert vault.key("gemini") == Secret("canary-key")


@pytest.mark.parametrize("held", ["canary\n-key", "canary-kéy", "canary\u2028key", "canary key"])
def test_what_another_program_put_into_the_vault_is_used_only_when_it_is_a_key(
    held: str, monkeypatch: pytest.MonkeyPatch, listed: None
) -> None:
    vault = Vault()
    monkeypatch.setattr(keyring, "get_keyring", lambda: vault)
    vault.set_password(keys.SERVICE_NAME, "gemini", held)
    with pytest.raises(UserError, match="What Test vault holds for gemini is not a key") as caught:
        KeyVault().key("gemini")
    assert "canary" not in str(caught.value)
    vault.set_password(keys.SERVICE_NAME, "gemini", "canary-key\n")
    assert KeyVault().key("gemini") == Secret("canary-key")


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("canary-key")
    assert "canary" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("key", ["", "  ", "two words", "schlüssel", "a\nb"])
def test_not_a_key(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    with pytest.raises(UserError):
        KeyVault().keep("gemini", key)
