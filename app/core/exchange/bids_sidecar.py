"""The JSON of a BIDS `events.tsv`: the meaning of its columns, the HED tags, recording and readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.answer_words import CONFIDENCE_MEANINGS
from app.core.exchange.hed import HED, HED_VERSION
from app.core.reading import RecordingIdentity
from app.core.semiology import FEATURES, Laterality, Presence

COLUMNS = (
    "onset", "duration", "trial_type", "feature", "presence", "confidence", "laterality", "end", "reader",
    "explanation", "confidence_kind",
)  # fmt: skip

KEY = "Semioscope"

DATASET: Mapping[str, Any] = {
    "Name": "Seizure semiology",
    "BIDSVersion": "1.10.0",
    "HEDVersion": HED_VERSION,
    "DatasetType": "derivative",
    "GeneratedBy": [{"Name": "Semioscope"}],
}
"""`dataset_description.json`: which HED schema the tags are of."""

_WITHOUT_TAG = {
    Presence.NO.value: "The reader says that the feature is not there.",
    Presence.NOT_ASSESSABLE.value: "The reader says that the feature cannot be judged.",
    "unanswered": "Marked by the reader, but not answered.",
}

_DESCRIPTIONS = {
    "onset": {"Description": "Begin of the span, from the recording's first frame", "Units": "s"},
    "duration": {"Description": "Length of the span; n/a when the answer names no span", "Units": "s"},
    "feature": {"Description": "Id of the semiology feature that the answer is for"},
    "presence": {
        "Description": "What the reader says",
        "Levels": {presence.value: presence.value.replace("_", " ") for presence in Presence},
    },
    "confidence": {"Description": "The reader's confidence, 0 to 100", "Units": "percent"},
    "confidence_kind": {
        "Description": "How the confidence came about",
        "Levels": {kind.value: words for kind, words in CONFIDENCE_MEANINGS.items()},
    },
    "laterality": {
        "Description": "The patient's own side",
        "Levels": {side.value: side.value for side in Laterality},
    },
    "end": {"Description": "End of the span, to the last digit", "Units": "s"},
    "reader": {"Description": "Who answered; details below Semioscope.readers"},
    "explanation": {
        "Description": r"The reader's reason; \t, \n, \r, \\ stand for tab, line ends, backslash"
    },
}


def event_levels() -> dict[str, str]:
    """Each feature's id with what can be seen of it."""
    return {feature.id: feature.observable for feature in FEATURES}


def build_sidecar(recording: RecordingIdentity, readers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The whole JSON; `readers` by the name that they have in the column `reader`."""
    return {
        **_DESCRIPTIONS,
        "trial_type": {
            "LongName": "Semiology feature",
            "Description": "The feature's id where the reader says yes",
            "Levels": event_levels() | _WITHOUT_TAG,
            "HED": dict(HED),
        },
        KEY: {
            "format": "semioscope-events/1",
            "recording": {
                "name": recording.name,
                "sha256": recording.sha256,
                "duration": recording.duration,
            },
            "readers": {label: dict(reader) for label, reader in readers.items()},
        },
    }
