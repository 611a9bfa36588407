"""The report: one page that shows everything, needs nothing, runs nothing and believes no text."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import __version__
from app.core.enhance.pose_track import FACE_OVAL, FACE_POINTS, Joint, PoseTrack
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, no_report
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.report.blocks import Document, ReaderLane, Timeline, TimeRow
from app.core.report.document import Choices, OpenRecording, build_recording_report
from app.core.report.html import html_page, write_html
from app.core.report.pictures import PictureMoment, choose_moments, draw_pictures, draw_pose
from app.core.report.reviewed_recording import ReviewedRecording, review_readings
from app.core.report.timeline_layout import lay_out_timeline
from app.core.report.write_report import write_report
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span

YES, NO = Presence.YES, Presence.NO
MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Two seconds at 10 Hz whose grey grows by 10 from frame to frame."""
    path = tmp_path_factory.mktemp("report") / "night <3> & day.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "10", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(20):
            image = np.full((120, 160, 3), 20 + number * 10, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode())
    return open_recording(path)


def track(recording: Recording) -> PoseTrack:
    """A pose whose two shoulders are seen, a quarter and three quarters across, in the middle."""
    assert recording.video is not None
    n = recording.video.n
    joints = np.full((n, 33, 3), np.nan, np.float32)
    joints[:, Joint.LEFT_SHOULDER] = (120, 60, 1)
    joints[:, Joint.RIGHT_SHOULDER] = (40, 60, 1)
    return PoseTrack(
        recording.video.times,
        160,
        120,
        joints,
        np.zeros((n, 33, 3), np.float32),
        np.full((n, len(FACE_POINTS), 3), np.nan, np.float32),
        np.ones(n, np.int16),
        np.zeros(n, np.float32),
    )


def reading(*answers: Answer, name: str = "signal reader", kind: ReaderKind = ReaderKind.SIGNAL) -> Reading:
    return Reading(
        RecordingIdentity("night.mp4", "ab" * 32, 2.0),
        ReaderIdentity(kind, name, "1"),
        {answer.feature: answer for answer in answers},
    )


CLONIC = Answer("clonic", YES, 87, (Span(0.2, 1.0), Span(1.5, 1.6)), Laterality.LEFT, "3.1 Hz <b>jerks</b>")
FACES = Choices(hide_faces=False)
NO_PICTURES = Choices(pictures=False)


def document(
    recording: Recording,
    *readings: Reading,
    choices: Choices = NO_PICTURES,
    pose: PoseTrack | None = None,
    cancel: CancelToken | None = None,
    reviewed: ReviewedRecording | None = None,
) -> Document:
    return build_recording_report(
        reviewed or review_readings(readings),
        OpenRecording(recording, pose),
        choices,
        MADE,
        report=no_report,
        cancel=cancel or CancelToken(),
    )


def text_of(recording: Recording, *readings: Reading, **rest: Any) -> str:
    return html_page(document(recording, *readings, **rest))


def test_page_shows_all_features_facts_and_the_notice(recording: Recording) -> None:
    page = Page(text_of(recording, reading(CLONIC)))
    for feature in FEATURES:
        assert feature.name in page.text
    for part in ("not a medical device", "to be confirmed", "87 %", "left side", "Semioscope " + __version__):
        assert part in page.text
    assert "0:00.2–0:01.0, 0:01.5–0:01.6" in page.text
    assert "160 × 120, 10 Hz, 20 frames" in page.text
    assert "ab" * 32 in page.text
    assert page.text.count("unanswered") == 19 + 1  # each of them, and the sum


def test_the_signal_reader_says_what_it_is(recording: Recording) -> None:
    page = Page(text_of(recording, reading(CLONIC)))
    assert "Signal reader" in page.text
    assert "not validated on patients" in page.text
    page = Page(text_of(recording, reading(CLONIC, name="a model", kind=ReaderKind.MODEL)))
    assert "a model" in page.text
    assert "rule-based" not in page.text


def test_a_model_is_named_with_what_answered_its_prompts_and_the_program(recording: Recording) -> None:
    details = {"served": "m-002", "prompts": "9f86d081", "program": "0.0.9", "server": "", "fps": "2"}
    model = replace(
        reading(CLONIC), reader=ReaderIdentity(ReaderKind.MODEL, "provider/m", "study-3", details)
    )
    text = Page(text_of(recording, model)).text
    for part in (
        "provider/m",
        "answered by m-002",
        "prompt set study-3",
        "prompts 9f86d081",
        "Semioscope 0.0.9",
    ):
        assert part in text


def test_readings_stand_side_by_side_people_first(recording: Recording) -> None:
    people = [
        reading(Answer("clonic", NO), Answer("tonic", YES), name=name, kind=ReaderKind.PERSON)
        for name in ("Bo", "Consensus", "Ana")
    ]
    text = text_of(recording, reading(CLONIC), *people)
    row = re.search(r"<tr><td>Clonic</td>.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert re.findall(r"[✓✗] (?:yes|no)", row[0]) == ["✗ no", "✗ no", "✗ no", "✓ yes"]
    head = re.search(r"<tr><th>Feature</th>(.*?)</tr>", text)
    assert head is not None
    assert re.findall(r">([^<]+)</span>", head[1]) == ["Ana", "Bo", "Consensus", "Signal reader"]


def test_readers_of_one_name_are_told_apart_and_many_get_more_tables(recording: Recording) -> None:
    models = [
        replace(reading(CLONIC), reader=ReaderIdentity(ReaderKind.MODEL, "m", "1", {"run": str(number)}))
        for number in range(7)
    ]
    text = text_of(recording, *models)
    heads = re.findall(r"<tr><th>Feature</th>(.*?)</tr>", text)
    named = [re.findall(r">([^<]+)</span>", head) for head in heads]
    assert [len(each) for each in named] == [5, 2]
    assert [name for names in named for name in names] == [f"m 1 (run {number})" for number in range(7)]


def test_what_is_sealed_is_counted_and_nothing_else(recording: Recording) -> None:
    page = Page(
        text_of(recording, reviewed=ReviewedRecording(RecordingIdentity("n.mp4", "", 2.0), withheld=2))
    )
    assert "2 readings of this recording are sealed" in page.text
    assert "no answers to this recording that may be shown" in page.text


def test_nothing_runs_and_nothing_is_fetched(recording: Recording, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    write_html(out, document(recording, reading(CLONIC), choices=FACES, pose=track(recording)))
    page = Page(out.read_text(encoding="utf-8"))
    assert not {"script", "link", "iframe", "object", "embed", "form"} & {tag for tag, _ in page.tags}
    for _tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "srcset"):
            assert (attributes.get(name) or "data:image/").startswith("data:image/")
        assert re.fullmatch(r"width:[\d.]+%", attributes.get("style") or "width:1%")
    assert "url(" not in page.text
    assert "@import" not in page.text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("<>&\"'/=")))
def test_untrusted_text_stays_text(text: str) -> None:
    answer = Answer("clonic", YES, 1, (), None, f"<script>{text}<img src=x onerror=1>")
    model = reading(answer, name=text, kind=ReaderKind.MODEL)
    page = Page(text_of(SOUNDLESS, model))
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert "<script>" in page.text


def test_pictures_lie_in_the_middle_of_the_longest_evidence(recording: Recording, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    write_html(out, document(recording, reading(CLONIC), choices=FACES, pose=track(recording)))
    images = [attributes for tag, attributes in Page(out.read_text("utf-8")).tags if tag == "img"]
    assert [image["alt"] for image in images] == ["Clonic"]
    jpeg = base64.b64decode((images[0]["src"] or "").partition(",")[2])
    picture = _decoded(jpeg)
    assert picture.shape == (240, 320, 3)
    assert abs(int(picture[220, 20].mean()) - (20 + 6 * 10)) < 12  # the frame shown at 0.6 s
    assert picture[120, 160].min() > 180  # the line between the shoulders


def test_what_the_face_shows_is_a_picture_of_the_face(recording: Recording) -> None:
    seen = track(recording)
    angles = np.arange(len(FACE_POINTS)) * 2 * np.pi / len(FACE_OVAL)
    seen.face[:, :, 0], seen.face[:, :, 1] = 60 + 10 * np.cos(angles), 40 + 10 * np.sin(angles)
    wanted = [PictureMoment(0.6, ("face_pulling",)), PictureMoment(0.6, ("clonic",))]
    face, body = draw_pictures(recording, seen, wanted, report=lambda _p: None, cancel=CancelToken())
    assert (body.width, body.height) == (320, 240)
    assert face.width == face.height == 72  # 1.8 times the face, twice as large
    image = _decoded(face.jpeg)
    edges = [image[36, 36 + 20], image[36, 36 - 20], image[36 + 20, 36], image[36 - 20, 36]]
    assert min(int(edge.min()) for edge in edges) > 60 + 6 * 10 + 15  # the outline, on grey 80


def test_a_face_that_was_not_found_is_shown_with_the_whole_picture(recording: Recording) -> None:
    wanted = [PictureMoment(0.6, ("face_pulling",))]
    (shot,) = draw_pictures(recording, track(recording), wanted, report=lambda _p: None, cancel=CancelToken())
    assert (shot.width, shot.height) == (320, 240)


def test_that_faces_are_left_out_is_told(recording: Recording) -> None:
    blinks = reading(Answer("eye_blinking", YES, 50, (Span(0.5, 0.7),)))
    text = text_of(recording, blinks, choices=Choices(), pose=track(recording))
    assert "<img" not in text
    assert "What shows in the face alone has no picture" in text
    assert "<img" in text_of(recording, blinks, choices=FACES, pose=track(recording))


def test_without_pictures_none_are_there(recording: Recording, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    write_html(out, document(recording, reading(CLONIC)))
    assert "<img" not in out.read_text(encoding="utf-8")


def test_moments_join_near_ones_and_leave_sound_and_no_out() -> None:
    found = choose_moments(
        [
            reading(
                CLONIC,
                Answer("tonic", YES, 5, (Span(0.5, 0.9),)),
                Answer("head_turning", YES, 5, (Span(1.4, 1.8),)),
                Answer("face_twitching", YES, 5, (Span(0.5, 0.7),)),
                Answer("figure4", NO, 5, (Span(1, 2),)),
                Answer("ictal_vocalization", YES, 5, (Span(0, 1),)),
            ),
            reading(Answer("arm_flexion", YES, None, (Span(0, 0.2),)), CLONIC),
        ]
    )
    assert [(round(m.seconds, 6), set(m.features)) for m in found] == [
        (0.1, {"arm_flexion"}),
        (0.6, {"clonic", "tonic"}),
        (0.6, {"face_twitching"}),
        (1.6, {"head_turning"}),
    ]


def test_pose_that_was_not_found_draws_nothing(recording: Recording) -> None:
    lost = track(recording)
    lost.joints[:] = np.nan
    image = np.zeros((120, 160, 3), np.uint8)
    draw_pose(image, lost, 0.5)
    draw_pose(image, track(recording), -1.0)
    assert not image.any()


def test_cancel_leaves_nothing_behind(recording: Recording, tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        write_html(tmp_path / "page.html", document(recording, reading(CLONIC), choices=FACES, cancel=token))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_and_an_old_page_stays(
    recording: Recording, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_html(tmp_path / "no" / "page.html", document(recording, reading(CLONIC)))
    assert list(tmp_path.iterdir()) == []


def test_pictures_of_a_recording_without_a_picture_are_none() -> None:
    found = draw_pictures(
        SOUNDLESS, None, [PictureMoment(0.1, ("clonic",))], report=lambda _p: None, cancel=CancelToken()
    )
    assert found == ()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 50)).map(lambda pair: Span(pair[0], pair[0] + pair[1])),
        min_size=1,
        max_size=6,
    ),
    st.floats(0.1, 90),
)
def test_timeline_never_leaves_its_width(evidence: list[Span], duration: float) -> None:
    rows = (
        TimeRow("Tonic", (ReaderLane(4, tuple(evidence)),)),
        TimeRow("Clonic", (ReaderLane(2, tuple(evidence)),)),
    )
    drawn = lay_out_timeline(Timeline(duration, ((2, "a"), (4, "b")), rows))
    assert len(drawn.bars) == 2 * len(evidence)
    for bar in drawn.bars:
        assert 0 <= bar.left <= bar.left + bar.width <= 1 + 1e-9
        assert 0 <= bar.top < bar.top + bar.height < drawn.height
    assert all(0 <= share <= 1 for share, _ in drawn.ticks)


def test_timeline_is_not_drawn_without_evidence_of_a_yes(recording: Recording) -> None:
    text = text_of(recording, reading(Answer("tonic", NO, 5, (Span(1, 2),))))
    assert "<svg" not in text
    assert "No feature has evidence in time" in text


def test_most_pictures_are_those_that_show_most() -> None:
    several = reading(
        *(Answer(f, YES, 5, (Span(t, t),)) for f, t in (("tonic", 1), ("clonic", 1), ("arm_flexion", 5))),
        Answer("face_twitching", YES, 5, (Span(8, 8),)),
    )
    assert [moment.seconds for moment in choose_moments([several], most=2)] == [1, 5]
    assert [moment.seconds for moment in choose_moments([several], faces=False)] == [1, 5]


def test_a_name_that_is_no_page_is_refused(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"end in \.html or \.pdf"):
        write_report(tmp_path / "a.doc", document(recording, reading(CLONIC)), lambda _path, _document: None)


def _decoded(jpeg: bytes) -> npt.NDArray[Any]:
    import cv2

    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


class _Soundless:
    """A recording without streams, as far as the page looks at one."""

    name = "x"
    duration = 3.0
    picture_key = ""
    video = None
    audio = None
    warnings = ()


SOUNDLESS: Recording = _Soundless()  # type: ignore[assignment]  # only what the page reads
