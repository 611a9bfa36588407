"""A reading as one HTML page: nothing but itself is needed to show it, and nothing in it runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__
from app.core.atomic import write_atomically
from app.core.enhance.pose_track import PoseTrack
from app.core.jobs import CancelToken, Report, no_report
from app.core.reading import Reading
from app.core.report.pictures import Picture, moments, pictures
from app.core.report.timeline import timeline
from app.core.report.words import SIDES, WORDS, caution, clock, reader_name, safe, spans
from app.core.semiology import FEATURE, FEATURES, GROUP_NAMES, Answer, Feature, Group, Presence, in_group

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(
    path: Path,
    recording: Recording,
    reading: Reading,
    *,
    mine: Reading | None = None,
    track: PoseTrack | None = None,
    with_pictures: bool = True,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> None:
    """Write the page of `reading`, with the clinician's own answers beside it when `mine` is given.

    `track` is drawn on the pictures. Raises UserError when the page cannot be written or a frame not
    be read, Cancelled after `cancel` was set; then nothing is left behind.
    """
    readings = [reading] if mine is None else [reading, mine]
    shots: Sequence[Picture] = ()
    if with_pictures:
        shots = pictures(recording, track, moments(readings), report=report, cancel=cancel or CancelToken())
    page = html_page(recording, reading, mine=mine, shots=shots, made=datetime.now().astimezone())
    write_atomically(path, page.encode("utf-8"))


def html_page(
    recording: Recording,
    reading: Reading,
    *,
    mine: Reading | None,
    shots: Sequence[Picture],
    made: datetime,
) -> str:
    """The whole page as text."""
    name = safe(recording.name)
    style = resources.files("app.core.report").joinpath("page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{name} – seizure semiology</title><style>{style}</style></head><body>",
            "<header>",
            '<p class="kicker">Seizure semiology</p>',
            f"<h1>{name}</h1>",
            f'<p class="sum">{_summary(reading)}</p>',
            '<p class="notice">Research use; not a medical device. '
            "The reader's answers are suggestions to be confirmed by a clinician. "
            f"{safe(caution(reading.reader))}</p>",
            _facts(recording, reading, made),
            "</header><main>",
            _evidence(recording.duration, reading, mine),
            *(_group(group, reading, mine, shots) for group in Group),
            "</main>",
            f"<footer>Made by Semioscope {safe(__version__)} on {made:%Y-%m-%d at %H:%M %Z}. "
            "Times are on the recording's clock; sides are the patient's own"
            + ("; in the pictures the patient's left is orange and the right blue" if shots else "")
            + ".</footer>",
            "</body></html>\n",
        ]
    )


def _summary(reading: Reading) -> str:
    presences = [reading.answer(feature.id).presence for feature in FEATURES]
    counts = [(presences.count(presence), word) for presence, (_, word) in WORDS.items()]
    return f"{safe(reader_name(reading.reader))}: " + " · ".join(
        f"{count} {word}" for count, word in counts if count
    )


def _facts(recording: Recording, reading: Reading, made: datetime) -> str:
    rows = [
        ("Duration", f"{clock(recording.duration)} ({recording.duration:.2f} s)"),
        ("Picture", _picture(recording)),
        ("Sound", _sound(recording)),
        ("Reader", f"{safe(reader_name(reading.reader))} {safe(reading.reader.version)}"),
        ("SHA-256", f'<span class="small">{safe(reading.recording.sha256)}</span>'),
        ("Page made", f"{made:%Y-%m-%d}"),
        *(("Warning", safe(warning.text)) for warning in recording.warnings),
    ]
    return "<dl>" + "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in rows) + "</dl>"


def _picture(recording: Recording) -> str:
    video = recording.video
    if video is None:
        return "none"
    size = f"{video.width} × {video.height}"
    return f"{safe(video.codec)}, {size}, {video.rate:.3g} Hz, {len(video.times)} frames"


def _sound(recording: Recording) -> str:
    audio = recording.audio
    if audio is None:
        return "none"
    return f"{safe(audio.codec)}, {audio.rate / 1000:g} kHz, {_channels(audio.channels)}"


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")


def _evidence(duration: float, reading: Reading, mine: Reading | None) -> str:
    readings = {"reader": reading} if mine is None else {"mine": mine, "reader": reading}
    drawn = timeline(duration, readings)
    if not drawn:
        return "<section><h2>Evidence over time</h2><p>No feature has evidence in time.</p></section>"
    names = {"mine": "mine", "reader": safe(reader_name(reading.reader))}
    legend = "".join(f'<span class="{who}"><b>▬</b> {names[who]}</span>' for who in readings)
    return f'<section><h2>Evidence over time</h2>{drawn}<p class="legend">{legend}</p></section>'


def _group(group: Group, reading: Reading, mine: Reading | None, shots: Sequence[Picture]) -> str:
    features = in_group(group)
    mine_head = "" if mine is None else "<th>Mine</th>"
    rows = "".join(_row(feature, reading, mine) for feature in features)
    ids = {feature.id for feature in features}
    figures = "".join(_figure(shot) for shot in shots if shot.features[0] in ids)
    return (
        f"<section><h2>{GROUP_NAMES[group]}</h2><table><thead><tr><th>Feature</th>{mine_head}"
        f"<th>{safe(reader_name(reading.reader))}</th><th>Evidence and reason</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        + (f'<div class="shots">{figures}</div>' if figures else "")
        + "</section>"
    )


def _row(feature: Feature, reading: Reading, mine: Reading | None) -> str:
    answer = reading.answer(feature.id)
    own = "" if mine is None else f'<td class="who">{_presence(mine.answer(feature.id), "mine")}</td>'
    side = SIDES[answer.laterality] if answer.laterality else ""
    facts = " · ".join(part for part in (side, spans(answer.evidence)) if part)
    return (
        f'<tr><td>{safe(feature.name)}</td>{own}<td class="who">{_presence(answer, "reader")}</td><td>'
        + (f'<p class="small">{facts}</p>' if facts else "")
        + (f"<p>{safe(answer.explanation)}</p>" if answer.explanation else "")
        + "</td></tr>"
    )


def _presence(answer: Answer, who: str) -> str:
    glyph, word = WORDS[answer.presence]
    confidence = "" if answer.confidence is None else f' <span class="off">{answer.confidence} %</span>'
    kind = f"{who} yes" if answer.presence is Presence.YES else "off"
    return f'<span class="word {kind}">{glyph} {word}</span>{confidence}'


def _figure(shot: Picture) -> str:
    names = ", ".join(safe(FEATURE[feature].name) for feature in shot.features)
    return (
        f'<figure><img src="{shot.address}" width="{shot.width}" height="{shot.height}" alt="{names}">'
        f"<figcaption><b>{names}</b> at {clock(shot.seconds)}</figcaption></figure>"
    )
