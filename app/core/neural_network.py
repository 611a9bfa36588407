"""Neural networks in ONNX files, run on this computer without a word to any other."""

from __future__ import annotations

import os
from typing import Any


def load_network(model: bytes, *, threads: int = 0, keep_memory: bool = True) -> Any:
    """An `onnxruntime.InferenceSession` of a model on so many threads; with 0, one for each core.

    Without `keep_memory` what a run has used goes back to the system, which costs some time in each.

    onnxruntime from 1.29 on reports its use to a host on the internet unless a variable forbids it before the
    import. The lock holds an earlier version; this is for environments with another. Raises what onnxruntime
    raises, whose errors have no common class.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = keep_memory
    options.log_severity_level = 4  # warns of each number that no layer uses; errors are raised as well
    # Without this the threads would spin, on processors that somebody else needs, between two pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
