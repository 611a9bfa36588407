"""The core of the program, without Qt."""
