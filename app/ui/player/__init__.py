"""Decoder thread, sound output and clock."""
