"""Which recording of a study a file means: by content, never by a name that leaves a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported, ReadRecording
from app.core.exchange.import_readings import ImportOutcome, import_into
from app.core.exchange.joined_readings import Settlement
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip

YES = Presence.YES
SHA, OTHER_SHA = "ab" * 32, "cd" * 32
SEVERAL = "More than one recording is called “a.mp4”, and only its name is known; it was left out."
OTHER_CONTENT = "The study's recording “a.mp4” has another content; the file's answers were left out."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study.open(tmp_path / "s.semioscope", author="Ana")


def add(study: Study, name: str, fingerprint: str, sha256: str = "") -> int:
    number = study.recording(Clip(Path("/x") / fingerprint / name, fingerprint * 64))
    if sha256:
        study.set_sha256(number, sha256)
    return number


def entry(
    name: str, *, sha256: str = "", fingerprint: str = "", duration: float = 0.0, feature: str = "tonic"
) -> ReadRecording:
    """A recording of a file of which Ana has answered a feature."""
    identity = RecordingIdentity(name, sha256, duration)
    reading = Reading(identity, ANA, {feature: Answer(feature, YES)})
    return ReadRecording(identity, (reading,), fingerprint * 64)


def imported(study: Study, *entries: ReadRecording) -> ImportOutcome:
    return import_into(study, Imported(Bundle(entries)), SealedFrom(()))


def answered(study: Study) -> list[int]:
    return [row.id for row in study.recordings() if study.reading(row.id, ANA, viewer=None).answers]


def test_a_name_that_two_recordings_of_the_study_have_matches_neither(study: Study) -> None:
    add(study, "a.mp4", "1")
    add(study, "a.mp4", "2")
    outcome = imported(study, entry("a.mp4"))
    assert (outcome.changed, outcome.same, outcome.remarks) == (0, 0, (SEVERAL,))
    assert answered(study) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (entry("a.mp4", sha256=SHA), entry("a.mp4", sha256=OTHER_SHA)),
        (entry("a.mp4", duration=60.0), entry("a.mp4", duration=61.0)),
        (entry("a.mp4", sha256=SHA), entry("a", sha256=OTHER_SHA)),
    ],
)
def test_two_recordings_of_a_file_are_not_put_into_one_by_their_name(
    study: Study, one: ReadRecording, other: ReadRecording
) -> None:
    add(study, "a.mp4", "1")
    outcome = imported(study, one, other)
    assert outcome.changed == 0
    assert outcome.remarks[0] == SEVERAL
    assert answered(study) == []


def test_one_recording_of_a_file_under_two_identities_is_one(study: Study) -> None:
    add(study, "a.mp4", "1")
    named = entry("a.mp4", duration=60.0)
    for feature, other in (("clonic", entry("a", duration=60.004, feature="clonic")),
                           ("head_turning", entry("a.mp4", feature="head_turning"))):  # fmt: skip
        assert imported(study, named, other).remarks == ()
        assert study.reading(1, ANA, viewer=None).answer(feature).presence is YES


def test_another_one_of_a_name_does_not_come_between_the_content_that_is_known(study: Study) -> None:
    add(study, "a.mp4", "1", SHA)
    outcome = imported(study, entry("a.mp4", sha256=SHA, duration=60.0), entry("a.mp4", duration=61.0))
    assert (outcome.changed, outcome.remarks) == (1, (SEVERAL,))


def test_a_name_does_not_match_where_the_sha256_differ(study: Study) -> None:
    add(study, "a.mp4", "1", SHA)
    outcome = imported(study, entry("a.mp4", sha256=OTHER_SHA))
    assert (outcome.changed, outcome.same, outcome.remarks) == (0, 0, (OTHER_CONTENT,))
    assert answered(study) == []


def test_a_name_does_not_match_where_the_fingerprints_differ(study: Study) -> None:
    add(study, "a.mp4", "1")
    assert imported(study, entry("a.mp4", fingerprint="2")).remarks == (OTHER_CONTENT,)
    assert answered(study) == []


def test_a_content_that_excludes_one_of_two_is_no_proof_for_the_other(study: Study) -> None:
    add(study, "a.mp4", "1", SHA)
    add(study, "a.mp4", "2")
    assert imported(study, entry("a.mp4", sha256=OTHER_SHA)).remarks == (SEVERAL,)


def test_content_matches_whatever_the_names_are(study: Study) -> None:
    add(study, "a.mp4", "1")
    add(study, "a.mp4", "2", SHA)
    assert imported(study, entry("renamed.mp4", sha256=SHA)).changed == 1
    assert answered(study) == [2]
    assert imported(study, entry("a.mp4", fingerprint="1")).changed == 1
    assert answered(study) == [1, 2]


def test_a_name_without_its_ending_matches_only_one_recording(study: Study) -> None:
    add(study, "a.mp4", "1")
    assert imported(study, entry("a")).changed == 1
    add(study, "a.mkv", "2")
    assert imported(study, entry("a.mp4")).same == 1
    assert imported(study, entry("a")).remarks == (SEVERAL.replace("a.mp4", "a"),)


def test_a_whole_name_comes_before_one_without_its_ending(study: Study) -> None:
    add(study, "a.mp4", "1")
    add(study, "a", "2")
    assert imported(study, entry("a")).remarks == ()
    assert answered(study) == [2]


def chosen(study: Study, name: str, number: int, *entries: ReadRecording) -> ImportOutcome:
    settlement = Settlement(recordings={name: number})
    return import_into(study, Imported(Bundle(entries)), SealedFrom(()), settlement=settlement)


def test_of_two_recordings_of_one_name_the_chosen_one_is_taken_and_nothing_else(study: Study) -> None:
    add(study, "a.mp4", "1")
    add(study, "a.mp4", "2")
    (doubt,) = imported(study, entry("a.mp4")).doubts
    assert [row.id for row in doubt.rows] == [1, 2]
    assert "can be recording 1 (“" in doubt.describe()
    outcome = chosen(study, "a.mp4", 2, entry("a.mp4"))
    assert (outcome.changed, outcome.remarks) == (1, ())
    assert "was taken for recording 2" in outcome.doubts[0].describe()
    assert answered(study) == [2]


@pytest.mark.parametrize(("name", "number"), [("a.mp4", 1), ("a.mp4", 9), ("b.mp4", 2), ("A.MP4", 2)])
def test_a_choice_that_the_file_leaves_no_room_for_is_refused(study: Study, name: str, number: int) -> None:
    add(study, "a.mp4", "1", SHA)
    add(study, "a.mp4", "2")
    add(study, "a.mp4", "3")
    add(study, "b.mp4", "4")
    file = (entry("a.mp4", sha256=OTHER_SHA), entry("b.mp4"))
    with pytest.raises(UserError, match=f"“{name}”"):
        chosen(study, name, number, *file)
    assert answered(study) == []
    assert chosen(study, "a.mp4", 3, *file).changed == 2


def test_the_chosen_recording_is_not_the_one_of_two_that_differ(study: Study) -> None:
    add(study, "a.mp4", "1")
    add(study, "a.mp4", "2")
    two = entry("a.mp4", sha256=SHA), entry("a.mp4", sha256=OTHER_SHA)
    assert chosen(study, "a.mp4", 2, *two).changed == 0
    assert answered(study) == []


def test_a_recording_that_is_not_there_is_named(study: Study) -> None:
    assert imported(study, entry("c.mp4")).remarks == (
        "The study has no recording “c.mp4”; its answers were left out.",
    )
