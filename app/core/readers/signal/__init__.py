"""The built-in reader: measures of pose, face and sound, and rules over them; no network, no key."""
