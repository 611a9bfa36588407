"""The rules: one function per feature, from measures to an answer."""
