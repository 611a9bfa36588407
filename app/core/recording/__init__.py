"""A recording and its clock."""
