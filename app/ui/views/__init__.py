"""The panels of the window; they know the session only."""
