"""Local readers on the machines of a Dask cluster (the extra `semioscope[cluster]`).

Workers need the same version of the program and must reach the recordings under the same paths. They only
read and give back readings; what is finished is written by the program that started the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.core.batch.unit import RunJob
from app.core.batch.work_process import run_work
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.recording.analysis_process import Job

_POLL = 0.2
_CONNECT_SECONDS = 20


@contextmanager
def dask_cluster(address: str) -> Iterator[tuple[RunJob, int]]:
    """What runs jobs on the cluster whose scheduler is at this address, and how many it can run at once.

    Raises UserError when Dask is not installed, the scheduler does not answer, or it has no workers.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(f"No Dask scheduler answers at {address}.") from error
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UserError(f"The Dask scheduler at {address} has no workers; start some first.")
        yield _jobs_on(client), threads
    finally:
        client.close(timeout=_CONNECT_SECONDS)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UserError(
            "Dask is not installed here; install semioscope[cluster] (requirements-cluster.lock)."
        ) from error
    return distributed


def _jobs_on(client: Any) -> RunJob:
    """Runs one job on the cluster and waits for it, in the calling thread."""

    def run(job: Job, _report: Report, cancel: CancelToken) -> bytes:
        future = client.submit(read_on_worker, dict(job), pure=False, retries=0)
        try:
            while not future.done():
                if cancel.wait(_POLL):
                    raise Cancelled
            content: bytes = future.result()
        except (UserError, Cancelled):
            raise
        except Exception as error:  # distributed is optional, so its errors are known by name
            if type(error).__name__ in {"KilledWorker", "CancelledError", "FutureCancelledError"}:
                raise UserError("The machines that read this recording were lost.") from error
            raise
        finally:
            future.cancel()
        return content

    return run


def read_on_worker(job: dict[str, Any]) -> bytes:
    """The reading of a job as JSON, on a worker. Raises UserError."""
    return run_work(job, no_report, CancelToken())
