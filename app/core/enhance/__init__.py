"""What a reader is shown: pose, patient track, face, sound."""
