"""The program without its window: no Qt anywhere below."""
