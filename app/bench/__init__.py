"""The benchmarks: what is measured, its floor in the same run, its bar."""
