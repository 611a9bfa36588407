"""Readers and diagnoses that are learned from a department's own labels, judged on patients not seen.

`patient_folds.py` keeps patients together, `fitting.py` fits and judges one feature, `train_reader.py` is the
use case of `semioscope train`; docs/baselines.md has the method.
"""
