"""The file of an experiment (TOML): readers × arms × sets of prompts × modes × ways × repeats.

Docs: docs/experiments.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from app.core.batch.batch_reader import BatchReader
from app.core.batch.experiment_ways import WAYS, asked_in_ways
from app.core.enhance.transcript import check_transcript
from app.core.errors import UserError
from app.core.exchange.phrases import shorten
from app.core.folders import resource
from app.core.readers.local_readers import LOCAL_READERS, is_local
from app.core.readers.models.blind_control import BLIND
from app.core.readers.models.model_choice import ModelChoice, repeats_of
from app.core.readers.models.prompt_files import read_prompts
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.request_plan import AskingMode
from app.core.regular_file import read_at_most

READY = "experiments"
"""The folder of ready files among the resources."""
MOST_READERS = 500
_LARGEST = 1 << 20
_SUFFIX = ".toml"

_ARMS: Mapping[str, frozenset[str]] = {
    "raw": frozenset(),
    "pose": frozenset({"overlay"}),
    "pose beside": frozenset({"overlay", "beside"}),
    "face crop": frozenset({"crop"}),
    "denoised": frozenset({"denoise"}),
    "transcript": frozenset({"transcript"}),
    "all": frozenset({"overlay", "crop", "denoise"}),
    "as set": frozenset({"as set"}),
    BLIND: frozenset({"blind"}),
}
"""The arms by name: what is switched on in each; the rest is off. *As set* is what the chosen model has."""

_GRID = ("arms", "prompts", "modes", "repeats", *WAYS)
_READER = frozenset(("reader", "model", "base_url", "project", "location", "fps", *_GRID))
_FILE = frozenset(("name", "about", "readers", "choose", "marks", *_GRID))
_CHOOSE = frozenset(("development", "test"))


@dataclass(frozen=True, slots=True)
class ChooseRule:
    """The best reader is chosen on recordings of the split `development`, and judged on those of `test`."""

    development: str
    test: str


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is asked, and which readers are; `text` is the file's content, `marks` names the reader by whose
    marks of onset and end models are asked, "" for none."""

    name: str
    readers: tuple[BatchReader, ...]
    choose: ChooseRule | None
    text: str
    marks: str = ""


def ready_experiments() -> tuple[str, ...]:
    """The names of the files that come with the program."""
    return tuple(sorted(path.stem for path in resource(READY).glob(f"*{_SUFFIX}")))


def about_ready() -> Iterator[tuple[str, str]]:
    """The name of each ready file and what it is about."""
    for name in ready_experiments():
        data = tomllib.loads((resource(READY) / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))
        yield name, str(data.get("about", ""))


def find_experiment(named: str) -> Path:
    """The file that is meant: a path, or the name of a ready file. Raises UserError."""
    ready = resource(READY) / f"{named}{_SUFFIX}"
    path = Path(named)
    if path.is_file():
        return path
    if named in ready_experiments():
        return ready
    raise UserError(
        f"“{shorten(named)}” is neither a file nor one of the ready experiments: "
        f"{', '.join(ready_experiments())}."
    )


def read_experiment(
    path: Path, chosen: ModelChoice, prompt_sets: Mapping[str, PromptSet], marks: str = ""
) -> Experiment:
    """The experiment of a file; `chosen` is the model for readers that are called “model”, `marks` names
    whose marks are used where the file does not say. Raises UserError that names what is wrong.
    """
    try:
        text = read_at_most(path, _LARGEST).decode("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"“{path.name}” is not a file of an experiment: {error}.") from error
    try:
        _check_keys(data, _FILE, "the file")
        whose = _text(data["marks"], "marks") if "marks" in data else marks
        found = {reader.asked: reader for reader in _readers(data, chosen, prompt_sets, path.parent, whose)}
        choose = _choose(data.get("choose"))
    except UserError as error:
        raise UserError(f"“{path.name}”: {error}") from error
    return Experiment(_text(data.get("name", path.stem), "name"), tuple(found.values()), choose, text, whose)


def _readers(
    data: Mapping[str, Any], chosen: ModelChoice, sets: Mapping[str, PromptSet], folder: Path, marks: str
) -> Iterator[BatchReader]:
    rows = data.get("readers")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise UserError('It names no readers: write [[readers]] and below it reader = "signal" or a model.')
    count = 0
    for row in rows:
        _check_keys(row, _READER, "a reader")
        common = {key: data[key] for key in _GRID if key in data}
        for reader in _of_row({**common, **row}, chosen, sets, folder):
            count += 1
            if count > MOST_READERS:
                raise UserError(f"It asks for more than {MOST_READERS} readers.")
            marked = replace(reader, marks=marks) if reader.needs_marks else reader
            marked.check()
            yield marked


def _of_row(
    row: Mapping[str, Any], chosen: ModelChoice, sets: Mapping[str, PromptSet], folder: Path
) -> Iterator[BatchReader]:
    kind = _text(row.get("reader"), "reader")
    arms = _words(row, "arms", ["as set"], _ARMS)
    repeats = range(1, _count(row.get("repeats", 1)) + 1)
    if is_local(kind):
        # Enhancements and prompts are for models; the same file may have both.
        blind = [arm == BLIND for arm in arms] if "arms" in row and BLIND in arms else [False]
        yield from (BatchReader(kind, blind=one) for one in dict.fromkeys(blind))
        return
    choice = _choice(kind, row, chosen)
    prompts = [_prompts(name, sets, folder) for name in _words(row, "prompts", [choice.prompts], None)]
    modes = [AskingMode(word) for word in _words(row, "modes", [choice.mode.value], [*AskingMode])]
    ways = [*asked_in_ways(row, choice)]
    for arm, first, mode, way, repeat in product(arms, prompts, modes, ways, repeats):
        shown = _with_arm(replace(way, mode=mode, prompts=first.name), _ARMS[arm])
        others = _wordings(row, shown, first, sets, folder)
        yield BatchReader(shown.provider, shown, first, repeat, blind=arm == BLIND, wordings=others)


def _wordings(
    row: Mapping[str, Any], choice: ModelChoice, first: PromptSet, sets: Mapping[str, PromptSet], folder: Path
) -> tuple[PromptSet, ...]:
    """The sets of prompts that repeats take in turn after the first. Raises UserError when some would never
    be taken."""
    if repeats_of(choice) < 2:
        return ()
    names = _words(row, "wordings", choice.wordings, None) if "wordings" in row else choice.wordings
    named = (_prompts(name, sets, folder) for name in names)
    others = tuple(one for one in named if one.hash != first.hash)
    if len(others) >= choice.times_asked:
        raise UserError(
            f"Of {1 + len(others)} wordings in turn only {choice.times_asked} are asked: raise times_asked."
        )
    return others


def _choice(kind: str, row: Mapping[str, Any], chosen: ModelChoice) -> ModelChoice:
    if kind != "model" and kind not in PROVIDERS:
        known = ", ".join((*LOCAL_READERS, "model", *PROVIDERS))
        raise UserError(f"There is no reader “{shorten(kind)}”; there are {known}.")
    choice = chosen
    if kind not in ("model", chosen.provider):
        choice = ModelChoice(provider=kind, private_origins=chosen.private_origins)
    if choice.local_only:
        raise UserError("It asks a model, but none is chosen: give --model-reader and --model.")
    texts = {key: _text(row[key], key) for key in ("model", "base_url", "project", "location") if key in row}
    if "fps" in row:
        rate = row["fps"]
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0.2 <= rate <= 30:
            raise UserError("fps is a number from 0.2 to 30.")
        choice = replace(choice, fps=float(rate))
    changed: ModelChoice = replace(choice, **texts)  # type: ignore[arg-type]  # all of these are texts
    return changed


def _with_arm(choice: ModelChoice, on: frozenset[str]) -> ModelChoice:
    if "as set" in on:
        return choice
    if "transcript" in on:
        check_transcript(choice.transcript)
    return replace(
        choice,
        overlay="overlay" in on,
        beside="beside" in on,
        crop="crop" in on,
        denoise="denoise" in on,
        transcript=choice.transcript if "transcript" in on else "",
    )


def _prompts(name: str, sets: Mapping[str, PromptSet], folder: Path) -> PromptSet:
    """A set by its name, or from a file beside the experiment's."""
    if name in sets:
        return sets[name]
    try:
        return read_prompts(folder / name)
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(sets)
        raise UserError(f"“{shorten(name)}” is neither a set of prompts ({known}) nor a file.") from error


def _choose(value: object) -> ChooseRule | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise UserError("[choose] is a table with development and test.")
    _check_keys(value, _CHOOSE, "[choose]")
    return ChooseRule(_text(value.get("development"), "development"), _text(value.get("test"), "test"))


def _check_keys(row: Mapping[str, object], known: frozenset[str], where: str) -> None:
    unknown = sorted(row.keys() - known)
    if unknown:
        there_are = ", ".join(sorted(known))
        raise UserError(f"{where} has “{shorten(unknown[0])}”, which is not one of {there_are}.")


def _words(
    row: Mapping[str, Any],
    key: str,
    default: Sequence[str],
    known: Collection[str] | None,
) -> list[str]:
    """A list of words without repeats. Raises UserError for one that is not known."""
    value = row.get(key, default)
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise UserError(f"{key} is a list of words.")
    wrong = [word for word in value if known is not None and word not in known]
    if wrong:
        raise UserError(f"{key} has “{shorten(wrong[0])}”; there are {', '.join(map(str, known or ()))}.")
    return [*dict.fromkeys(value)]


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{key} is a text.")
    return value.strip()


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise UserError("repeats is a whole number from 1 to 100.")
    return value
