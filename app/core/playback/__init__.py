"""Playing a recording: its clock, which frames are due, and its sound up to the device."""
