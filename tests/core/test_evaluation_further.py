"""Order of onsets, first movement, rated explanations and merging of segments: by hand, against cheating."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from app import cli
from app.core.evaluation.evaluate_readings import AnswerDetails, evaluate_labels
from app.core.evaluation.first_movement import REGIONS, first_movement
from app.core.evaluation.labels import FeatureLabel, LabelledCase, LabelState, ReaderLabels, label_of
from app.core.evaluation.rated_explanations import EVERYTHING, ordinal_alpha
from app.core.evaluation.segment_rules import RULES, choose_rules, f1_of, says_yes
from app.core.evaluation.sequences import Onsets, order_score
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.edits import RateExplanation, SetAnswer, SetBlindByDefault
from app.core.study.rating import Rating
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip

NAMES = [feature.id for feature in FEATURES]


def yes(feature: str, start: float, side: Laterality | None = None) -> FeatureLabel:
    return label_of(Answer(feature, Presence.YES, None, (Span(start, start + 1),), side))


def case(name: str, *labels: FeatureLabel) -> LabelledCase:
    return LabelledCase(name, name, {label.answer.feature: label for label in labels})


def details(truth: list[LabelledCase], said: list[LabelledCase]) -> AnswerDetails:
    found = evaluate_labels(ReaderLabels("truth", tuple(truth)), {"m": ReaderLabels("m", tuple(said))})
    return found.details["m"]


# Order of onsets


def test_the_order_by_hand() -> None:
    truth = {"tonic": 1.0, "clonic": 2.0, "head_turning": 3.0, "blank_stare": 4.0}
    # Of tonic, clonic, head turning: tonic and clonic the wrong way round.
    said = {"tonic": 6.0, "clonic": 5.0, "head_turning": 9.0, "eye_blinking": 0.0}
    assert order_score(truth, said) == (2 / 3, 2 / 3)
    assert order_score(truth, truth) == (1.0, 1.0)
    assert order_score(truth, {name: -start for name, start in truth.items()}) == (0.0, 1 / 4)
    # What begins together for the reader alone counts a half, and is no rise.
    assert order_score({"tonic": 1.0, "clonic": 2.0}, {"tonic": 3.0, "clonic": 3.0}) == (0.5, 0.5)
    # What begins together in truth may come in any order.
    together = {"tonic": 1.0, "clonic": 1.0, "head_turning": 2.0}
    assert order_score(together, {"tonic": 5.0, "clonic": 4.0, "head_turning": 6.0}) == (1.0, 1.0)
    assert order_score({"tonic": 1.0, "clonic": 1.0}, {"tonic": 1.0, "clonic": 2.0}) is None
    assert order_score({"tonic": 1.0}, {"tonic": 1.0}) is None


onsets = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9).map(float), max_size=12)


@given(onsets, onsets, onsets)
def test_padding_cannot_raise_the_order(truth: Onsets, said: Onsets, padding: Onsets) -> None:
    """Saying yes to more features that the truth does not have changes nothing at all."""
    more = {name: start for name, start in padding.items() if name not in truth} | dict(said)
    assert order_score(truth, more) == order_score(truth, said)


@given(onsets, onsets)
def test_the_order_is_a_share_and_right_only_for_the_right_order(truth: Onsets, said: Onsets) -> None:
    found = order_score(truth, said)
    if found is None:
        return
    assert 0 <= found[0] <= 1
    assert 0 < found[1] <= 1
    assert (found[0] == 1) == (found[1] == 1)
    later = {name: 100 + 2 * start for name, start in said.items()}
    assert order_score(truth, later) == found


def test_the_order_beside_that_of_other_patients() -> None:
    truth = [case(name, yes("tonic", 1), yes("clonic", 2)) for name in "abc"]
    said = [case("a", yes("tonic", 2), yes("clonic", 1)), *(case(x, *truth[0].labels.values()) for x in "bc")]
    found = details(truth, said).sequence
    assert found is not None
    assert (found.n, found.features) == (3, 2.0)
    assert found.reader.pairs.value == pytest.approx(2 / 3)
    assert found.reader.subsequence.value == pytest.approx((0.5 + 1 + 1) / 3)
    assert found.constant.pairs.value == 1.0


# First movement


def test_the_first_movement_by_hand() -> None:
    left, right = Laterality.LEFT, Laterality.RIGHT
    truth = [
        case("a", yes("blank_stare", 0), yes("arm_flexion", 1, left), yes("head_turning", 2, right)),
        case("b", yes("head_turning", 1, left), yes("clonic", 3, left)),
        case("c", yes("oral_automatisms", 1)),
        case("d", yes("blank_stare", 1)),
    ]
    said = [
        case("a", yes("figure4", 4, right), yes("clonic", 5, left)),
        case("b", yes("clonic", 1, left), yes("head_turning", 2, left)),
        case("c", yes("face_twitching", 1)),
        case("d", yes("tonic", 1)),
    ]
    found = details(truth, said).first
    assert found.region is not None
    assert found.side is not None
    assert (found.region.n, found.side.n) == (3, 2)
    assert found.region.same.value == pytest.approx(2 / 3)  # arms, and the face; not head and limbs
    assert found.side.same.value == 0.5
    # Truth: arms, head, face; the reader: arms, limbs, face.
    assert found.region.chance == pytest.approx(2 / 9)
    assert found.region.constant == pytest.approx(1 / 3)
    nothing = details([case("d", yes("blank_stare", 1))], [case("d", yes("tonic", 1))]).first
    assert (nothing.region, nothing.side) == (None, None)


def test_what_is_no_movement_is_never_the_first() -> None:
    still = {"occur_during_sleep", "blank_stare", "close_eyes", "verbal_responsiveness", "ictal_vocalization"}
    assert set(NAMES) - set(REGIONS) == still
    one = case("a", *(yes(name, at) for at, name in enumerate([*sorted(still), "tonic", "clonic"])))
    found = first_movement(one)
    assert found is not None
    assert found.feature == "tonic"


# Explanations


def rated(name: str, ratings: Mapping[str, int]) -> LabelledCase:
    answer = Answer("tonic", Presence.YES, explanation="The arms are stiff.")
    return LabelledCase(name, name, {"tonic": FeatureLabel(LabelState.YES, answer, ratings)})


def test_ratings_by_hand() -> None:
    said = [
        rated("a", {"ana": 5, "bo": 4}),
        rated("b", {"ana": 2, "bo": 3}),
        rated("c", {"ana": 1}),
        rated("d", {}),
    ]
    truth = [case(name, yes("tonic", 0)) for name in "abcd"]
    found = details(truth, said).explanations
    assert list(found) == ["tonic", EVERYTHING]
    tonic = found["tonic"]
    assert (tonic.n, tonic.shared) == (3, 2)
    assert dict(tonic.distribution) == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
    assert tonic.mean.value == 3.0
    assert tonic.faithful.value == pytest.approx(3 / 5)
    expected = krippendorff.alpha(np.array([[5.0, 2.0], [4.0, 3.0]]), level_of_measurement="ordinal")
    assert tonic.alpha == pytest.approx(expected, abs=1e-9)


def test_agreement_of_raters_is_undefined_rather_than_wrong() -> None:
    assert ordinal_alpha([]) is None
    assert ordinal_alpha([{"ana": 3, "bo": 3}, {"ana": 3, "bo": 3}]) is None
    assert ordinal_alpha([{"ana": 1, "bo": 1}, {"ana": 5, "bo": 5}]) == pytest.approx(1.0)


# Merging of segments


def part(word: str) -> FeatureLabel:
    """y90: yes with a confidence; n; a: not assessable."""
    presence = {"y": Presence.YES, "n": Presence.NO, "a": Presence.NOT_ASSESSABLE}[word[0]]
    return label_of(Answer("tonic", presence, int(word[1:]) if word[1:] else None))


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ("n n n", set()),
        ("y65 n n n", {"any", "25% of segments", "confidence 60"}),
        ("y95 y70 n n", {
            "any", "2 segments", "25% of segments", "50% of segments",
            "confidence 60", "confidence 70", "confidence 80", "confidence 90",
        }),
        ("y a a", {"any", "25% of segments", "50% of segments", "75% of segments"}),
        ("a a", set()),
    ],
)  # fmt: skip
def test_the_rules_by_hand(parts: str, names: set[str]) -> None:
    said = [part(word) for word in parts.split()]
    assert {rule.name for rule in RULES if says_yes(rule, said)} == names


def test_the_rule_is_chosen_on_other_patients() -> None:
    generator = np.random.default_rng(2)
    said = generator.random((len(RULES), 60)) < 0.5
    truth, patients = generator.random(60) < 0.5, np.repeat(np.arange(20), 3)
    chosen, names = choose_rules(said, truth, patients)
    assert sum(names.values()) == 5
    # What is true of a patient does not decide which rule judges them.
    mine = patients % 5 == 0
    changed = truth.copy()
    changed[mine] = ~changed[mine]
    again, _ = choose_rules(said, changed, patients)
    assert (again[mine] == chosen[mine]).all()


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_f1_is_scikit_learns(pairs: list[tuple[bool, bool]]) -> None:
    said, truth = (np.array(column) for column in zip(*pairs, strict=True))
    found = float(f1_of(np.array([(said & truth).sum(), said.sum(), truth.sum()], dtype=float)))
    assert np.nan_to_num(found) == pytest.approx(f1_score(truth, said, zero_division=0), abs=1e-9)


# From tables to every output


@pytest.fixture
def tables(tmp_path: Path) -> Callable[[], tuple[Path, Path]]:
    """Eight recordings of four patients; the reader says yes by mistake in single segments."""

    def write() -> tuple[Path, Path]:
        truth = [
            ["file_name", "tonic", "start_time_for_tonic", "head_turning", "start_time_for_head_turning"]
        ]
        said = [
            [
                "file_name",
                "tonic",
                "confidence_for_tonic",
                "faithfulness_1_for_tonic",
                "rating_by_bo_for_tonic",
            ]
        ]
        for number in range(8):
            positive = number % 2 == 0
            truth.append([f"P{number // 2}_{number}.mp4", "yes" if positive else "no", "1", "yes", "2"])
            for segment in range(4):
                word = "yes" if positive or segment == 0 else "no"
                row = [f"P{number // 2}_{number}_segment_{segment}.mp4", word, "80", "", ""]
                said.append(row)
        found = tmp_path / "truth.csv", tmp_path / "m.csv"
        for path, rows in zip(found, (truth, said), strict=True):
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
        return found

    return write


def test_single_segments_that_are_wrong_are_outvoted(
    tables: Callable[[], tuple[Path, Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, said = tables()
    kinds = ("json", "details-csv", "latex", "html")
    outputs = [part for kind in kinds for part in (f"--{kind}", str(tmp_path / f"out.{kind}"))]
    arguments = ["evaluate", "--reference", str(truth), "--reading", str(said), "--group-by", r"P\d"]
    assert cli.main([*arguments, *outputs]) == 0
    text = capsys.readouterr().out
    data = json.loads((tmp_path / "out.json").read_text("utf-8"))
    merging = data["readings"]["m"]["merging"]["tonic"]
    assert merging["any"]["value"] == pytest.approx(2 / 3)
    assert merging["chosen"]["value"] == 1.0
    assert merging["gain"]["value"] == pytest.approx(1 / 3)
    assert merging["rules"] == {"2 segments": 4}
    assert "2 segments ×4" in text
    assert "Merging of segments" in (tmp_path / "out.html").read_text("utf-8")
    assert "Brier score" in (tmp_path / "out.latex").read_text("utf-8")
    rows = list(csv.DictReader((tmp_path / "out.details-csv").read_text("utf-8-sig").splitlines()))
    curve = [row for row in rows if row["kind"] == "confidence" and row["figure"].startswith("curve")]
    assert {row["feature"] for row in curve} == {"tonic", "all"}
    assert any(row["kind"] == "merging" and row["figure"] == "gain" for row in rows)


def test_ratings_and_onsets_of_a_table_reach_every_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        [
            "file_name", "tonic", "start_time_for_tonic", "head_turning", "start_time_for_head_turning",
            "faithfulness_1_for_tonic", "rating_by_bo_for_tonic",
        ],
        ["a.mp4", "yes", "1", "yes", "2", "5", "4"],
        ["b.mp4", "yes", "3", "yes", "2", "2", "1"],
        ["c.mp4", "no", "", "no", "", "4", "six"],
    ]  # fmt: skip
    path = tmp_path / "m.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    outputs = [
        part
        for kind in ("json", "details-csv", "latex", "html")
        for part in (f"--{kind}", str(tmp_path / kind))
    ]
    assert cli.main(["evaluate", "--reference", str(path), "--reading", f"m={path}", *outputs]) == 0
    shown = capsys.readouterr()
    assert "Ratings that are not 1 to 5 and were left out: 1" in shown.err
    assert "longest common subsequence 1.00" in shown.out
    found = json.loads((tmp_path / "json").read_text("utf-8"))["readings"]["m"]
    assert found["explanations"]["tonic"]["distribution"] == {"1": 1, "2": 1, "3": 0, "4": 2, "5": 1}
    assert found["explanations"]["all"]["rated_by_several"] == 2
    assert found["sequence"]["pairs"]["value"] == 1.0
    assert found["first_movement"]["region"]["same"]["value"] == 1.0
    page = (tmp_path / "html").read_text("utf-8")
    assert all(title in page for title in ("Order of onsets", "First movement", "Explanations"))
    latex = (tmp_path / "latex").read_text("utf-8")
    assert "Explanations rated 3 or more & 0.600" in latex
    figures = {
        row["figure"]
        for row in csv.DictReader((tmp_path / "details-csv").read_text("utf-8-sig").splitlines())
    }
    assert {"pairs", "subsequence", "constant pairs", "region same", "distribution 5", "faithful"} <= figures


@pytest.fixture
def rated_study(tmp_path: Path) -> Path:
    """Two recordings that Ana and the signal reader read; Ana and Bo rated the latter's explanations."""
    place = tmp_path / "s.semioscope"
    with Study.open(place, author="Ana") as study:
        study.apply(SetBlindByDefault(True, False))
        for name, scores in (("one.mp4", (5, 4)), ("two.mp4", (2, 1))):
            number = study.recording(Clip(tmp_path / name, fingerprint=name[0] * 64))
            said = {"tonic": Answer("tonic", Presence.YES, explanation="The arms are stiff.")}
            study.keep_reading(number, Reading(RecordingIdentity("", "", 0), SIGNAL, said))
            study.apply(SetAnswer(number, ANA, Answer("tonic"), Answer("tonic", Presence.YES)))
            for rater, score in zip((ANA, person("Bo")), scores, strict=True):
                study.apply(RateExplanation(number, SIGNAL, "tonic", rater, None, Rating(score)))
    return place


def evaluated(folder: Path, out: Path) -> dict[str, Any]:
    arguments = ["evaluate", "--reference", f"Ana={folder}", str(folder), "--viewer", "Ana"]
    assert cli.main([*arguments, "--json", str(out)]) in (0, 1)
    found: dict[str, Any] = json.loads(out.read_text("utf-8")) if out.exists() else {"readings": {}}
    return found


def test_ratings_of_a_study_count_unless_they_are_sealed(rated_study: Path, tmp_path: Path) -> None:
    found = evaluated(rated_study, tmp_path / "open.json")["readings"]["signal"]["explanations"]["all"]
    assert found["distribution"] == {"1": 1, "2": 1, "3": 0, "4": 1, "5": 1}
    assert found["faithful"]["value"] == 0.5
    assert found["rated_by_several"] == 2
    with Study.open(rated_study, author="Ana") as study:
        study.apply(SetBlindByDefault(False, True))
    assert "signal" not in evaluated(rated_study, tmp_path / "blind.json")["readings"]
