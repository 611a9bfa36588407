"""What is measured, without any decision: angles, rates, amplitudes, apertures, voices."""
