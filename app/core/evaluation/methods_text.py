"""How an evaluation was done, in sentences for a paper: versions, numbers, intervals, exclusions."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from app import __version__
from app.core.agreement.figure import RESAMPLES, SEED
from app.core.evaluation.calibration import BINS, FOLDS
from app.core.evaluation.confusion import Abstentions
from app.core.evaluation.evaluate_readings import AnswerDetails, Evaluation
from app.core.evaluation.figure_text import one_line
from app.core.evaluation.patients import ALONE
from app.core.evaluation.rated_explanations import EVERYTHING
from app.core.evaluation.scoring import Coverage, ReaderResult
from app.core.plural import plural
from app.core.study.blind_readings import describe_changed

_LIBRARIES = ("numpy", "scipy", "scikit-learn")

_RULES = {
    Abstentions.STUDY: "“Not assessable” was a third class for verbal responsiveness; for the other features "
    "such cases were left out.",
    Abstentions.EXCLUDE: "Cases that the reference or the reader called not assessable were left out.",
    Abstentions.WRONG: "Where the reference said yes or no and the reader called the feature not assessable, "
    "this counted as the wrong answer; cases that the reference called not assessable were left out.",
    Abstentions.CLASS: "“Not assessable” was a third class of every feature, and figures are averages over "
    "the classes that occur.",
}


def methods_text(evaluation: Evaluation) -> str:
    """The paragraphs, parted by blank lines; names are plain text on one line."""
    paragraphs = (
        _material(evaluation),
        _figures(evaluation),
        _exclusions(evaluation),
        _intervals(evaluation),
        *_comparisons(evaluation),
        *_further(list(evaluation.details.values())),
        _software(),
    )
    return "\n\n".join(paragraphs) + "\n"


def _material(evaluation: Evaluation) -> str:
    names = _listed([f"“{one_line(name)}”" for name in evaluation.readers])
    groups, cases = evaluation.groups, len(evaluation.grid.cases)
    if groups.by == ALONE:
        patients = "; which recordings are of one patient was not known, so each counted as a patient"
    else:
        patients = f" of {plural(groups.count, 'patient')} (by {one_line(groups.by)})"
    readers = plural(len(evaluation.readers), "reader")
    blind = "".join(f" {sentence}" for sentence in describe_changed(evaluation.changed, evaluation.used))
    return (
        f"{plural(cases, 'recording')}{patients}. {readers} ({names}) answered up to 20 features of seizure "
        f"semiology per recording and were scored against the reference “{one_line(evaluation.reference)}”."
        f"{blind}"
    )


def _figures(evaluation: Evaluation) -> str:
    said = [each for result in evaluation.readers.values() for each in result.said.values()]
    counts = [each.n for each in said] or [0]
    return (
        "For each feature we report accuracy, precision, recall, F1, specificity, balanced accuracy and "
        "Matthews' correlation of “yes”; for verbal responsiveness precision, recall, F1 and specificity are "
        f"averages over the classes that occur. {min(counts)} to {max(counts)} cases were scored per "
        f"feature. {_RULES[evaluation.abstentions]} A figure with nothing to divide by is not shown and "
        "counts 0 in means. Means are over features, unweighted and weighted by how often the reference "
        "says yes. Each F1 is compared with the best of three answers that need no recording: always yes, "
        "always no, and yes at random as often as the reference."
    )


def _exclusions(evaluation: Evaluation) -> str:
    each = "; ".join(f"“{one_line(name)}” {_left_out(one)}" for name, one in evaluation.readers.items())
    return (
        "Failed and unanswered are in no figure. Of the cases for which the reference has an answer, in "
        f"features of which both sides say anything: {each}."
    )


def _left_out(result: ReaderResult) -> str:
    sums = {kind: sum(each.coverage[kind] for each in result.said.values()) for kind in Coverage}
    counted = ", ".join(f"{sums[kind]} {kind.value.replace('_', ' ')}" for kind in Coverage)
    missing, unmatched = int(result.reader.missing.sum()), len(result.reader.unmatched)
    further = []
    if missing:
        further.append(f"{plural(missing, 'recording')} without a reading")
    if unmatched:
        further.append(f"{plural(unmatched, 'recording')} without a reference left out")
    return ", ".join((counted, *further))


def _intervals(evaluation: Evaluation) -> str:
    unit = "recordings" if evaluation.groups.by == ALONE else "patients"
    return (
        f"Intervals are 95 % expanded percentile intervals (Hesterberg 2015) of {RESAMPLES:,} bootstrap "
        f"resamples over {evaluation.groups.count} {unit}, all recordings of a patient together, with a "
        f"fixed seed ({SEED})."
    )


def _comparisons(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.pairs:
        yield (
            "Every two readers were compared on the cases that were scored for both: differences of accuracy "
            "and F1 with intervals from the same resamples, and McNemar's exact test with Holm's correction "
            "over the features that have a case. McNemar's test takes recordings as independent."
        )
    for name, one in evaluation.repeats.items():
        yield (
            f"“{one_line(name)}” was asked {len(one.readings)} times; flips are the share of cases, answered "
            "each time, in which the answers are not all the same."
        )


def _further(details: Sequence[AnswerDetails]) -> Iterator[str]:
    if any(one.confidence for one in details):
        yield (
            "Confidence was judged as the probability of “yes” by the Brier score and the expected "
            f"calibration error over {BINS} bins of equal width, also after Platt scaling fitted on other "
            f"patients ({FOLDS} folds)."
        )
    if any(one.timing for one in details):
        yield (
            "Where both said yes and marked when, we report intersection over union and the errors of onset "
            "and end, beside those of a constant span from the reference's medians in other patients."
        )
    if any(one.sides for one in details):
        yield (
            "Where both said yes and named a side, we report the share of the same side beside chance and "
            "the reference's most frequent side."
        )
    rated = [one.explanations[EVERYTHING] for one in details if EVERYTHING in one.explanations]
    if rated:
        yield (
            f"People rated the faithfulness of {sum(one.n for one in rated)} explanations from 1 to 5; we "
            "report the share of 3 or more and Krippendorff's alpha (ordinal) where several rated one."
        )
    if any(one.merging for one in details):
        yield (
            "Segments were merged by a yes in any of them, and by the rule with the highest F1 in other "
            f"patients ({FOLDS} folds)."
        )


def _software() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"Computed with Semioscope {__version__} (Python {platform.python_version()}, {libraries})."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
