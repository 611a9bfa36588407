"""Enhancements of a recording for readers: pose, patient track, face crop, denoised sound, transcript."""
