"""Linear algebra in one thread, for the small tables of training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits  # which scikit-learn needs too


@contextmanager
def one_thread() -> Iterator[None]:
    """A context, also for a whole function, in which the libraries of scikit-learn calculate in one thread;
    for a process in which only one thread at a time does so, because the limit is that of the process.

    On tables of this size several threads mostly wait for each other: measured on two cores, fitting took
    four times the processor time, and longer.
    """
    import sklearn.linear_model  # noqa: F401 - loads the libraries whose threads are limited below

    with threadpool_limits(limits=1):
        yield
