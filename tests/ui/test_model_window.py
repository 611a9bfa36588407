"""What the window does with Gemini, with prices, with refused answers and with a choice that is not whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.clips.clip import Clip, with_sums
from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.prices import Price
from app.core.readers.models.reading_stage import ReadingStage, Status
from app.core.readers.models.run_phrases import HEADINGS
from app.core.semiology import Presence
from app.ui.dialogs.model_price import UNKNOWN
from app.ui.dialogs.model_progress import ModelProgressDialog
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.dialogs.preview import PreviewDialog
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.chosen_model import INCOMPLETE
from app.ui.session.sending_permissions import NOT_ALLOWED
from app.ui.session.session import Session
from app.ui.views.status_bar import StatusBar
from app.ui.window import Window
from tests.loopback import Service, completion
from tests.ui.model_cases import (
    CANARY,
    at_end,
    choice_for,
    clips_made,
    gemini,
    kept_choice,
    no_vault,
    prepared,
    quick,
    ran,
    recording_path,
    service,
    session,
    write_clips,
)
from tests.ui.session_cases import opened

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]

ENVIRONMENT = {
    "GEMINI_API_KEY": "env-canary-gemini",
    "GOOGLE_API_KEY": "env-canary-google",
    "OPENAI_API_KEY": "env-canary-openai",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_CLOUD_PROJECT": "env-canary-project",
    "GOOGLE_CLOUD_LOCATION": "env-canary-location",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
    "GOOGLE_VERTEX_BASE_URL": "http://127.0.0.1:9",
}
"""What the vendor's client would take by itself; the port is one where nobody listens."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    credentials = tmp_path / "credentials.json"
    credentials.write_text('{"type": "env-canary"}')
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))


# keys and the environment


@pytest.mark.usefixtures("environment")
def test_gemini_gets_the_key_of_the_window_and_nothing_of_the_environment(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    session.models.chosen.choose(gemini(service))
    session.models.chosen.keys.keep(f"127.0.0.1:{service.port}", CANARY)
    ran(qtbot, session)
    assert session.status.message == ""
    assert len(service.asked) == 3
    assert {headers["x-goog-api-key"] for headers in service.headers} == {CANARY}
    sent = json.dumps([service.paths, service.headers]) + repr(service.bodies)
    assert "env-canary" not in sent
    assert session.answers.shown is not None
    assert session.answers.shown.answer("clonic").presence is Presence.YES


@pytest.mark.usefixtures("environment")
def test_gemini_without_a_key_in_the_vault_is_not_asked(
    qtbot: QtBot, session: Session, service: Service, clips_made: list[Path]
) -> None:
    session.models.chosen.choose(gemini(service))
    session.models.prepare()
    at_end(qtbot, session)
    assert (service.paths, clips_made) == ([], []), "it is said before any clip is made"
    assert session.models.planned is None, "and before its cost"
    assert "There is no key for" in session.status.message


@pytest.mark.usefixtures("environment")
def test_testing_gemini_takes_no_key_from_the_environment(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    session.models.chosen.choose(gemini(service))
    dialog = ModelSettingsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.connection.test.click()
    qtbot.waitUntil(lambda: "needs a key" in dialog.connection.found.text())
    assert service.paths == []
    dialog.reject()


@pytest.mark.usefixtures("environment")
def test_vertex_uses_this_computers_credentials_and_says_so_when_they_are_none(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    session.models.chosen.choose(
        ModelChoice("vertex", "gemini-tiny", project="ward-7", location="europe-west3")
    )
    session.models.prepare()
    at_end(qtbot, session)
    assert (service.paths, session.models.planned) == ([], None)
    assert "credentials" in session.status.message
    assert "env-canary" not in session.status.message


# what Gemini would see


def keep_key(session: Session, service: Service) -> None:
    session.models.chosen.keys.keep(f"127.0.0.1:{service.port}", CANARY)


def write_film(path: Path, frames: int) -> None:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=Fraction(2))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            grey = np.full((48, 64, 3), 40 * number, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        output.mux(stream.encode(None))


@pytest.fixture
def films(clips_made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of the picture are films of three frames, unlike their pictures, of which there are four."""

    def prepare(_recording: Any, pieces: Any, folder: Path, **_rest: Any) -> tuple[Clip, ...]:
        clips = []
        for clip in write_clips(folder, pieces):
            if clip.enhancement is Enhancement.SOUND:
                clips.append(clip)
                continue
            write_film(folder / f"{clip.name}.mp4", 3)
            clips.append(replace(clip, video=f"{clip.name}.mp4"))
        return with_sums(clips, folder)

    monkeypatch.setattr("app.core.readers.models.reader.prepare_clips", prepare)


@contextmanager
def shown_preview(qtbot: QtBot, session: Session) -> Iterator[PreviewDialog]:
    assert session.models.prepared is not None
    dialog = PreviewDialog(session, session.models.prepared.preview)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.panel._clip is not None)
    yield dialog
    dialog.reject()


@pytest.mark.usefixtures("films")
def test_for_gemini_the_preview_plays_the_film_that_is_sent(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    session.models.chosen.choose(gemini(service))
    keep_key(session, service)
    prepared(qtbot, session)
    with shown_preview(qtbot, session) as dialog:
        panel = dialog.panel
        assert "picture 1 of 3" in panel.time.text(), "of the film, not of the pictures"
        panel.slider.setValue(1200)
        assert "picture 3 of 3" in panel.time.text()
        middle = panel.stage.grab().toImage()
        colour = middle.pixelColor(middle.width() // 2, middle.height() // 2)
        assert colour.red() == pytest.approx(80, abs=6)
        panel.toggle()
        qtbot.waitUntil(lambda: not panel.playing)


@pytest.mark.usefixtures("films")
def test_a_film_that_is_damaged_is_told(qtbot: QtBot, session: Session, service: Service) -> None:
    session.models.chosen.choose(gemini(service))
    keep_key(session, service)
    prepared(qtbot, session)
    assert session.models.prepared is not None
    preview = session.models.prepared.preview
    (preview.folder / "0000-pose.mp4").write_bytes(b"no film")
    dialog = PreviewDialog(session, preview)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "was changed after this clip was made" in dialog.panel.said.text())
    dialog.reject()


@pytest.mark.usefixtures("films")
def test_what_is_played_is_what_arrives(qtbot: QtBot, session: Session, service: Service) -> None:
    session.models.chosen.choose(gemini(service))
    session.models.chosen.keys.keep(f"127.0.0.1:{service.port}", CANARY)
    ran(qtbot, session)
    qtbot.waitUntil(lambda: session.models.saw.preview is not None)
    seen = session.models.saw.preview
    assert seen is None or seen.as_video
    parts = [part for asked in service.asked for part in asked["contents"][0]["parts"]]
    assert [part["inlineData"]["mime_type"] for part in parts if "inlineData" in part] == [
        "video/mp4",
        "video/mp4",
        "video/mp4",  # along with the sound
        "audio/wav",
    ]


# prices


def test_ones_own_price_goes_before_the_lists(qtbot: QtBot, session: Session, service: Service) -> None:
    session.models.chosen.choose(gemini(service, base_url="", model="gemini-3.8-flash"))
    dialog = ModelSettingsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    row = dialog.connection.price
    assert "List price of 2026-10-07" in row.listed.text()
    assert not row.tokens_in.isEnabled()
    dialog.connection.models.setEditText("gemini-new")
    assert row.listed.text() == UNKNOWN
    row.own.setChecked(True)
    row.tokens_in.setValue(1.25)
    row.tokens_out.setValue(10.0)
    row.currency.setText("EUR")
    dialog.accept()
    assert kept_choice(session).own_price == Price(1.25, 10.0, "EUR")
    again = ModelSettingsDialog(session)
    qtbot.addWidget(again)
    assert again.connection.price.price == Price(1.25, 10.0, "EUR")
    again.connection.price.own.setChecked(False)
    again.accept()
    assert kept_choice(session).own_price is None


@pytest.mark.parametrize(
    ("own", "words"),
    [(None, "not known for this model"), (Price(200.0, 800.0, "EUR"), "EUR, your own price")],
)
def test_the_plan_says_the_price(
    qtbot: QtBot, session: Session, service: Service, own: Price | None, words: str
) -> None:
    session.models.chosen.choose(choice_for(service, own_price=own))
    dialog = RunPlanDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)
    assert words in dialog._values[HEADINGS.index("Price")].text()
    dialog.reject()


# a choice that is not whole


def test_a_choice_that_is_not_whole_says_that_nothing_is_sent(
    qtbot: QtBot, quick: Any, recording_path: Path
) -> None:
    save_choice(ModelChoice("openai", "tiny-vl"))
    with opened(qtbot, recording_path) as session:
        bar = StatusBar(session)
        qtbot.addWidget(bar)
        qtbot.waitUntil(lambda: bar._local.text() == INCOMPLETE)
        assert "Set up a model" in bar._local.toolTip()
        session.models.chosen.choose(ModelChoice("openai", "tiny-vl", base_url="http://127.0.0.1:8000/v1"))
        qtbot.waitUntil(lambda: bar._local.text() == NOT_ALLOWED)


# asking again what was refused


def test_what_was_refused_is_asked_again_when_somebody_wants_it(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    def babble(path: str, body: bytes) -> Any:
        return (200, {}, completion("it shakes")) if b"input_audio" in body else None

    service.before = babble
    ran(qtbot, session)
    assert [cell.status for cell in session.models.failures] == [Status.PARTLY]
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    dialog = ModelProgressDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.refused.isVisible()
    assert not dialog.again.isVisible()
    service.before = lambda _path, _body: None
    asked = len(service.asked)
    dialog.refused.click()
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)
    plan = next(one for one in window.findChildren(RunPlanDialog) if one.isVisible())
    assert plan.windowTitle() == "Retry what was refused"
    planned = session.models.planned
    assert planned is not None
    assert [request.key for request in planned.left] == ["0000-sound"]
    assert planned.permission is not None
    plan.ask.click()
    at_end(qtbot, session)
    assert len(service.asked) == asked + 1
    assert session.models.failures == ()
    assert {cell.status for cell in session.models.cells} == {Status.ANSWERED}
    assert not dialog.refused.isVisible()
    dialog.reject()
    window.close()


def test_asking_for_the_rest_does_not_ask_the_refused(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    service.before = lambda _path, _body: (200, {}, completion("it shakes"))
    ran(qtbot, session)
    prepared(qtbot, session)
    assert session.models.planned is not None
    assert session.models.planned.left == ()


# what killed programs left
