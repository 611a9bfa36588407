"""Reports on paper: the PDF of a report's blocks."""
