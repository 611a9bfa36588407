"""The identifying fields of a header, read on explicit request only, and the anonymous header of EDF+.

No other module of this package reads these fields, so none can disclose them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from app.core.eeg.eeg_file import EegFile
from app.core.eeg.header_fields import text_of
from app.core.eeg.signal_fields import FIXED
from app.core.eeg.start_time import MONTHS, started_on

_PATIENT, _RECORDING, _DATE = slice(8, 88), slice(88, 168), slice(168, 176)
_NO_DATE = b"01.01.85"
"""The date that the specification prescribes for an anonymous header."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifying fields: patient (code, sex, birth date, name) and recording (technician, equipment).

    Its `repr` contains neither, so that neither gets into a log.
    """

    patient: str = field(repr=False)
    recording: str = field(repr=False)


def read_identity(eeg: EegFile) -> Identity:
    """The identifying fields of the header, on explicit request. Raises UserError when the file is gone."""
    fixed = eeg.contents.read(0, FIXED)
    return Identity(text_of(fixed[_PATIENT]), text_of(fixed[_RECORDING]))


def anonymous_header(header: bytes, *, keep_date: bool = True) -> bytes:
    """A header of the same size without patient, technician, code and equipment, as EDF+ prescribes.

    `keep_date` keeps the date of the recording. The time of day, the signals and their free texts remain, as
    do annotations, which are not part of the header and may contain names as well.
    """
    day = started_on(text_of(header[_DATE]), text_of(header[_RECORDING])) if keep_date else None
    shown = f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year:04d}" if day else "X"
    recording = f"Startdate {shown} X X X".encode().ljust(80)
    return header[:8] + b"X X X X".ljust(80) + recording + _date_field(day) + header[176:]


def _date_field(day: date | None) -> bytes:
    """`dd.mm.yy`; the two digits of the year stand for 1985 to 2084, `yy` for any other year."""
    if day is None:
        return _NO_DATE
    year = f"{day.year % 100:02d}" if 1985 <= day.year <= 2084 else "yy"
    return f"{day.day:02d}.{day.month:02d}.{year}".encode()
