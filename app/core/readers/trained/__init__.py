"""Readers that were trained on a department's own labels: what they are given, their files, their answers.

Training them is the room `training`; docs/baselines.md says how both work.
"""
