"""`python -m benchmarks NAME`: measure, with floors from the same run."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.commands import arguments
from app.commands.terminal import ProgressLine, one_line
from app.core.atomic import check_writable, write_atomically
from app.core.errors import UserError
from benchmarks import BENCHMARKS, benchmark
from benchmarks.benchmark import Options, Result, from_json, to_json
from benchmarks.table import as_markdown, as_text, with_section

STDOUT = "-"
OUT = Path("out/bench")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what `argv` (default the process's) names; 0 done, 1 the input's fault or a missed bar."""
    args = _parser().parse_args(argv)
    try:
        results = _all(args) if args.name == "all" else [_one(args)]
    except UserError as error:
        print(f"benchmarks: {one_line(str(error))}", file=sys.stderr)
        return 1
    missed = [result.name for result in results if not result.holds]
    if missed and args.strict:
        print(f"benchmarks: missed the bar: {', '.join(missed)}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Measures and prints a table; "
        + "; ".join(f"{name}: {what}" for name, what in BENCHMARKS.items())
        + ".",
    )
    parser.add_argument("name", choices=(*BENCHMARKS, "all"), metavar="NAME", help="a benchmark, or all")
    parser.add_argument(
        "--json",
        nargs="?",
        const=STDOUT,
        metavar="FILE",
        help="the result as JSON into FILE, or on stdout instead of the table; with all, FILE is a folder "
        f"(default {OUT.as_posix()})",
    )
    parser.add_argument(
        "--docs",
        metavar="MD",
        type=Path,
        help="write the page of numbers, or this benchmark in it",
    )
    parser.add_argument(
        "--seconds", metavar="S", type=arguments.positive, help="how much of a recording is measured"
    )
    parser.add_argument("--runs", metavar="N", type=int, help="how often each measurement is repeated")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="of clips and variants those whose name holds this"
    )
    parser.add_argument("--again", action="store_true", help="forget what interrupted runs have kept")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a bar is missed")
    return parser


def _one(args: argparse.Namespace) -> Result:
    path = None if args.json in (None, STDOUT) else Path(args.json)
    if path:
        check_writable(path)
    with ProgressLine() as report:
        result = benchmark(args.name)(Options(args.seconds, args.runs, report, args.only, args.again))
    sys.stdout.write(to_json(result) if args.json == STDOUT else as_text(result))
    if path:
        write_atomically(path, to_json(result).encode())
    if args.docs:
        page = args.docs.read_text(encoding="utf-8")
        write_atomically(args.docs, with_section(page, result, BENCHMARKS).encode())
    return result


def _all(args: argparse.Namespace) -> list[Result]:
    """Every benchmark in a separate process, so that none warms the caches or the imports of the next."""
    folder = OUT if args.json in (None, STDOUT) else Path(args.json)
    if args.docs:
        check_writable(args.docs)
    folder.mkdir(parents=True, exist_ok=True)
    results = [_in_own_process(name, folder / f"{name}.json", args) for name in BENCHMARKS]
    finished = [result for result in results if result]
    if args.docs:
        write_atomically(args.docs, as_markdown(finished, BENCHMARKS).encode())
    if len(finished) < len(results):
        raise UserError("Not every benchmark finished; the lines above say which and why.")
    return finished


def _in_own_process(name: str, path: Path, args: argparse.Namespace) -> Result | None:
    """The result of one benchmark; None when it ended in an error, which it has told itself."""
    command = [sys.executable, "-m", "benchmarks", name, "--json", str(path)]
    command += ["--seconds", str(args.seconds)] if args.seconds else []
    command += ["--runs", str(args.runs)] if args.runs else []
    command += ["--only", args.only] if args.only else []
    command += ["--again"] if args.again else []
    print(f"── {name}", flush=True)
    done = subprocess.run(command, check=False)
    return None if done.returncode else from_json(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
