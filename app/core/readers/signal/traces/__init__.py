"""What the rules measured, as traces over time to be looked at."""
