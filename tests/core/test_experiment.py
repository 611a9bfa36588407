"""Experiments: the grid of a file, through gate and ledger, its manifest, and an honest choice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import null

from app.cli import main
from app.core.batch.choose_reader import choose_reader
from app.core.batch.experiment_file import (
    ChooseRule,
    Experiment,
    about_ready,
    find_experiment,
    read_experiment,
    ready_experiments,
)
from app.core.errors import UserError
from app.core.evaluation.labels import LabelledCase, ReaderLabels, label_of
from app.core.privacy.keys import KeyVault, Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.blind_control import BLIND
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompts import PROMPT_SETS, prompts_to_json
from app.core.semiology import Answer, Presence
from app.core.study.store import Study
from tests.loopback import Service, served
from tests.media import tone, write_recording

CHOSEN = ModelChoice(
    provider="openai", model="tiny-vl", base_url="http://127.0.0.1:1/v1", cover_bystanders=False
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)


@pytest.fixture
def service() -> Iterator[Service]:
    with served() as made:
        yield made


def parsed(tmp_path: Path, text: str) -> Experiment:
    (tmp_path / "e.toml").write_text(text)
    return read_experiment(tmp_path / "e.toml", CHOSEN, PROMPT_SETS)


def test_every_ready_file_can_be_read() -> None:
    sizes = {
        name: len(read_experiment(find_experiment(name), CHOSEN, PROMPT_SETS).readers)
        for name in ready_experiments()
    }
    assert sizes == {
        "ablation": 4,
        "blind-control": 4,
        "model-against-model": 2,
        "prompt-sensitivity": 10,
        "signal-against-all": 3,
        "ways-of-asking": 7,
    }
    assert all(about for _, about in about_ready())


def test_the_grid_has_every_combination_once(tmp_path: Path) -> None:
    other = PROMPT_SETS["plain"]
    (tmp_path / "mine.json").write_text(prompts_to_json(other).replace('"plain"', '"mine"'))
    made = parsed(
        tmp_path,
        'arms = ["raw", "pose", "pose"]\nprompts = ["expert", "mine.json"]\n'
        'modes = ["grouped", "per_feature"]\nrepeats = 2\n'
        '[[readers]]\nreader = "model"\n[[readers]]\nreader = "signal"\n',
    )
    names = [reader.name for reader in made.readers]
    assert len(set(names)) == len(names) == 2 * 2 * 2 * 2 + 1
    assert "tiny-vl · pose · prompts mine · per-feature · repeat 2" in names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no readers"),
        ("x = 1", "which is not one of"),
        ("[[readers]]\nreader = 'robot'", "no reader “robot”"),
        ("arms = ['upside down']\n[[readers]]\nreader = 'model'", "there are raw"),
        ("repeats = 0\n[[readers]]\nreader = 'model'", "from 1 to 100"),
        ("repeats = true\n[[readers]]\nreader = 'model'", "from 1 to 100"),
        ("prompts = ['none.json']\n[[readers]]\nreader = 'model'", "neither a set of prompts"),
        ("arms = ['transcript']\n[[readers]]\nreader = 'model'", "[Tt]ranscript"),
        ("[[readers]]\nreader = 'model'\nfps = 'fast'", "fps is a number"),
        ("a = [", "not a file of an experiment"),
        ("[choose]\ntest = 'x'\n[[readers]]\nreader = 'model'", "development is a text"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parsed(tmp_path, text)


def test_an_experiment_asks_each_arm_through_gate_and_ledger(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    emu = tmp_path / "emu"
    emu.mkdir()
    write_recording(emu / "P1.mp4", frames=50, sound=tone(2.0))
    (tmp_path / "e.toml").write_text(
        'repeats = 2\narms = ["raw", "black frames and silence"]\n[[readers]]\nreader = "model"\n'
    )
    study, out = tmp_path / "all.semioscope", tmp_path / "out"
    model = ["--model-reader", "openai", "--base-url", f"{service.url}/v1", "--model", "tiny-vl"]
    command = ["experiment", str(tmp_path / "e.toml"), str(emu), "--out", str(out), "--study", str(study)]
    base = [*command, *model, "--cover", "none"]
    assert main(base) == 1
    assert "--i-have-authority" in capsys.readouterr().err
    assert not service.asked
    assert main([*base, "--i-have-authority"]) == 0, capsys.readouterr().err
    asked = len(service.asked)
    assert asked == 4 * 3
    assert len(Ledger(study).entries()) >= asked
    assert main([*base, "--i-have-authority", "--resume"]) == 0
    assert len(service.asked) == asked, "nothing was asked twice"
    manifest = json.loads((out / "manifest.json").read_text())
    assert [reader["blind"] for reader in manifest["readers"]] == [False, False, True, True]
    assert len({reader["sha256"] for reader in manifest["readers"]}) == 4
    assert manifest["program"]
    assert manifest["seeds"]["bootstrap"] is not None
    with Study.open_for_viewing(study) as opened:
        readings = opened.readings(1, viewer=None)
    assert len(readings) == 4
    assert {one.reader.details["arm"] for one in readings} == {"raw", BLIND}
    capsys.readouterr()
    labels = tmp_path / "labels.csv"
    labels.write_text("recording,tonic\nP1,no\n")
    evaluated = ["evaluate", "--reference", str(labels), "--reading", str(out / "results"), "--json"]
    assert main(evaluated) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["repeats"].keys() == {"tiny-vl 2 (arm raw)", "tiny-vl 2 (arm black frames and silence)"}
    names = list(figures["readings"])
    assert sorted(names) == [
        "tiny-vl 2 (arm black frames and silence)#1",
        "tiny-vl 2 (arm black frames and silence)#2",
        "tiny-vl 2 (arm raw)#1",
        "tiny-vl 2 (arm raw)#2",
    ]


def labels(reader: str, *presences: str, split: str = "", patients: str = "") -> ReaderLabels:
    cases = []
    for place, word in enumerate(presences):
        answer = Answer("tonic", Presence(word))
        columns = {"split": split.split()[place], "patient": patients.split()[place]} if split else {}
        cases.append(LabelledCase(f"r{place}", f"r{place}", {"tonic": label_of(answer)}, columns=columns))
    return ReaderLabels(reader, tuple(cases))


RULE = ChooseRule("dev", "test")


def test_the_best_on_development_patients_is_judged_on_others() -> None:
    """Reader b is better in all, a on the development patients: a is chosen, and its test figure is poor."""
    reference = labels(
        "r", "yes", "no", "yes", "yes", "yes", split="dev dev test test test", patients="1 2 3 3 4"
    )
    a = labels("a", "yes", "no", "no", "no", "yes")
    b = labels("b", "yes", "yes", "yes", "yes", "yes")
    chosen = choose_reader(reference, {"a": a, "b": b}, RULE)
    assert chosen.name == "a"
    assert chosen.development == {"a": 1.0, "b": pytest.approx(2 / 3)}
    assert chosen.test_f1 == pytest.approx(0.5)
    assert chosen.test.groups.count == 2
    assert chosen.to_dict()["test_recordings"] == 3


def test_a_patient_in_both_splits_is_refused() -> None:
    reference = labels("r", "yes", "no", split="dev test", patients="1 1")
    with pytest.raises(UserError, match="“1” is in both splits"):
        choose_reader(reference, {"a": labels("a", "yes", "no")}, RULE)
    with pytest.raises(UserError, match="no recording of the split “test”"):
        choose_reader(labels("r", "yes", split="dev", patients="1"), {"a": labels("a", "yes")}, RULE)


def test_paraphrases_change_either_the_questions_or_the_rules() -> None:
    read = read_experiment(find_experiment("prompt-sensitivity"), CHOSEN, PROMPT_SETS).readers
    sets = {one.prompts.name: one.prompts for one in read if one.prompts is not None}
    expert, questions, rules = (sets[name] for name in ("expert", "other questions", "other rules"))
    assert questions.rules == expert.rules
    assert rules.questions == expert.questions
    assert rules.rules != expert.rules
    same = [key for key, text in questions.questions.items() if text == expert.questions[key]]
    assert not same
    assert len({one.hash for one in sets.values()}) == 5


def test_each_server_of_an_experiment_gets_its_own_key_alone(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    emu = tmp_path / "emu"
    emu.mkdir()
    write_recording(emu / "P1.mp4", frames=50, sound=tone(2.0))
    with served() as other:
        keys = {f"127.0.0.1:{one.port}": Secret(f"key-of-{one.port}") for one in (service, other)}
        monkeypatch.setattr(KeyVault, "key", lambda _vault, opens: keys.get(opens))
        readers = "".join(
            f'[[readers]]\nreader = "openai"\nmodel = "tiny-vl"\nbase_url = "{one.url}/v1"\n'
            for one in (service, other)
        )
        (tmp_path / "e.toml").write_text(f'arms = ["raw"]\n{readers}')
        command = ["experiment", str(tmp_path / "e.toml"), str(emu), "--out", str(tmp_path / "out")]
        command += ["--study", str(tmp_path / "all.semioscope"), "--cover", "none", "--i-have-authority"]
        assert main(command) == 0, capsys.readouterr().err
        for one in (service, other):
            assert {headers["authorization"] for headers in one.headers} == {f"Bearer key-of-{one.port}"}
