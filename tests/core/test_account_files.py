"""Files of the account that cannot be read for a moment, or at all: nothing in them is ever lost."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.cli import main
from app.commands import probe
from app.commands.model_options import remember_private_origin
from app.core import account_file
from app.core.account_file import AccountProblems, free_name_aside, read_account_file
from app.core.enhance.enhancement import Enhancement
from app.core.errors import Cancelled, UserError
from app.core.exchange.kept_meanings import keep_features, kept_features
from app.core.folders import settings_folder
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.readers.models.prompt_files import prompt_sets, save_prompts
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.request_plan import AskingMode
from app.core.readers.models.token_counts import CountedRequest, corrections_for, keep_counts
from app.core.regular_file import read_at_most
from app.core.settings import Settings, load_settings, save_settings
from app.core.study.named_places import may_open, remember_opened


@dataclass
class Disk:
    """The disk under the account's files, which can fail."""

    monkeypatch: pytest.MonkeyPatch
    failures: int = 0
    """How many further reads fail."""
    reads: int = 0
    number: int = errno.EACCES
    """The error with which they fail."""

    def fail(self, *, reads: int = 1000, number: int = errno.EACCES) -> None:
        self.failures, self.number = reads, number

    def refuse_renames(self) -> None:
        self.monkeypatch.setattr(Path, "rename", self._refuse)

    def works_again(self) -> None:
        self.failures = 0
        self.monkeypatch.undo()

    def read(self, path: Path, largest: int) -> bytes:
        self.reads += 1
        if self.failures and path.exists():
            self.failures -= 1
            raise OSError(self.number, os.strerror(self.number), str(path))
        return read_at_most(path, largest)

    @staticmethod
    def _refuse(path: Path, _target: Path) -> Path:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


@pytest.fixture
def problems() -> Iterator[AccountProblems]:
    with contextlib.closing(AccountProblems()) as heard:
        heard.listen()
        yield heard


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    with pytest.MonkeyPatch.context() as further:  # undoing it leaves the folders of the test
        made = Disk(further)
        monkeypatch.setattr(account_file, "read_at_most", made.read)
        yield made


KEPT = Settings(author="Ana", theme="light", recent=("/a.mp4",))


def test_a_moment_without_access_costs_nothing(disk: Disk) -> None:
    save_settings(KEPT)
    disk.fail(reads=2)
    assert load_settings() == KEPT
    assert [path.name for path in settings_folder().iterdir()] == ["settings.json"]


DAMAGED = b'{"author": "Ana", "vol'


def set_aside(file: Path) -> Path:
    """The only file that was set aside."""
    (found,) = file.parent.glob(f"{file.stem}.unreadable-*{file.suffix}")
    return found


def test_damaged_settings_are_set_aside_whole_and_that_is_said(problems: AccountProblems) -> None:
    file = settings_folder() / "settings.json"
    file.write_bytes(DAMAGED)
    found = load_settings()
    assert found == Settings()
    (said,) = problems.take()
    assert f"“{set_aside(file).name}”" in said
    assert problems.take() == ()
    save_settings(replace(found, volume=0.5))
    assert set_aside(file).read_bytes() == DAMAGED
    assert load_settings().volume == 0.5


@pytest.mark.parametrize("number", [errno.EACCES, errno.EMFILE, errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
def test_healthy_settings_that_cannot_be_read_stay_and_are_never_written_over(
    disk: Disk, problems: AccountProblems, number: int
) -> None:
    save_settings(KEPT)
    disk.fail(number=number)
    found = load_settings()
    (said,) = problems.take()
    assert os.strerror(number).lower() in said
    disk.works_again()  # before the defaults are saved
    with pytest.raises(UserError, match="are not saved"):
        save_settings(replace(found, volume=0.5))
    assert load_settings() == KEPT
    assert [path.name for path in settings_folder().iterdir()] == ["settings.json"]


def test_damaged_settings_that_cannot_be_set_aside_are_never_written_over(disk: Disk) -> None:
    file = settings_folder() / "settings.json"
    file.write_bytes(DAMAGED)
    disk.refuse_renames()
    found = load_settings()
    disk.works_again()
    with pytest.raises(UserError, match="are not saved"):
        save_settings(replace(found, volume=0.5))
    assert file.read_bytes() == DAMAGED


def test_a_folder_in_place_of_the_settings_is_set_aside_whole() -> None:
    (settings_folder() / "settings.json" / "inside").mkdir(parents=True)
    save_settings(replace(load_settings(), author="Ana"))
    assert load_settings().author == "Ana"
    assert (set_aside(settings_folder() / "settings.json") / "inside").is_dir()


def test_of_two_programs_that_find_damaged_settings_the_slower_one_begins_without(
    monkeypatch: pytest.MonkeyPatch, problems: AccountProblems
) -> None:
    file = settings_folder() / "settings.json"
    file.write_bytes(DAMAGED)
    rename = Path.rename

    def other_is_faster(path: Path, target: Path) -> Path:
        rename(path, path.with_name("set aside by the other"))
        return rename(path, target)

    with monkeypatch.context() as raced:
        raced.setattr(Path, "rename", other_is_faster)
        found = load_settings()
    assert problems.take() == (), "the other one has said it"
    save_settings(replace(found, volume=0.5))
    assert load_settings().volume == 0.5


def test_what_was_set_aside_is_never_replaced() -> None:
    """Two programs that look for a free name at the same moment take different ones."""
    file = settings_folder() / "settings.json"
    assert free_name_aside(file) != free_name_aside(file)


def test_a_file_that_stays_unreadable_is_said_once_and_holds_nothing_up(
    disk: Disk, problems: AccountProblems
) -> None:
    file = settings_folder() / "opened.json"
    file.write_bytes(DAMAGED)
    os.utime(file, (0, 0))
    disk.refuse_renames()
    for number in range(10):
        remember_opened(Path(f"/{number}.mp4"))
    assert disk.reads == 10, "nobody is in the middle of writing it"
    assert len(problems.take()) == 1
    remember_opened(Path("/a.mp4"))
    assert problems.take() == ()


def test_no_sentence_is_lost_between_threads(problems: AccountProblems) -> None:
    files = [settings_folder() / f"{number}.json" for number in range(200)]
    for file in files:
        file.write_bytes(DAMAGED)
        os.utime(file, (0, 0))
    taken: list[str] = []

    def read() -> None:
        for file in files:
            with contextlib.suppress(UserError):
                read_account_file(file, json.loads)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken += problems.take()
    taken += problems.take()
    assert len(taken) == len(set(taken)) == len(files)


@pytest.mark.parametrize("ends", [UserError("No."), Cancelled(), ValueError("a fault")])
def test_a_command_says_what_was_set_aside_however_it_ends(
    ends: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = settings_folder() / "settings.json"
    file.write_bytes(DAMAGED)

    def run(_args: object) -> int:
        load_settings()
        raise ends

    monkeypatch.setattr(probe, "run", run)
    assert main(["probe", "a.mp4"])
    assert capsys.readouterr().err.count(f"“{set_aside(file).name}”") == 1


def _prompts(name: str) -> Callable[[], object]:
    return lambda: save_prompts(replace(next(iter(PROMPT_SETS.values())), name="mine", rules=name))


Write = Callable[[], object]
FILES: dict[str, tuple[Write, Write]] = {
    "model.json": (
        lambda: save_choice(ModelChoice("openai", "m", "http://localhost/v1")),
        lambda: save_choice(replace(load_choice(), mode=AskingMode.PER_FEATURE)),
    ),
    "opened.json": (lambda: remember_opened(Path("/a.mp4")), lambda: remember_opened(Path("/b.mp4"))),
    "import_names.json": (
        lambda: keep_features({"Kloni": "clonic"}),
        lambda: keep_features({"Tonik": "tonic"}),
    ),
    "tokens.json": (
        lambda: keep_counts("a", [CountedRequest(Enhancement.POSE, 100, 200, 1, 10)]),
        lambda: keep_counts("b", [CountedRequest(Enhancement.POSE, 100, 200, 1, 10)]),
    ),
    "prompts/mine.json": (_prompts("One."), _prompts("Two.")),
}
"""By file: what writes it, and what changes it later."""


@pytest.mark.parametrize("name", FILES)
def test_no_other_file_is_written_over_unread(name: str, disk: Disk) -> None:
    write, change = FILES[name]
    write()
    file = settings_folder() / name
    before = file.read_bytes()
    disk.fail()
    with contextlib.suppress(UserError):  # what nobody waits for is only logged
        change()
    disk.works_again()
    assert file.read_bytes() == before
    file.write_bytes(DAMAGED)
    disk.refuse_renames()
    with contextlib.suppress(UserError):
        change()
    disk.works_again()
    assert file.read_bytes() == DAMAGED
    change()
    assert set_aside(file).read_bytes() == DAMAGED
    assert file.read_bytes() != DAMAGED


def test_what_cannot_be_read_does_not_apply(disk: Disk, problems: AccountProblems, tmp_path: Path) -> None:
    for write, _change in FILES.values():
        write()
    disk.fail()
    assert load_choice().local_only
    (said,) = problems.take()
    assert "“model.json”" in said
    assert not may_open(Path("/a.mp4"), tmp_path / "study")
    assert kept_features() == {}
    assert corrections_for("a") == {}
    disk.works_again()
    assert "mine" in prompt_sets(), "reading a set changes nothing"
    assert not load_choice().local_only


OF_A_NEWER_VERSION: dict[str, Callable[[bytes], bytes]] = {
    "model.json": lambda now: now.replace(b'"grouped"', b'"by_limb"'),
    "import_names.json": lambda now: now.replace(b"names/1", b"names/2"),
}
"""By file: what a newer version writes in place of what this one does."""


@pytest.mark.parametrize("name", OF_A_NEWER_VERSION)
def test_what_a_newer_version_wrote_stays_until_it_would_be_replaced(name: str) -> None:
    write, change = FILES[name]
    write()
    file = settings_folder() / name
    newer = OF_A_NEWER_VERSION[name](file.read_bytes())
    assert newer != file.read_bytes()
    file.write_bytes(newer)
    assert load_choice().local_only
    remember_private_origin(ModelChoice(private_origins=("http://10.0.0.2:80",)))
    assert name == "model.json" or kept_features() == {}
    assert file.read_bytes() == newer
    change()
    assert set_aside(file).read_bytes() == newer
