"""EEG formats other than EDF, by their first bytes or suffix, and the programs that export them as EDF+."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class OtherFormat:
    """A format by its first bytes (`marks`) or the end of the file name (`suffixes`, lower case); `exporter`
    names the program that exports it as EDF+. `modules` are the libraries of the extra that read it here; a
    format without any is not converted."""

    name: str
    exporter: str
    marks: tuple[bytes, ...] = ()
    suffixes: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


EXTRA = "semioscope[eeg-formats]"
"""The optional extra that reads some of these formats."""

_MNE, _NEO = ("mne",), ("neo",)


_FORMATS = (
    OtherFormat(
        "a Nihon Kohden EEG",
        "Nihon Kohden's review program or EDFbrowser (Tools, Convert Nihon Kohden to EDF+)",
        (b"EEG-1100", b"EEG-1200", b"EEG-2100", b"QI-403A", b"DAE-2100"),
        (".21e", ".pnt"),
        _MNE,
    ),
    OtherFormat("a Persyst recording", "Persyst or MNE-Python", (b"[FileInfo]",), (".lay",), _MNE),
    OtherFormat("a Micromed recording", "Micromed's review program", (b"* MICROMED",), (".trc",), _NEO),
    OtherFormat(
        "a BrainVision recording",
        "BrainVision Analyzer, EEGLAB or MNE-Python",
        (b"Brain Vision Data Exchange", b"BrainVision Data Exchange"),
        (".vhdr", ".vmrk", ".ahdr", ".amrk"),
        _MNE,
    ),
    OtherFormat(
        "a Natus (XLTEK) recording", "Natus NeuroWorks", (), (".erd", ".etc", ".ent", ".stc", ".vtc")
    ),
    OtherFormat("a Nicolet (Natus) recording", "NicoletOne or Natus NeuroWorks", (), (".e", ".nrf")),
    OtherFormat("a Compumedics recording", "Compumedics ProFusion", (), (".rda", ".sdy")),
    OtherFormat("a Stellate recording", "Stellate Harmonie", (), (".sig", ".sts")),
    OtherFormat("a Cadwell recording", "Cadwell Arc", (), (".ez3", ".ezdata", ".arc")),
    OtherFormat("a Deltamed recording", "Deltamed Coherence", (), (".eeg.coh3",)),
    OtherFormat("a Neuroscan recording", "Neuroscan Curry or EEGLAB", (b"Version 3.0",), (".cdt", ".dap")),
    OtherFormat("an ANT Neuro recording", "ASA, EEGLAB or MNE-Python", (), (".cnt",)),
    OtherFormat("an EEGLAB data set", "EEGLAB (File, Export, Data to EDF)", (), (".set", ".fdt")),
    OtherFormat("a GDF recording", "EEGLAB or MNE-Python", (b"GDF ",), (".gdf",)),
    OtherFormat("an EGI recording", "Net Station or MNE-Python", (), (".mff",)),
    OtherFormat(
        "a Blackrock recording", "Blackrock's tools", (b"NEURALSG", b"NEURALCD", b"BRSMPGRP"), (".ns5",)
    ),
    OtherFormat("a Neuralynx recording", "Neuralynx's tools", (b"######## Neuralynx",), (".ncs", ".nrd")),
    OtherFormat("a MEF recording", "the program that wrote it", (), (".mef", ".mefd", ".tmet", ".tdat")),
    OtherFormat("an MEG or EEG in FIF", "MNE-Python", (b"\0\0\0\x64\0\0\0\x1f",), (".fif",)),
    OtherFormat("an XDF recording", "EEGLAB or MNE-Python", (b"XDF:",), (".xdf",)),
    OtherFormat("a BESA recording", "BESA Research", (), (".besa", ".avr")),
    OtherFormat("an EEG of Nihon Kohden or BrainVision", "its own program", (), (".eeg",)),
)
"""In order of precedence; first bytes count before suffixes."""

_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_VIDEO = (b"ftyp", b"moov", b"mdat")


def explain_refusal(name: str, head: bytes) -> str:
    """A sentence that explains why the file `name` with the first bytes `head` is not EDF or BDF, and what to
    do."""
    if not head:
        return f"“{name}” is empty (0 bytes)."
    if found := recognised_format(name, head):
        return explain_export(name, found)
    if head.startswith(_PACKED):
        return f"“{name}” is a packed archive; unpack it and open the EDF or BDF file inside."
    if head[4:8] in _VIDEO:
        return f"“{name}” is a video, not an EEG."
    if not head.strip(b"\0"):
        return f"“{name}” begins with nothing but zeros: it was not written or copied completely."
    return f"“{name}” is not an EDF or BDF file; EEG systems can export EDF+."


def explain_export(name: str, form: OtherFormat) -> str:
    """A sentence on how the file `name` of another format becomes EDF+."""
    extra = f", or install the extra {EXTRA}, which reads it here" if form.modules else ""
    return f"“{name}” is {form.name}: export it as EDF+ with {form.exporter} and open that{extra}."


def recognised_format(name: str, head: bytes) -> OtherFormat | None:
    """The format of the file `name` with the first bytes `head`; None for an unknown one."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for known in _FORMATS:
        if known.marks and (head.startswith(known.marks) or text.startswith(known.marks)):
            return known
    suffixes = "".join(PurePath(name).suffixes).lower()
    return next((known for known in _FORMATS if known.suffixes and suffixes.endswith(known.suffixes)), None)
