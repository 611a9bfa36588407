"""What the window shows and does: the open recording, its answers, its study; no widget."""
