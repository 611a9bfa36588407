"""What is decided: one small function per feature, from measures to an answer."""
