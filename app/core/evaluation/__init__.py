"""Readings scored against a reference: labels from tables, files and studies, figures, baselines, tests.

`labels.py` and `label_tables.py` hold what was said, `case_grid.py` lays it out over the reference's cases,
`confusion.py` and `figures.py` count and score, `patients.py` resamples. docs/evaluation.md has the formulas.
"""
