"""Channel labels parsed into kind of channel, electrode and reference.

Labels come from many programs: "EEG Fp1-REF", "Fp1-A1", "FP1", "POL C3", "EEG F3-LE", "T3 - T5", "EKG".
Labels of intracranial contacts look like scalp electrodes (A1, C3, T3 …), so all labels of a file are parsed
together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.electrodes import EARS, OLD_NAMES, Side, electrode_named, is_scalp, side_of, side_of_pair


@dataclass(frozen=True, slots=True)
class ChannelName:
    """A parsed label.

    `electrode` is a canonical name or the name of an intracranial contact, "" without one. `against` is the
    reference: a canonical electrode for a `bipolar` channel, otherwise the name of the reference in capitals
    ("REF", "LE", "AV", "A1"), "" when the label does not state it.
    """

    label: str
    kind: ChannelKind
    electrode: str = ""
    against: str = ""
    bipolar: bool = False

    @property
    def side(self) -> Side:
        """The patient's side that the channel belongs to."""
        if self.kind is not ChannelKind.EEG:
            return Side.NONE
        return side_of_pair(self.electrode, self.against) if self.bipolar else side_of(self.electrode)


_PREFIX = re.compile(r"^(eeg|pol|seeg|ieeg|ecog|eog|ecg|ekg|emg)\s*[:_ ]\s*", re.IGNORECASE)
_INTRACRANIAL = frozenset({"seeg", "ieeg", "ecog"})
_COPY = re.compile(r"(?<=[A-Za-z]\d|\d\d|[A-Za-z]z|[A-Za-z]f)-\d$", re.IGNORECASE)
"""The number that some programs append to a label that is used twice: "T8-P8-1"."""

_REFERENCE = re.compile(
    r"^(ref\w*|g?\d?ref|le|av|avg|ave|average|car|ar|lm|linked|nose|cs\d?|avref|org|g\d?|common"
    r"|a1\+?a2|a12|\(?a1\+a2\)?(/2)?|m1\+?m2|\(?m1\+m2\)?(/2)?)$",
    re.IGNORECASE,
)
_KINDS = (
    (ChannelKind.ECG, r"\b(ecg|ekg|electrocardiogram)|^(ecg|ekg)"),
    (ChannelKind.EOG, r"\b[lrhv]?eog|^(loc|roc|lio|rio|luc|ruc|e1|e2)\b"),
    (ChannelKind.EMG, r"emg|\b(chin|deltoid|l?r?delt|tib|submental|masseter|quad|biceps|triceps|leg)"),
    (ChannelKind.RESPIRATION, r"\b(resp|flow|airflow|thor|abd|chest|nasal|cannula|effort)"),
    (ChannelKind.SOUND, r"\b(mic|microphone|audio|sound|snore|voice)"),
    (
        ChannelKind.OTHER,
        r"\b(spo2|sao2|osat|pulse|pleth|hr|heart ?rate|pr|dc\d+|status|trig\w*|event|mark\w*|photic|"
        r"annotations?|temp|position|light|sync|bio\d|etco2|x\d+)\b",
    ),
)
_CONTACT = re.compile(r"^([A-Za-z]{1,4}['’]?[A-Za-z]?['’]?)\s?_?0*(\d{1,2})$")
_COUNTED = frozenset({"EEG", "CH", "X", "DC"})
"""Prefixes of labels that only number the channels."""

_FEWEST = 4
"""Channels that must share their second electrode for it to count as the file's reference."""


@cache
def _patterns() -> tuple[tuple[ChannelKind, re.Pattern[str]], ...]:
    """Compiled when the first file is read: the window knows the kinds from its start."""
    return tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


def channel_names(labels: Sequence[str]) -> tuple[ChannelName, ...]:
    """The parsed labels of one file, in their order.

    Intracranial contacts are distinguished from scalp electrodes by their numbers (A3 is not an ear
    electrode). A scalp electrode that is the second electrode of every EEG channel is the file's reference,
    not one half of bipolar channels.
    """
    shafts = _shafts(labels)
    names = [_contact(label, shafts) or parse_label(label) for label in labels]
    reference = _common_reference(names)
    if reference:
        names = [replace(name, bipolar=False) if name.against == reference else name for name in names]
    return tuple(names)


def parse_label(label: str) -> ChannelName:
    """One label parsed by itself; `channel_names` uses the whole file and is more exact."""
    text, prefix = _bare(label)
    first, second = _halves(text)
    electrode = electrode_named(first)
    if electrode and prefix in ("", "eeg", "pol"):
        return _scalp_channel(label, electrode, second)
    if electrode and prefix in _INTRACRANIAL:
        return ChannelName(label, ChannelKind.DEPTH, first, second.upper())
    kind = next((kind for kind, pattern in _patterns() if pattern.search(label.strip())), None)
    if kind is not None:
        return ChannelName(label, kind)
    if prefix in _INTRACRANIAL:
        return ChannelName(label, ChannelKind.DEPTH, first, second.upper())
    if label.strip().lower().startswith("eeg"):
        return ChannelName(label, ChannelKind.EEG, text)
    return ChannelName(label, ChannelKind.OTHER)


def _scalp_channel(label: str, electrode: str, second: str) -> ChannelName:
    other = electrode_named(second)
    if not other:
        known = not second or _REFERENCE.match(second)
        return ChannelName(label, ChannelKind.EEG, electrode, second.upper() if known else second)
    # Ears and mastoids are references, unless both electrodes are ears or mastoids.
    bipolar = is_scalp(other) or not is_scalp(electrode)
    return ChannelName(label, ChannelKind.EEG, electrode, other, bipolar)


def _bare(label: str) -> tuple[str, str]:
    """The label without prefix and copy number, and the prefix in lower case."""
    text = " ".join(label.replace("–", "-").replace("−", "-").split())
    found = _PREFIX.match(text)
    prefix = found[1].lower() if found else ""
    return _COPY.sub("", text[found.end() :] if found else text), prefix


def _halves(text: str) -> tuple[str, str]:
    first, _, second = text.partition("-")
    if not second and (found := re.match(r"^(\S+)[\s_/](\S+)$", text)) and electrode_named(found[1]):
        first, second = found[1], found[2]
    return first.strip(" ._:"), second.strip(" ._:")


def _contact(label: str, shafts: frozenset[str]) -> ChannelName | None:
    """The parsed name of a contact on one of the shafts, None for any other label."""
    text, _ = _bare(label)
    first, second = _halves(text)
    found = _CONTACT.match(first)
    if found is None or found[1].upper() not in shafts:
        return None
    other = _CONTACT.match(second)
    bipolar = other is not None and other[1].upper() in shafts
    against = f"{other[1]}{int(other[2])}" if other and bipolar else second.upper()
    return ChannelName(label, ChannelKind.DEPTH, f"{found[1]}{int(found[2])}", against, bipolar)


def _shafts(labels: Sequence[str]) -> frozenset[str]:
    """The letters (in capitals) that name intracranial electrodes or numbered caps in these labels.

    Letters count as such when they occur with a number that no scalp electrode has, or with both the old and
    the new name of one electrode; in a file with such a shaft, also letters numbered 1 to 3 without a gap.
    """
    numbers: dict[str, set[int]] = defaultdict(set)
    for label in labels:
        text, _ = _bare(label)
        if not any(pattern.search(label) for _, pattern in _patterns()):
            for half in _halves(text):
                if found := _CONTACT.match(half):
                    numbers[found[1].upper()].add(int(found[2]))
    several = {letters: found for letters, found in numbers.items() if len(found) > 1}
    shafts = {letters for letters, found in several.items() if _is_shaft(letters, found)}
    if shafts:
        shafts |= {letters for letters, found in several.items() if {1, 2, 3} <= found}
    return frozenset(shafts)


def _is_shaft(letters: str, numbers: set[int]) -> bool:
    if letters == "T" and any({int(old[1:]), int(new[1:])} <= numbers for old, new in OLD_NAMES.items()):
        return True
    if letters in _COUNTED:
        return False
    return any(not electrode_named(f"{letters}{number}") for number in numbers)


def _common_reference(names: Sequence[ChannelName]) -> str:
    """The electrode that is the reference of all scalp channels, "" without one."""
    scalp = [name for name in names if name.kind is ChannelKind.EEG and name.electrode not in EARS]
    seconds = Counter(name.against for name in scalp if name.bipolar)
    if len(seconds) != 1:
        return ""
    (reference, count), *_ = seconds.most_common(1)
    others = [name for name in scalp if not name.bipolar and name.electrode != reference]
    return reference if count >= _FEWEST and not others else ""
