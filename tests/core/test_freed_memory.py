"""Memory that was freed goes back to the system, also from below what is still in use."""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from app.core import freed_memory
from app.core.freed_memory import QUIET, QuietMoment, give_back_freed_memory
from app.core.recording import container
from tests.media import write_recording

BLOCK, BLOCKS = 64 << 10, 1600
ARRAY = 23 << 20
IS_MAPPED = 2
"""IS_MMAPPED of glibc's malloc.c: the flag in the size before what was taken from the system by itself."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do it by themselves")
def test_what_was_freed_between_blocks_in_use_is_given_back() -> None:
    blocks = [b"%d" % number * (BLOCK // 4) for number in range(1000, 1000 + BLOCKS)]
    in_use = blocks[::16]
    del blocks
    before = _resident()
    give_back_freed_memory()
    assert before - _resident() > BLOCK * BLOCKS // 2
    assert in_use[1].startswith(b"1016"), "what is in use stays"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do it by themselves")
def test_a_large_array_lies_by_itself_also_after_another_was_freed() -> None:
    """In a separate process: the option holds for the rest of it."""
    lines = f"""
import ctypes
from app.core.freed_memory import keep_large_memory_apart
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
keep_large_memory_apart()
libc.free(libc.malloc({ARRAY}))
array = libc.malloc({ARRAY})
mapped = ctypes.c_size_t.from_address(array - ctypes.sizeof(ctypes.c_size_t)).value & {IS_MAPPED}
print("by itself" if mapped else "among others")
"""
    done = subprocess.run([sys.executable, "-c", lines], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "by itself"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do it by themselves")
@pytest.mark.parametrize("size", [1920 * 1080 * 4, 1920 * 1080 * 3 // 2], ids=["picture", "frame"])
@pytest.mark.parametrize("thread", [False, True], ids=["main", "thread"])
def test_pictures_and_frames_of_full_hd_come_and_go_in_memory_that_stays(size: int, thread: bool) -> None:
    """In a separate process: the options hold for the rest of it."""
    lines = f"""
import resource, threading
import numpy as np
from app.core.freed_memory import keep_large_memory_apart
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def count():
    fill(8)
    before = faults()
    fill(100)
    print(faults() - before)
def fill(times):
    for _ in range(times):
        np.empty({size}, np.uint8).fill(1)
keep_large_memory_apart()
work = threading.Thread(target=count)
if {thread}:
    work.start()
    work.join()
else:
    count()
"""
    done = subprocess.run([sys.executable, "-c", lines], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 100, "mapped anew each of them takes hundreds"


def test_freed_memory_is_given_back_once_all_have_rested(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr(freed_memory, "give_back_freed_memory", lambda: given.append(1))
    moment = QuietMoment()
    moment.put_off(100.0)
    assert moment.use(100.0 + QUIET - 1.0) == pytest.approx(1.0), "so long is still to be waited"
    moment.put_off(103.0)  # another camera
    assert moment.use(100.0 + QUIET) == pytest.approx(3.0)
    assert given == []
    assert moment.use(103.0 + QUIET) is None
    assert moment.use(103.0 + QUIET) is None
    assert len(given) == 1, "once for all that share it"
    moment.put_off(200.0)
    moment.use(200.0 + QUIET)
    assert len(given) == 2


def test_what_libav_freed_of_long_tables_is_given_back_once_a_file_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = 0

    def give() -> None:
        nonlocal given
        given += 1

    monkeypatch.setattr(container, "give_back_freed_memory", give)
    path = write_recording(tmp_path / "a.mp4", frames=30)
    container.open_container(path).close()
    assert given == 0, "a short one has freed little"
    monkeypatch.setattr(container, "_LONG_TABLES", 29)
    container.open_container(path).close()
    assert given == 1


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
