"""Imports stand at the top of a file, except those that are late on purpose: of heavy libraries, and of
dialogs, models and courses, which are loaded when they are first used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.core.program_source import FILES, ONE_READING, ROOT, ImportStatement, facts_of

pytestmark = ONE_READING

HEAVY = frozenset(
    {
        "av",
        "cv2",
        "distributed",
        "faster_whisper",
        "google",
        "httpx2",
        "keyring",
        "krippendorff",
        "matplotlib",
        "mediapipe",
        "mne",
        "neo",
    }
    | {
        "PIL",
        "PySide6",
        "noisereduce",
        "numpy",
        "onnxruntime",
        "openpyxl",
        "pyqtgraph",
        "scipy",
        "sklearn",
        "sounddevice",
    }
    | {"sqlite3", "statsmodels"}
)
"""Libraries whose import takes long enough to be felt at the start of the window or of a command. numpy is
one of them for the window, which has nothing to compute before a recording is open, and for many commands;
sqlite3 for the window, which reads no study before."""

SMALL = frozenset({"difflib", "fractions", "html", "shlex"})
"""Libraries of Python that take a millisecond or two each, and with which a start has nothing to do."""

FOR_THE_WINDOW = HEAVY - {"PySide6"}
"""Those that the window does without at first: all of it is made of PySide6."""

DIALOGS = "app.ui.dialogs."
"""No window shows one of them when it opens, and their kinds of widgets take long to set up."""

FIRST_USED_LATER = (DIALOGS, "app.core.readers.models.", "app.core.teaching.")
"""What is loaded when it is first used: no window asks a model or practises when it opens either."""

NOT_AT_THE_START = (
    "agreement.anchors",
    "agreement.faithfulness",
    "agreement.faithfulness_sheet",
    "agreement.figure",
    "eeg.annotation_search",
    "eeg.channel_names",
    "eeg.derivation",
    "eeg.eeg_file",
    "eeg.electrodes",
    "eeg.montage_folder",
    "eeg.montages",
    "eeg.record_scan",
    "eeg.sync_proposals",
    "eeg.trace_measurement",
    "eeg.trace_tiles",
    "enhance.pose_track",
    "readers.models.explained_times",
    "readers.models.families",
    "readers.models.model_choice",
    "readers.models.model_work",
    "readers.models.reading_range",
    "readers.models.reading_state",
    "recording.spectrogram",
    "teaching.course_file",
    "timeline.time_axis",
    "timeline.timeline_rows",
)
"""Rooms of the core that are loaded when an EEG, a recording, a model, a course or a panel of answers is
first used. This list only ever gets longer."""

VIEWS_NOT_AT_THE_START = ("app.ui.session.practice_clip", "app.ui.views.consensus")
"""Of the window, beside the dialogs, what is loaded when it is first shown."""

LATE_KINDS = frozenset({"QDesktopServices", "QFileDialog", "QInputDialog", "QMessageBox", "QUrl"})
"""Kinds of widgets and the like that PySide6 sets up when they are first named."""

NOT_YET = (*(f"app/core/study/{name}.py" for name in ("recording_study",)),)
"""Where functions still import what could stand at the top. This list only ever gets shorter."""


def imported(statement: ImportStatement) -> Iterator[str]:
    """The modules that an import statement names."""
    if statement.module is None:
        yield from statement.names
    else:
        inner = [f"{statement.module}.{name}" for name in statement.names]
        yield from (name if name in FILES else statement.module for name in inner)


@cache
def named_at_the_top(module: str) -> frozenset[str]:
    """The modules that this one of the program imports as it is imported, and the packages it lies in."""
    run = (statement for statement in facts_of(module).imports if statement.at_import)
    named = {name for statement in run for name in imported(statement)}
    return frozenset(named | {package for package in packages_of(module) if package in FILES})


@cache
def loads(module: str) -> frozenset[str]:
    """Every module that importing this one of the program imports, with its packages, itself included."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in FILES:
            waiting.extend(named_at_the_top(name))
    return frozenset(seen)


def packages_of(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


@cache
def is_heavy(module: str, libraries: frozenset[str]) -> bool:
    """Whether importing it imports one of these libraries."""
    return any(name.split(".")[0] in libraries for name in loads(module))


def late_imports(module: str) -> Iterator[tuple[int, str]]:
    """The line and the module of every import inside a function, without what sets up a kind of widget that
    no window shows when it opens."""
    for statement in facts_of(module).imports:
        if statement.late and not (statement.module and LATE_KINDS.issuperset(statement.names)):
            yield from ((statement.line, name) for name in imported(statement))


def test_only_heavy_modules_and_dialogs_are_imported_inside_functions() -> None:
    wrong = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for module, path in FILES.items()
        if not path.relative_to(ROOT).as_posix().startswith(NOT_YET)
        for line, name in late_imports(module)
        if not name.startswith(FIRST_USED_LATER)
        and name not in SMALL
        and name not in not_at_the_start()
        and not is_heavy(name, FOR_THE_WINDOW if module.startswith("app.ui.") else HEAVY)
    }
    assert not wrong, "\n".join(sorted(wrong))


STARTS = {
    "app.ui.main": {"PySide6"},
    "app.core.study.store": {"numpy", "sqlite3"},
    "app.commands": set[str](),
    "app.core.privacy.gate": {"sqlite3"},
}
"""Modules that a start imports, and the heavy libraries that each still loads. These only ever get fewer."""


@pytest.mark.parametrize("module", STARTS)
def test_a_start_loads_no_further_heavy_library(module: str) -> None:
    script = f"import sys, {module}\nprint(*sorted(name.split('.')[0] for name in sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY & set(ended.stdout.split()) <= STARTS[module]


@pytest.mark.parametrize("module", ["app.ui.main", "app.cli"])
def test_a_start_loads_no_small_library_that_it_does_without(module: str) -> None:
    script = f"import sys, {module}\nprint(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not SMALL & set(ended.stdout.split())


def test_a_start_loads_no_dialog() -> None:
    loaded = {name for name in loads("app.ui.main") if name.startswith(DIALOGS)}
    assert loaded <= {"app.ui.dialogs.single_dialog"}


def not_at_the_start() -> frozenset[str]:
    return frozenset({*(f"app.core.{name}" for name in NOT_AT_THE_START), *VIEWS_NOT_AT_THE_START})


def test_a_start_loads_nothing_that_asks_a_model_reads_an_eeg_or_opens_a_course() -> None:
    assert not_at_the_start() <= FILES.keys()
    assert not not_at_the_start() & loads("app.ui.main")


def test_a_start_reads_no_source() -> None:
    """PySide6 reads the source of each module that is imported after it, unless that is switched off."""
    script = "import linecache, app.ui.window\nprint(*linecache.cache, sep='\\n')"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    read = [name for name in ended.stdout.splitlines() if str(ROOT / "app") in name]
    assert not read


def test_no_import_looks_for_features_of_pyside_once_the_window_is_imported() -> None:
    """It takes five times as long, also where an import is late on purpose and is met with each picture."""
    script = "import builtins, app.ui.window\nprint(builtins.__import__ is builtins.__orig_import__)"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["True"]


_WATCHED = """
import builtins, linecache
import PySide6.QtCore
before = builtins.__import__
def watch(*args, **named):
    return before(*args, **named)
builtins.__import__ = watch
import app.ui.window
print(builtins.__import__ is watch, *linecache.cache, sep="\\n")
"""


def test_the_function_of_a_debugger_round_every_import_stays() -> None:
    """And no source is read where PySide6's own function is below it, and cannot be taken away."""
    ended = subprocess.run(
        [sys.executable, "-c", _WATCHED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    stays, *read = ended.stdout.splitlines()
    assert stays == "True"
    assert not [name for name in read if str(ROOT / "app") in name]
