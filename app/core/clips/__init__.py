"""The clips of a recording that a model is shown: how they are specified, made, listed and checked."""
