"""Readers over many recordings: each analysed once, whatever stops the work in between.

Docs: docs/batch.md and docs/experiments.md.
"""
