"""The parts of a BORIS project of format 7.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.exchange.phrases import UNANSWERED
from app.core.reading import RecordingIdentity
from app.core.semiology import FEATURES, GROUP_NAMES, Laterality, Presence

SUBJECT = "patient"
IDENTITY, NOTES = "semioscope identity", "semioscope notes"
"""Variables of an observation in which this program keeps recording and reader, and what BORIS cannot say."""

_DATE = "2000-01-01T00:00:00"  # the same readings are the same file


def build_behaviours() -> dict[str, Any]:
    """The ethogram: each feature a state behaviour, with the side as its only modifier."""
    sides = {
        "0": {
            "name": "side",
            "description": "the patient's own side",
            "type": 0,
            "ask at stop": False,
            "values": [side.value for side in Laterality],
        }
    }
    return {
        str(number): {
            "type": "State event",
            "key": chr(ord("a") + number),
            "code": feature.id,
            "description": feature.observable,
            "color": "",
            "category": GROUP_NAMES[feature.group],
            "modifiers": sides,
            "excluded": "",
            "coding map": "",
        }
        for number, feature in enumerate(FEATURES)
    }


def build_observation(
    recording: RecordingIdentity, events: Sequence[Sequence[Any]], variables: Mapping[str, str]
) -> dict[str, Any]:
    """One observation of one media file; `events` are time (s), subject, behaviour, modifier, comment."""
    name = recording.name
    return {
        "file": {str(player): [name] if player == 1 else [] for player in range(1, 9)},
        "type": "MEDIA",
        "date": _DATE,
        "description": "",
        "time offset": 0.0,
        "events": [list(event) for event in events],
        "observation time interval": [0, 0],
        "independent_variables": dict(variables),
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "media_scan_sampling_duration": 0,
        "image_display_duration": 1,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {name: recording.duration},
            "fps": {name: 0},
            "hasVideo": {name: True},
            "hasAudio": {name: True},
            "offset": {"1": 0.0},
        },
    }


def build_project(
    name: str,
    ethogram: Mapping[str, Any],
    variables: Sequence[tuple[str, str]],
    observations: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole project; `variables` are label and description."""
    # BORIS takes a blank for a fault where a variable has a set of values.
    presences = ",".join([*(presence.value for presence in Presence), UNANSWERED])
    features = {feature.id for feature in FEATURES}
    return {
        "time_format": "hh:mm:ss",
        "project_date": _DATE,
        "project_name": name,
        "project_description": "Exported by Semioscope. Research use.",
        "project_format_version": "7.0",
        "subjects_conf": {"0": {"key": "p", "name": SUBJECT, "description": ""}},
        "behavioral_categories": list(GROUP_NAMES.values()),
        "behavioral_categories_config": {},
        "behaviors_conf": dict(ethogram),
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
        "independent_variables": {
            str(number): {
                "label": label,
                "description": description,
                "type": "value from set" if label in features else "text",
                "default value": UNANSWERED if label in features else "",
                "possible values": presences if label in features else "",
            }
            for number, (label, description) in enumerate(variables)
        },
        "observations": dict(observations),
    }
