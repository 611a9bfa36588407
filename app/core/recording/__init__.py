"""A recording and its clock: probe, packet index, frames, samples, waveform."""
