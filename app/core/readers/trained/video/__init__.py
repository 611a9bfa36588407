"""The video baseline: a frozen network that the user brings, a linear head, the highest of all segments."""
