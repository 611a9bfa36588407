"""What is kept: answers, their history, recordings."""
