"""llama.cpp's server as the wheel of `xllamacpp` has it: served until this process is ended.

    python tests/servers/llama_server.py MODEL EYES NAME PORT [KEY]

Needs the package `xllamacpp` alone (installer/model_server.sh brings it).
"""

from __future__ import annotations

import sys
import threading

import xllamacpp


def main() -> None:
    """One request after the other, each with the whole context, on this computer alone."""
    model, eyes, name, port, *keys = sys.argv[1:]
    options = xllamacpp.CommonParams()
    options.model.path = model
    if eyes:
        options.mmproj.path = eyes
    options.model_alias = {name}
    options.hostnames, options.port = ["127.0.0.1"], int(port)
    options.n_ctx, options.n_parallel = 16_384, 1
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = 1
    options.endpoint_slots, options.offline, options.ui = True, True, False
    options.api_keys = keys
    server = xllamacpp.Server(options)
    threading.Event().wait()
    del server


if __name__ == "__main__":
    main()
