"""Escape: what is open is closed, then the full screen is left, then the loop ends."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from app.ui.commands.command import Command, Menu
from app.ui.session.session import Session


def escape_command(window: QWidget, session: Session, leave_full_screen: Callable[[], bool]) -> Command:
    """One step of getting out for each press; `leave_full_screen` gives whether it was left."""
    steps = (
        lambda: close_front_dialog(window),
        lambda: _give_up_evidence(session),
        lambda: _close_message(session),
        leave_full_screen,
        lambda: _end_loop(session),
    )
    return Command(
        "loop_end",
        Menu.PLAY,
        "Close, leave full screen, stop repeating",
        ("Escape",),
        "Close what is open; then leave full screen; then play on after the repeated span.",
        lambda: _first(steps),
    )


def _first(steps: tuple[Callable[[], bool], ...]) -> None:
    next((step for step in steps if step()), None)


def close_front_dialog(window: QWidget) -> bool:
    """Close the dialog of a window that was shown last; whether there was one."""
    dialogs = [one for one in window.findChildren(QDialog) if one.isVisible()]
    if dialogs:
        dialogs[-1].close()
    return bool(dialogs)


def _give_up_evidence(session: Session) -> bool:
    begun = session.selection.evidence_start is not None
    if begun:
        session.selection.evidence_start = None
        session.status.say("the evidence was not begun")
    return begun


def _close_message(session: Session) -> bool:
    shown = bool(session.status.message) or session.status.offer is not None
    if shown:
        session.status.make_offer(None)
        session.status.show_message("")
    return shown


def _end_loop(session: Session) -> bool:
    session.loop.forget()
    return True
