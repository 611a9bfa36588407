"""A reading as a page with pictures."""
