"""Multimodal models as readers: segments, prompts, strict parsing, merging."""
