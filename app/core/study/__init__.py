"""Studies: recordings, answers and their history in one SQLite file, with copies of it."""
