"""What comes from elsewhere: other studies beside a recording, damaged studies, replies of servers."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.core.jobs import Progress
from app.core.privacy.keys import Secret
from app.core.privacy.redaction import Redaction
from app.core.readers.models.reply_cleaning import MAX_RESPONSE_BYTES, clean_reply
from app.core.readers.models.response import MAX_CHARACTERS, parse_response
from app.core.readers.models.retrying import RequestError
from app.core.readers.models.segments import Segment
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.backup import Backup
from app.core.study.database import FILE_NAME
from app.core.study.edits import SetAnswer
from app.core.study.place import study_folder_for
from app.core.study.replacing import restore_from_copy
from app.core.study.store import Study
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, machine
from benchmarks.stage import seconds_of

NEIGHBOURS = 200
LOOKING_BAR, READING_BAR = 2.0, 1.0
KEY = Secret("sk-CANARY0123456789abcdef")

_ENDLESS = """CREATE VIEW recordings AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
SELECT x AS id, printf('%d', x) AS fingerprint FROM c WHERE x < 0"""
"""A table that never ends, as somebody could put it into a study."""

TEXTS: dict[str, str] = {
    "escaped quotes": '"' + '\\"' * MAX_CHARACTERS,
    "open brackets": "[" * MAX_CHARACTERS,
    "backslashes": '{"answers": "' + "\\" * MAX_CHARACTERS,
    "open fences": "```json\n" * MAX_CHARACTERS,
    "thoughts": "<think>" * MAX_CHARACTERS,
    "end tokens": "<|im_end|>" * MAX_CHARACTERS,
    "half a pair": "\ud800" * MAX_CHARACTERS,
    "percent signs": "%2525" * MAX_CHARACTERS,
    "invisible letters": "s\u200bk\u200b-\u200b" * MAX_CHARACTERS,
}
"""Texts that readers of other programs need the square of their length for; each is cut where it is used."""

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _data: b"",
    "cut in two": lambda data: data[: len(data) // 2],
    "header zeroed": lambda data: bytes(100) + data[100:],
    "second half zeroed": lambda data: data[: len(data) // 2] + bytes(len(data) - len(data) // 2),
    "a text": lambda _data: b"Dear colleague,\n" * 500,
}


@dataclass(frozen=True, slots=True)
class _Clip:
    path: Path
    name: str = "clip.mp4"
    fingerprint: str = "0" * 40
    duration: float = 60.0


def run(options: Options) -> Result:
    """`runs` is the number of studies beside the recording."""
    count = options.runs or NEIGHBOURS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        options.report(Progress(f"{count} studies beside a recording", 0.0))
        looking = _looking(folder / "beside", count)
        options.report(Progress("Damaged studies are restored", 0.5))
        restored = _restored(folder / "damaged")
    options.report(Progress("Replies of servers", 0.7))
    return Result(
        "elsewhere",
        machine(),
        (*looking, restored, _read_answers(), _cleaned_replies()),
        (
            "The floor of looking is as many studies that are whole; none of them knows the recording.",
            "The texts are as long as a reply may be; the time is that of the slowest of "
            f"{len(TEXTS)} kinds, the floor that of an honest text of the same length.",
        ),
    )


def _looking(folder: Path, count: int) -> tuple[Row, ...]:
    folder.mkdir()
    clip = _Clip(folder / "clip.mp4")
    clip.path.touch()
    others = [folder / f"other{number}.semioscope" for number in range(count)]
    for other in others:
        Study.open(other, author="bench").close()
    floor = seconds_of(lambda: study_folder_for(clip.path, clip.fingerprint))
    for other in others:
        with closing(sqlite3.connect(other / FILE_NAME)) as connection:
            connection.executescript(f"ALTER TABLE recordings RENAME TO kept; {_ENDLESS}")
    took = seconds_of(lambda: study_folder_for(clip.path, clip.fingerprint))
    what = f"looking into {count} studies that hold SQL which never ends"
    return (at_most(what, took, "s", LOOKING_BAR, floor=floor),)


def _restored(folder: Path) -> Row:
    """The fewest answers that came back, over all kinds of damage."""
    back = []
    for number, damage in enumerate(DAMAGE.values()):
        study = folder / f"{number}.semioscope"
        copy = _answered(study)
        path = study / FILE_NAME
        path.write_bytes(damage(path.read_bytes()))
        restore_from_copy(study, copy, "bench")
        with Study.open_for_viewing(study) as restored:
            reading = restored.readings(1, viewer=None)[0]
            back.append(sum(answer.presence is not None for answer in reading.answers.values()))
    what = f"answers that come back, fewest of {len(DAMAGE)} kinds of damage"
    return at_least(what, min(back), "", len(FEATURES))


def _answered(folder: Path) -> Backup:
    """A study of 20 answers in the folder; a copy of it."""
    folder.mkdir(parents=True)
    reader = ReaderIdentity(ReaderKind.PERSON, "bench", "1")
    with Study.open(folder, author="bench") as study:
        number = study.recording(_Clip(folder / "clip.mp4"))
        study.apply_all(
            SetAnswer(number, reader, Answer(one.id), Answer(one.id, Presence.YES)) for one in FEATURES
        )
        study.back_up_now()
        return study.backups()[0]


def _read_answers() -> Row:
    segment = Segment(0, Span(0.0, 30.0))
    honest = json.dumps({"answers": [], "explanation": "a" * (MAX_CHARACTERS - 100)})

    def read(text: str) -> float:
        return seconds_of(lambda: parse_response(text[:MAX_CHARACTERS], FEATURES, segment))

    worst = max(read(text) for text in TEXTS.values())
    return at_most("reading a hostile answer, slowest", worst, "s", READING_BAR, floor=read(honest))


def _cleaned_replies() -> Row:
    def clean(text: str) -> float:
        body = json.dumps({"choices": [text]}, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return seconds_of(lambda: _refused_or_clean(body[:MAX_RESPONSE_BYTES]))

    worst = max(clean(text[: MAX_RESPONSE_BYTES // 4]) for text in TEXTS.values())
    honest = clean("a" * (MAX_RESPONSE_BYTES - 100))
    return at_most("taking keys out of a hostile reply, slowest", worst, "s", LOOKING_BAR, floor=honest)


def _refused_or_clean(body: bytes) -> object:
    try:
        return clean_reply(200, body, Redaction(KEY))
    except RequestError as refused:
        return refused
