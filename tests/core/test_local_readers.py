"""Local readers by name: the built-in one, and trained ones from their files, also in a batch."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.analysis import reader_choice
from app.core.batch.batch_reader import BatchReader
from app.core.batch.work_process import read_job, work_job
from app.core.errors import UserError
from app.core.jobs import no_report
from app.core.readers.local_readers import is_local, local_reader, short_name, with_absolute_path
from app.core.readers.trained.trained_reader_file import TrainedReaderFile, trained_reader_to_json
from app.core.reading import from_json
from app.core.recording.identity import content_sha256
from tests.core.test_trained_reader import CLONIC_FILE, trained_file
from tests.media import write_recording


def kept(path: Path, file: TrainedReaderFile) -> str:
    path.write_text(trained_reader_to_json(file), encoding="utf-8")
    return f"trained:{path}"


def test_a_trained_reader_is_named_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert with_absolute_path("trained:ours.json") == f"trained:{tmp_path / 'ours.json'}"
    assert with_absolute_path("signal") == short_name("signal") == "signal"
    assert short_name("trained:a/ours.json") == "ours"
    assert is_local("signal")
    assert is_local("trained:x")
    assert not is_local("trained:")
    assert not is_local("gemini")


def test_the_choice_of_a_command_takes_trained_readers() -> None:
    check = reader_choice("gemini")
    assert [check(text) for text in ("signal", "gemini", "trained:a.json")][-1] == "trained:a.json"
    with pytest.raises(argparse.ArgumentTypeError, match="trained:FILE"):
        check("trained:")


def test_a_file_that_is_no_reader_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(UserError, match="is not a trained reader"):
        local_reader(f"trained:{tmp_path / 'x.json'}")


def test_two_trained_readers_have_results_of_their_own(tmp_path: Path) -> None:
    one = BatchReader(kept(tmp_path / "one.json", trained_file()))
    two = BatchReader(kept(tmp_path / "two.json", CLONIC_FILE))
    again = BatchReader(kept(tmp_path / "again.json", replace(CLONIC_FILE, made="2020-01-01")))
    assert one.name == "one"
    assert two.asked == again.asked, "the same weights answer the same"
    assert len({one.asked, two.asked, BatchReader("signal").asked}) == 3


def test_a_process_of_a_batch_reads_with_a_trained_reader(tmp_path: Path) -> None:
    name = kept(tmp_path / "ours.json", trained_file())
    film = write_recording(tmp_path / "a.mp4", frames=50)
    job = work_job(film, name, content_sha256(film), None, blind=False)
    reading = from_json(read_job(dict(job), no_report).decode())
    assert reading.reader == local_reader(name)(None).identity
