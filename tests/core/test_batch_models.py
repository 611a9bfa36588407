"""Batches that ask models in two passes, of the event alone, in several wordings: as `analyze` asks them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import null

from app import cli
from app.core.batch.batch_reader import BatchReader, model_reader
from app.core.batch.marked_events import WhoseMarks, events_of
from app.core.batch.recording_list import listed_recordings
from app.core.enhance import pose
from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.reader_details import MARKS, PROMPT_SET, TELLS_EARLIER
from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.prices import Price
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.reader import plan_reading
from app.core.reading import RecordingIdentity, person
from app.core.recording.recording import Recording
from app.core.semiology import ConfidenceKind
from app.core.settings import account_author
from app.core.study.edits import SetBlindByDefault, SetReference
from app.core.study.store import Study
from tests.core.batch_models import (
    PLAIN,
    WINDOWS,
    emu_of,
    know_pose,
    mark,
    options,
    readings_in,
    texts_of,
    twitching_pose,
)
from tests.loopback import Service, served

ANA, BO = person("Ana"), person("Bo")
BEGINS = "The event begins "


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    monkeypatch.setattr("app.core.readers.models.retrying.random.uniform", lambda *_range: 0.0)
    with served() as made:
        yield made


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "all.semioscope"


def batch(emu: Path, study: Path, service: Service, *more: str) -> int:
    command = ["batch", str(emu), "--reader", "openai", "--study", str(study), *options(service)]
    return cli.main([*command, *more])


def reasons(emu: Path) -> dict[str, str]:
    """Why recordings have no result, by their names."""
    with (emu / "semioscope-batch" / "summary.csv").open(encoding="utf-8-sig") as file:
        return {row["recording"]: row["reason"] for row in csv.DictReader(file) if row["reason"]}


def test_two_passes_find_the_pose_and_look_once_more_where_it_moves(
    tmp_path: Path, study: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    emu, found = emu_of(tmp_path / "emu", "a", "b"), Counter[str]()

    def analyse(recording: Recording, *_rest: object) -> PoseTrack:
        found[recording.name] += 1
        return twitching_pose(recording)

    monkeypatch.setattr(pose, "_analyse", analyse)
    assert batch(emu, study, service, "--feature-rates", "moving") == 0
    assert found == {"a.mp4": 1, "b.mp4": 1}
    assert len(service.asked) == 2 * (PLAIN + WINDOWS)
    assert batch(emu, study, service, "--feature-rates", "moving", "--resume") == 0
    assert len(service.asked) == 2 * (PLAIN + WINDOWS), "nothing is asked twice"
    details = [one.reader.details for one in readings_in(emu / "semioscope-batch")]
    assert [one["feature_rates"] for one in details] == ["two passes", "two passes"]
    assert not any(TELLS_EARLIER in one for one in details)


def test_the_pose_that_cannot_be_found_costs_its_own_recording(
    tmp_path: Path, study: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    emu = emu_of(tmp_path / "emu", "a", "b")
    know_pose(emu / "a.mp4")
    monkeypatch.setattr(pose, "_load", lambda _content: None)
    monkeypatch.setattr(pose, "run_process", lambda *_job, **_options: b"")
    assert batch(emu, study, service, "--feature-rates", "moving") == 1
    assert "analysis of the picture" in reasons(emu)["b.mp4"]
    assert len(service.asked) == PLAIN + WINDOWS


def test_the_event_is_read_by_the_marks_of_who_is_named(
    tmp_path: Path, study: Path, service: Service
) -> None:
    emu = emu_of(tmp_path / "emu", "a", "b", "c")
    mark(study, emu / "a.mp4", ANA, 0.5, 1.5)
    mark(study, emu / "b.mp4", ANA, None, 1.5)
    asked = ("--part", "event:0", "--marks", "Ana")
    assert batch(emu, study, service, *asked) == 1
    assert reasons(emu) == {
        "b.mp4": "The onset is not marked by “Ana”.",
        "c.mp4": "The study does not have this recording, so no marks of “Ana” either.",
    }
    assert len(service.asked) == PLAIN
    (reading,) = readings_in(emu / "semioscope-batch")
    assert (reading.reader.details["range"], reading.reader.details[MARKS]) == ("event:0", "Ana")
    assert not any(BEGINS in text for text in texts_of(service)), "marks that only say the part are not told"
    mark(study, emu / "b.mp4", ANA, 0.2, None)
    assert batch(emu, study, service, *asked) == 1
    assert len(service.asked) == 2 * PLAIN, "what was read is not asked again"


def test_other_marks_are_another_question(tmp_path: Path, study: Path, service: Service) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    mark(study, emu / "a.mp4", ANA, 0.5, 1.5)
    mark(study, emu / "a.mp4", BO, 0.2, 1.0)
    read_openly(study)
    for name in ("Ana", "Bo", "Bo"):
        assert batch(emu, study, service, "--part", "event:0", "--marks", name) == 0
    assert len(service.asked) == 2 * PLAIN
    assert {one.reader.details[MARKS] for one in readings_in(emu / "semioscope-batch")} == {"Ana", "Bo"}


def read_openly(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetBlindByDefault(before=True, after=False))


def test_reference_is_the_reference_of_the_study(tmp_path: Path, study: Path, service: Service) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    mark(study, emu / "a.mp4", ANA, 0.5, 1.5)
    asked = ("--tell-event", "--marks", "Reference")
    assert batch(emu, study, service, *asked) == 1
    assert "no reading of this recording" in reasons(emu)["a.mp4"]
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetReference(None, ANA))
    assert batch(emu, study, service, *asked) == 0
    assert all(BEGINS in text for text in texts_of(service))


def test_nothing_marked_is_a_failure_where_the_event_is_told(
    tmp_path: Path, study: Path, service: Service
) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    mark(study, emu / "a.mp4", ANA, None, None)
    mark(study, emu / "a.mp4", BO, 0.5, None)
    with Study.open(study, author="Ana") as opened:
        opened.keep_reading(1, opened.reading(1, ANA, viewer=None))
    assert batch(emu, study, service, "--tell-event", "--marks", "Ana") == 1
    assert not service.asked


def test_a_name_that_nobody_has_stops_before_anything_is_asked(
    tmp_path: Path, study: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    mark(study, emu / "a.mp4", ANA, 0.5, 1.5)
    assert batch(emu, study, service, "--part", "event", "--marks", "Anna") == 1
    assert "no reader “Anna” whose marks could be used; it has Ana" in capsys.readouterr().err
    assert batch(emu, study, service, "--marks", "Ana") == 1
    assert "--marks is for models that are asked by them" in capsys.readouterr().err
    assert not service.asked


def test_marks_that_are_sealed_from_anybody_are_never_used(
    tmp_path: Path, study: Path, service: Service
) -> None:
    emu, me = emu_of(tmp_path / "emu", "a"), person(account_author())
    for reader, onset in ((ANA, 0.3), (BO, 0.5), (me, 0.7)):
        mark(study, emu / "a.mp4", reader, onset, 1.5)
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetBlindByDefault(before=True, after=True))
    for asked in (("--part", "event:0"), ("--tell-event",)):
        assert batch(emu, study, service, *asked, "--marks", "Ana") == 1
        assert "somebody reads this recording blind" in reasons(emu)["a.mp4"]
    assert not service.asked
    assert batch(emu, study, service, "--part", "event:0") == 0, "one's own are those that analyze uses"
    assert len(service.asked) == PLAIN


def test_no_mark_of_another_is_used_while_nobody_has_decided_how_the_study_is_read(
    tmp_path: Path, study: Path, service: Service
) -> None:
    emu, me = emu_of(tmp_path / "emu", "a"), person(account_author())
    mark(study, emu / "a.mp4", ANA, 0.3, 1.5)
    mark(study, emu / "a.mp4", me, 0.7, 1.5)
    assert batch(emu, study, service, "--part", "event:0", "--marks", "Ana") == 1
    assert "somebody reads this recording blind" in reasons(emu)["a.mp4"]
    assert not service.asked
    assert batch(emu, study, service, "--part", "event:0") == 0
    assert len(service.asked) == PLAIN, "one's own are used all the same"
    read_openly(study)
    assert batch(emu, study, service, "--part", "event:0", "--marks", "Ana") == 0
    assert len(service.asked) == 2 * PLAIN


def test_how_a_recording_is_read_is_asked_when_its_marks_are_used(tmp_path: Path, study: Path) -> None:
    emu, me = emu_of(tmp_path / "emu", "a"), person(account_author())
    mark(study, emu / "a.mp4", ANA, 0.3, 1.5)
    reader = BatchReader("openai", ModelChoice("openai", "tiny-vl", range="event:0"), marks="Ana")
    (recording,) = listed_recordings(emu)
    with events_of((reader,), WhoseMarks(study, "Ana", me)) as events:
        assert events(recording, reader).onset == 0.3
        mark(study, emu / "a.mp4", BO, 0.5, 1.5)
        with pytest.raises(UserError, match="reads this recording blind"):
            events(recording, reader)


def test_a_span_that_a_recording_does_not_have_is_a_counted_failure(
    tmp_path: Path, study: Path, service: Service
) -> None:
    emu = emu_of(tmp_path / "emu", "a", "b")
    assert batch(emu, study, service, "--part", "2.05-9") == 1
    assert list(reasons(emu)) == ["a.mp4"]
    assert "Nothing of the recording lies in the chosen span" in reasons(emu)["a.mp4"]
    assert len(service.asked) == PLAIN - 1, "the end of the other, where there is no more sound"


def test_repeats_take_wordings_in_turn(
    tmp_path: Path, study: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    assert batch(emu, study, service, "--wordings", "plain,ilae") == 1
    assert "--confidence repeats" in capsys.readouterr().err
    asked = ("--confidence", "repeats", "--times-asked", "3", "--wordings", "plain,ilae")
    for _again in range(2):
        assert batch(emu, study, service, *asked) == 0
        assert len(service.asked) == 3 * PLAIN
    assert len(set(texts_of(service))) == 3 * PLAIN, "each repeat in another wording"
    (reading,) = readings_in(emu / "semioscope-batch")
    assert reading.reader.details[PROMPT_SET] == "expert, plain, ilae in turn"


def test_a_wording_that_is_the_chosen_set_is_taken_once() -> None:
    expert, *others = PROMPT_SETS.values()
    chosen = ModelChoice(
        "openai", "tiny-vl", "http://127.0.0.1:1/v1", confidence=ConfidenceKind.REPEATS, times_asked=3,
        prompts=expert.name, wordings=(others[0].name, expert.name),
    )  # fmt: skip
    assert model_reader(chosen, PROMPT_SETS, "").wordings == (others[0],)
    plan = plan_reading(chosen, RecordingIdentity("a.mp4", "", 20.0), Path("nowhere"))
    assert (plan.prompts, plan.wordings) == (expert, (others[0],))


def test_settings_that_need_marks_use_ones_own(
    tmp_path: Path, study: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    save_choice(ModelChoice("openai", "tiny-vl", f"{service.url}/v1", range="event:0"))
    assert batch(emu, study, service) == 1
    assert "whose marks could be used" in capsys.readouterr().err
    mark(study, emu / "a.mp4", person(account_author()), 0.5, None)
    assert batch(emu, study, service) == 0


def test_the_ceiling_holds_for_both_passes_and_the_rest_is_asked_later(
    tmp_path: Path, study: Path, service: Service
) -> None:
    emu = emu_of(tmp_path / "emu", "a")
    know_pose(emu / "a.mp4")
    price = Price(1_000_000.0, 1_000_000.0)
    save_choice(ModelChoice("openai", "tiny-vl", f"{service.url}/v1", own_price=price, limit=1))
    assert batch(emu, study, service, "--feature-rates", "moving", "--most-cost", "40000") == 1
    before = len(service.asked)
    assert 0 < before < PLAIN + WINDOWS
    assert "could be spent" in reasons(emu)["a.mp4"]
    assert batch(emu, study, service, "--feature-rates", "moving", "--most-cost", "1e12") == 0
    assert len(service.asked) == PLAIN + WINDOWS
