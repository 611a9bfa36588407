"""The signal reader: measures of pose, face and sound, and rules over them, without network or key."""
