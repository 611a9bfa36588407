"""The signals by which the system, a terminal or a session asks this program to end."""

from __future__ import annotations

import signal


def ending_signals() -> tuple[signal.Signals, ...]:
    """Ctrl+C, SIGTERM, and where there is one SIGHUP: a terminal that closes sends it, and at a logout the
    system sends it right after SIGTERM, which would end the program in the middle of its closing. A SIGHUP
    that is ignored, as under `nohup`, stays ignored."""
    asked = (signal.SIGINT, signal.SIGTERM)
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is None or signal.getsignal(hang_up) is signal.SIG_IGN:
        return asked
    return (*asked, hang_up)
