"""Every command of the window as a row: name, keys, help, what it does."""
