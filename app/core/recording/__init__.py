"""Recordings and their clock: opening, packet index, frames, sound samples, waveform, spectrogram."""
