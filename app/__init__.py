"""Semioscope: review seizure videos with the 20 ILAE semiology features beside a reader's answers."""

__version__ = "0.1.0"
