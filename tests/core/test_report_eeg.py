"""The page of the EEG at the onset in a report: where it is, what it says, and what it never says."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.eeg.page_layout import LIGHT
from app.core.report.document import Choices
from app.core.study.edits import LockReading
from app.core.study.store import Study
from tests.core.eeg_files import SECRETS
from tests.core.eeg_study import BO, make_eeg_study, write_named_eeg
from tests.core.study_cases import ANA
from tests.core.test_report_study import page

EEG_ONLY = Choices(pictures=False)
NO_EEG = Choices(pictures=False, eeg=False)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_eeg_study(tmp_path)


def pages_in(html: str) -> list[Image.Image]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(text))) for text in found]


def test_the_page_shows_the_onset_at_two_seconds_of_ten(study: Path) -> None:
    html = page(study, ANA, choices=EEG_ONLY)
    (picture,) = pages_in(html)
    image = np.asarray(picture.convert("RGB"), int)
    line = np.flatnonzero((np.abs(image - np.array(LIGHT.mark)).sum(axis=2) < 60).sum(axis=0) > 300)
    ink = np.abs(image - np.array(LIGHT.left)).sum(axis=2) < 60
    drawn = np.flatnonzero(ink[: image.shape[0] // 2].any(axis=0) & (np.arange(image.shape[1]) > 215))
    begin, width = drawn[0], drawn[-1] - drawn[0]
    assert (line.mean() - begin) / width == pytest.approx(0.2, abs=0.01)
    for told in ("EEG at the onset", "The onset that Ana marked, at 0:23.5 of the recording", "two claps",
                 "within 0.02 s here", "As recorded"):  # fmt: skip
        assert told in html, told
    assert not pages_in(page(study, ANA, choices=NO_EEG))


def test_nobody_is_named_by_the_eeg(study: Path) -> None:
    html = page(study, ANA, choices=EEG_ONLY)
    (picture,) = pages_in(html)
    assert set(picture.info) == {"dpi"}
    for secret in (*SECRETS, "smiles", "08:15", "2026-03-02"):
        assert secret not in html


def test_an_onset_that_is_sealed_has_no_page(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.apply(LockReading(1, ANA))
    html = page(study, BO, choices=EEG_ONLY)
    assert not pages_in(html)
    assert "EEG at the onset" not in html
    assert "0:23.5" not in html


def test_an_eeg_that_is_gone_or_was_over_is_a_sentence_without_its_name(study: Path) -> None:
    write_named_eeg(study.parent / "Haagse Harry.edf", 20)
    short = page(study, ANA, choices=EEG_ONLY)
    (study.parent / "Haagse Harry.edf").unlink()
    gone = page(study, ANA, choices=EEG_ONLY)
    for html in (short, gone):
        assert not pages_in(html)
        assert "Haagse" not in html
        assert "Harry" not in html
    assert "The page of the EEG is missing" in gone
    assert "not recorded at the onset" in short or "missing" in short
