"""The synthetic patient whose semiology is known exactly."""
