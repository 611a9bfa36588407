"""Readers, which answer the 20 features: the signal reader and multimodal models."""
