"""Random courses."""

from __future__ import annotations

from app.core.phantom.event import PhantomScript


def random_script(
    seed: int, duration: float = 60.0, features: tuple[str, ...] | None = None, lookalikes: bool = True
) -> PhantomScript:
    """A random subset of features, with lookalikes."""
    return PhantomScript(seed, duration, (), title="random")
