"""A chart of agreement, or the map of all answers, as one file: a picture, or its numbers as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from app.core.agreement.answer_map import STATE_WORDS, AnswerMap, SaidState
from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.evaluation.chart_drawing import FILE_KINDS, draw_chart, draw_map
from app.core.evaluation.chart_files import chart_to_csv
from app.core.evaluation.charts import Chart
from app.core.exchange.phrases import neutralise_everywhere
from app.core.semiology import FEATURES

CSV = "csv"


def write_agreement(path: Path, shown: Chart | AnswerMap) -> None:
    """Write what is shown as the kind of file that the name says: png, svg, pdf, csv. Raises UserError."""
    kind = path.suffix.lstrip(".").lower()
    if kind not in (*FILE_KINDS, CSV):
        raise UserError(f"A chart can be written as {', '.join((*FILE_KINDS, CSV))}, not as “{path.name}”.")
    if isinstance(shown, AnswerMap):
        content = map_to_csv(shown) if kind == CSV else draw_map(shown, kind)
    else:
        content = chart_to_csv(shown) if kind == CSV else draw_chart(shown, kind)
    write_atomically(path, content.encode("utf-8-sig", "replace") if isinstance(content, str) else content)


def map_to_csv(answers: AnswerMap) -> str:
    """A row for each recording and feature, a column for each reader."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("recording", "feature", *map(neutralise_everywhere, answers.readers)))
    words = np.array([STATE_WORDS[state] for state in SaidState])
    for name, states in zip(answers.names, answers.states, strict=True):
        shown = neutralise_everywhere(name)
        for feature, said in zip(FEATURES, words[states].tolist(), strict=True):
            writer.writerow((shown, feature.name, *said))
    return text.getvalue()
