"""The command line: no arguments open the window, a subcommand runs without one.

Exit codes: 0 done · 1 the input's fault, one line on stderr · 2 usage · 70 a bug, logged, one line on
stderr · 130 stopped by Ctrl+C, SIGTERM or its terminal, no unfinished file · 141 the output was closed.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from app import __version__
from app.commands.console import escape_what_cannot_be_shown
from app.commands.result_options import check_results
from app.commands.terminal import one_line
from app.core.account_file import AccountProblems
from app.core.atomic import remove_unfinished
from app.core.errors import Cancelled, DamagedStudyError, UserError
from app.core.exports import remove_left_by_killed_programs
from app.core.folders import cache_folder, log_folder, settings_folder, temporary_folder
from app.core.program_log import OwnText, log_to_file

COMMANDS = (
    "open", "analyze", "rehearse", "batch", "offline", "overnight", "experiment", "report", "export",
    "deidentify", "import", "join", "patients", "rename", "combine", "evaluate", "train", "diagnosis",
    "agreement", "confidence", "course", "history", "backup", "ledger", "probe", "eeg", "frame", "copy",
    "phantom", "demo",
)  # fmt: skip
"""The subcommands in the order of the help; each is a file in app/commands with `register`."""

_FILES = {"import": "import_labels"}
"""The file of a subcommand whose name is a word of Python."""

DONE, INPUT_FAULT, USAGE, BUG, INTERRUPTED, OUTPUT_CLOSED = 0, 1, 2, 70, 130, 141

_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with `argv` (without its name; default the process's) and give its exit code."""
    os.umask(0o077)  # what this program writes is about patients
    escape_what_cannot_be_shown()
    try:
        _remove_leftovers()
        given = list(sys.argv[1:] if argv is None else argv)
        if given and _is_unknown_word(given[0]):
            return _print_error(_what_was_meant(given[0]), USAGE)
        arguments = _normalised(given)
        return _run(program_parser(_commands_named(arguments)).parse_args(arguments))
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else USAGE
    except (Cancelled, KeyboardInterrupt):
        return _print_error("Stopped; no unfinished file was left.", INTERRUPTED)


def _run(args: argparse.Namespace) -> int:
    """The exit code of a command. Raises Cancelled, KeyboardInterrupt."""
    if args.command == "open":  # the window keeps its own log, and says itself what cannot be read
        return _exit_code(args)
    log_to_file("commands.log")
    with contextlib.closing(AccountProblems()) as problems:
        problems.listen()
        try:
            return _exit_code(args)
        finally:
            for sentence in problems.take():
                _print_error(sentence, DONE)


def _exit_code(args: argparse.Namespace) -> int:
    try:
        check_results(args)
        code: int = args.run(args)
        sys.stdout.flush()
    except UserError as error:
        return _print_error(_with_restore_command(error), INPUT_FAULT)
    except Cancelled:
        raise
    except BrokenPipeError:
        _discard_output()
        return OUTPUT_CLOSED
    except Exception as error:  # noqa: BLE001 - the last resort: logged, printed, and the exit code says so
        _log.exception("%s failed", OwnText(args.command))
        return _print_error(f"Unexpected {type(error).__name__}; the log in {log_folder()} says more.", BUG)
    return code


def _remove_leftovers() -> None:
    """In a background thread: the folder of an export may be on a share that does not answer."""
    try:
        account, cache = settings_folder(), cache_folder()
    except OSError as error:
        _log.warning("There is no settings or cache folder: %s", error)
        return

    def remove() -> None:
        remove_unfinished(cache)
        with contextlib.suppress(OSError):
            remove_unfinished(temporary_folder())
        remove_left_by_killed_programs(account)

    threading.Thread(target=remove, name="leftovers", daemon=True).start()


def _with_restore_command(error: UserError) -> str:
    """The sentence, and of a damaged study with copies the command that restores one."""
    if not isinstance(error, DamagedStudyError) or not error.copies:
        return str(error)
    import shlex

    study = shlex.quote(str(error.folder))
    copies = "copy" if error.copies == 1 else f"{error.copies} copies"
    return (
        f"{error.why}; “semioscope backup {study} --list” shows the {copies} that it has, and "
        f"“semioscope backup {study} --restore NAME” restores one."
    )


def _commands_named(arguments: list[str]) -> tuple[str, ...]:
    """The command that is run; all of them for help, which names each."""
    return tuple(arguments[:1]) if arguments[0] in COMMANDS else COMMANDS


def program_parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser of these commands; no other command's file is imported."""
    parser = argparse.ArgumentParser(
        prog="semioscope",
        description="Review seizure videos: picture, pose, sound and the 20 ILAE semiology features.",
        epilog="Without a command the window opens, with FILE on that recording or study. "
        "Research use; not a medical device.",
    )
    parser.add_argument("--version", action="version", version=f"semioscope {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in commands:
        import_module(f"app.commands.{_FILES.get(name, name)}").register(subparsers)
    return parser


def _normalised(arguments: list[str]) -> list[str]:
    """The arguments with the command that was meant; a file that begins with a dash is not an option."""
    shielded = [f".{os.sep}{argument}" if _is_dashed_file(argument) else argument for argument in arguments]
    if not shielded:
        return ["open"]
    if shielded[0] in COMMANDS or shielded[0] in ("-h", "--help", "--version"):
        return shielded
    return ["open", *shielded]


def _is_unknown_word(argument: str) -> bool:
    """Whether a first word is neither a command nor an option, and names no file that is there or could be: a
    file that is missing has a folder or an ending."""
    return not (
        argument in COMMANDS
        or argument.startswith("-")
        or Path(argument).name != argument
        or "." in argument
        or os.path.lexists(argument)
    )


def _what_was_meant(word: str) -> str:
    """The sentence on an unknown word: the nearest command, or all of them."""
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.75)
    meant = f"did you mean “semioscope {near[0]}”?" if near else f"the commands are {', '.join(COMMANDS)}."
    return f"There is no command “{word}” and no such file; {meant}"


def _is_dashed_file(argument: str) -> bool:
    try:
        return argument.startswith("-") and "." in argument and Path(argument).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _print_error(sentence: str, code: int) -> int:
    """The exit code, after the sentence was printed to stderr."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    print(f"semioscope: {one_line(sentence)}", file=sys.stderr)
    return code


def _discard_output() -> None:
    """Let nothing be written to a closed pipe when the interpreter leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
