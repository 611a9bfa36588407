"""A loopback server that answers chat completions as the schema of the question wants them."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, bytes]


def right_answer(body: bytes) -> Answer:
    """*No* to everything that is asked."""
    schema = json.loads(body)["response_format"]["json_schema"]["schema"]
    item = {"explanation": "none", "presence": "no", "confidence": 50, "laterality": "none", "evidence": []}
    features = schema["properties"]["answers"]["items"]["properties"]["feature"]["enum"]
    return 200, completion(json.dumps({"answers": [{"feature": feature} | item for feature in features]}))


def completion(text: str) -> bytes:
    """A chat completion that says `text`."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return json.dumps({"model": "loopback", "choices": [choice]}).encode()


@contextmanager
def serving(
    answer: Callable[[bytes], Answer] = right_answer, seconds: float = 0.0
) -> Iterator[tuple[str, list[bytes]]]:
    """The server's address and the bodies it was sent; each answer is out `seconds` after its question."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Nothing: the benchmark's output is its table."""

        def do_POST(self) -> None:
            end = time.monotonic() + seconds
            body = self.rfile.read(int(self.headers["content-length"]))
            bodies.append(body)
            status, content = answer(body)
            time.sleep(max(0.0, end - time.monotonic()))
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    """Serve until stdin is closed; the address is the line on stdout. The argument is seconds per answer.

    It stands for another computer, so it takes only the time of a processor that nobody here wants.
    """
    if hasattr(os, "nice"):
        os.nice(19)
    with serving(seconds=float(sys.argv[1])) as (url, _bodies):
        print(url, flush=True)  # noqa: T201 - what the program that waits reads
        sys.stdin.read()


if __name__ == "__main__":
    main()
