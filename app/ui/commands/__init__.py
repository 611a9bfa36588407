"""The commands of the window: name, keys, help and effect of each."""
