"""`semioscope diagnosis`: what 20 answers say about epileptic or functional, judged before it is used."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.label_options import named_source, patient_options, study_for_viewers
from app.commands.result_options import result_option, write_result
from app.commands.terminal import one_line
from app.commands.viewer_options import print_left_out, sealed_arguments
from app.core.errors import UserError
from app.core.plural import plural
from app.core.reading import ReaderKind
from app.core.semiology import FEATURE

if TYPE_CHECKING:
    from app.core.evaluation.scoring import Estimate
    from app.core.training.diagnosis.diagnose import DiagnosisChoice, Suggestion
    from app.core.training.diagnosis.diagnosis_file import DiagnosisFile

_KINDS = ("person", "model", "signal", "phantom")
CAUTION = "A suggestion for research, to be confirmed by a person; not a diagnosis and not a medical device."


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "diagnosis",
        help="epileptic or functional, from the answers of one kind of reader",
        description="With --judge FILE: fits a logistic regression and a random forest of the 20 answers to "
        "the diagnoses, judges both on patients they have not seen, and writes them. With --by FILE: what "
        "they say of other answers of the same kind of reader; of another kind it is refused, because what "
        "experts' answers tell a model's need not.",
        epilog="docs/baselines.md says how. " + CAUTION,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    result_option(parser, "--judge", "FILE", "judge, and write what was learned", within=what)
    what.add_argument("--by", metavar="FILE", type=Path, help="suggest by what was judged")
    parser.add_argument(
        "--answers", metavar="[NAME=]PATH", action="append", required=True,
        help="the answers: a table, readings as JSON or a study; NAME chooses a reader; can be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--kind", choices=_KINDS, help="of a table, which does not say it: what kind of reader answered"
    )
    parser.add_argument(
        "--diagnoses", metavar="PATH", action="append", default=[],
        help="a table with the diagnoses, where they are not in that of the answers",
    )  # fmt: skip
    parser.add_argument(
        "--column", default="diagnosis",
        help="the column with epileptic, functional or other (default: diagnosis)",
    )  # fmt: skip
    result_option(parser, "--json", "OUT", "the suggestions as JSON")
    patient_options(parser, "default: the column patient; without either nothing is judged")
    sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    return _suggest(args) if args.by else _judge(args)


def _judge(args: argparse.Namespace) -> int:
    from app.core.training.diagnosis.diagnose import judge_answers
    from app.core.training.diagnosis.diagnosis_file import diagnosis_to_json

    if args.json:
        raise UserError("--json is for suggestions: --by FILE. What --judge writes is JSON.")
    judged = judge_answers(_choice(args), lambda folder: study_for_viewers(folder, args))
    print_left_out(judged.seals, judged.remarks)
    write_result(args, args.judge, diagnosis_to_json(judged.file).encode("ascii"))
    print("\n".join(judged_lines(judged.file)))
    return 0


def _suggest(args: argparse.Namespace) -> int:
    from app.core.training.diagnosis.diagnose import suggest_diagnoses
    from app.core.training.diagnosis.diagnosis_file import judged_to_dict, load_diagnosis

    file = load_diagnosis(args.by)
    suggested = suggest_diagnoses(file, _choice(args), lambda folder: study_for_viewers(folder, args))
    print_left_out(suggested.seals)
    found = suggested.suggestions
    if args.json:
        data = {
            "caution": CAUTION,
            "judged": judged_to_dict(file.judged),
            "suggestions": [
                {"recording": one.recording, "answered": one.answered, "epileptic": dict(one.epileptic)}
                for one in found
            ],
        }
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        write_result(args, args.json, text.encode("utf-8", "replace"))
    print("\n".join((*suggestion_lines(found), "", *judged_lines(file))))
    return 0


def _choice(args: argparse.Namespace) -> DiagnosisChoice:
    from app.core.training.diagnosis.diagnose import DiagnosisChoice

    return DiagnosisChoice(
        tuple(named_source(text) for text in args.answers),
        tuple(named_source(text) for text in args.diagnoses),
        args.column,
        args.names,
        args.group_by,
        ReaderKind(args.kind) if args.kind else None,
    )


def suggestion_lines(found: Sequence[Suggestion]) -> Iterator[str]:
    """A line for each recording."""
    for one in found:
        said = ", ".join(f"{share:.0%} by {name}" for name, share in one.epileptic.items())
        yield f"{one_line(one.recording)}: epileptic {said} ({one.answered} of 20 features answered)"


def judged_lines(file: DiagnosisFile) -> Iterator[str]:
    """How the methods did on patients they had not seen, next to the majority, and what mattered."""
    from app.core.training.diagnosis.judging import important

    judged = file.judged
    yield (
        f"Judged on answers of {one_line(file.origin.text)}: {judged.n} events of "
        f"{plural(judged.patients, 'patient')}, {judged.epileptic} epileptic and "
        f"{judged.n - judged.epileptic} functional; patients were left out."
    )
    yield f"  {'':<22}{'AUC':>6}  {'95 %':<11}{'accuracy':>9}  {'95 %':<11}{'balanced':>9}{'Brier':>8}"
    for name, each in judged.methods.items():
        yield (
            f"  {name:<22}{_value(each.auc)}  {_bounds(each.auc):<11}{_value(each.accuracy):>9}  "
            f"{_bounds(each.accuracy):<11}{each.balanced_accuracy:>9.2f}{_value(each.brier):>8}"
        )
    share = judged.epileptic / judged.n
    majority = (
        f"  {'always the majority':<22}{0.5:>6.2f}  {'':<11}{judged.majority:>9.2f}  {'':<11}{0.5:>9.2f}"
    )
    yield f"{majority}{share * (1 - share):>8.2f}"
    for name, each in judged.methods.items():
        named = ", ".join(f"{FEATURE[feature].name} {loss:.3f}" for feature, loss in important(each))
        yield f"  What {name} rests on (loss of AUC when shuffled): {named or 'nothing'}."
    yield f"  Weights of the regression (above 0: for epileptic): {_weights(file)}."
    yield CAUTION


def _weights(file: DiagnosisFile) -> str:
    weights = zip(file.model.inputs, file.model.weights * file.model.slope, strict=True)
    heaviest = sorted(weights, key=lambda one: -abs(one[1]))[:8]
    return ", ".join(f"{FEATURE[feature].name} {weight:+.2f}" for feature, weight in heaviest).replace(
        "-", "−"
    )


def _value(figure: Estimate) -> str:
    return f"{'–' if figure.value is None else f'{figure.value:.2f}':>6}"


def _bounds(figure: Estimate) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.2f}–{figure.high:.2f}"
