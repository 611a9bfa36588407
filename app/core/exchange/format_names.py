"""The names of the formats, for menus and options, without importing any format."""

from __future__ import annotations

from collections.abc import Mapping

FORMAT_NAMES: Mapping[str, str] = {
    "csv-long": "CSV, a row per span",
    "csv-wide": "CSV, a row per recording and reader, a column per feature",
    "xlsx-long": "workbook, a row per span",
    "xlsx-wide": "workbook, a row per recording and reader, a column per feature",
    "eaf": "ELAN 3.0",
    "boris": "BORIS project 7.0",
    "bids": "BIDS events with HED tags",
    "edf": "EDF+ annotations on the EEG's clock",
    "json": "everything, with the history",
}
"""Every format's id and what it is."""

PLAIN_NAMES: Mapping[str, str] = {"csv": "csv-long", "xlsx": "xlsx-long", "elan": "eaf"}
"""Further names of formats: of a program or kind of file for the usual form."""
