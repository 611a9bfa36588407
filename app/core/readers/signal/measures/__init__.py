"""Measures without decisions: angles, rates, amplitudes, apertures, voices."""
