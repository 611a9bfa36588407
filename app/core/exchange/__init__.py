"""Readings in the files of other programs: one file per format, one table of them (`formats.py`)."""
