"""Which recordings that a study keeps by their labels alone have the name of one of its videos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.core.exchange.phrases import shorten
from app.core.same_names import NAME_RULES, NamedRecordings, NameRule, recording_key
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study

Names = Mapping[str, str]
"""Another key of a recording's name by the key (`recording_key`) of each name that it is called by."""

NO_OTHER_NAMES: Names = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LabelJoin:
    """The recording that is kept by its `labels` alone, and the one of the `video` whose labels they seem to
    be, both of one study."""

    labels: RecordingRow
    video: RecordingRow

    def describe(self) -> str:
        """What is proposed, as a sentence."""
        return (
            f"The study has labels without a video for “{shorten(self.labels.name)}”, which can be those of "
            f"“{shorten(self.video.name)}”."
        )


@dataclass(frozen=True, slots=True)
class LabelJoins:
    """The joins that names propose, and in sentences the names that fit several recordings."""

    joins: tuple[LabelJoin, ...] = ()
    doubts: tuple[str, ...] = ()

    def of(self, number: int) -> tuple[LabelJoin, ...]:
        """Those of the video with this number."""
        return tuple(one for one in self.joins if one.video.id == number)


@dataclass(frozen=True, slots=True)
class AwaitedVideos:
    """Whether labels wait for each of some new videos, and in sentences the names that would fit several."""

    awaited: tuple[bool, ...]
    doubts: tuple[str, ...]


def propose_joins(study: Study, names: Names = NO_OTHER_NAMES) -> LabelJoins:
    """The label-only recordings of a study that have the name of one of its videos; nothing is changed.

    A name is the same as it is written, else without folder and case, else without extension, else by the map
    `names`; the strictest of these rules by which there is a video decides. A name that fits several videos,
    or several labels that fit one video alike, are never guessed.
    """
    return _propose(study.recordings(), names)


def awaited_videos(study: Study, videos: Iterable[str], names: Names = NO_OTHER_NAMES) -> AwaitedVideos:
    """Which videos of these names, none of which the study has yet, would be joined if they were added;
    nothing is changed."""
    rows = study.recordings()
    first = max((row.id for row in rows), default=0) + 1
    new = {
        number: RecordingRow(number, "", name, name, None, 0.0, None)
        for number, name in enumerate(videos, first)
    }
    found = _propose([*rows, *new.values()], names)
    awaited = [found.of(number) != () for number in new]
    known = _propose(rows, names).doubts
    return AwaitedVideos(tuple(awaited), tuple(doubt for doubt in found.doubts if doubt not in known))


def _propose(rows: Sequence[RecordingRow], names: Names) -> LabelJoins:
    videos_by_name = NamedRecordings(((row.name, row) for row in rows if row.has_video), _rules(names))
    labels_alone = (row for row in rows if not row.has_video)
    matches = [(row, *match) for row in labels_alone if (match := videos_by_name.match(row.name))]
    joins, doubts = list[LabelJoin](), list[str]()
    for labels, rule, videos in matches:
        rivals = [one for one, *other in matches if other == [rule, videos]]
        if len(videos) > 1:
            doubts.append(_SEVERAL_VIDEOS.format(shorten(labels.name), _named(videos)))
        elif len(rivals) > 1:
            doubts.append(_SEVERAL_LABELS.format(_named(rivals), shorten(videos[0].name)))
        elif not any(one.id == videos[0].id and other < rule for _, other, (one, *_rest) in matches):
            joins.append(LabelJoin(labels, videos[0]))
    return LabelJoins(tuple(joins), tuple(dict.fromkeys(doubts)))


_SEVERAL_VIDEOS = "The labels of “{}” can be those of several videos: {}; they were left as they are."
_SEVERAL_LABELS = "Several labels without a video, {}, can be those of “{}”; they were left as they are."
_MOST_NAMED = 3


def _rules(names: Names) -> tuple[NameRule, ...]:
    """Ways to write a name, the strictest first."""

    def mapped(name: str) -> str:
        key = recording_key(name)
        return names.get(key, key)

    return (*NAME_RULES, *((mapped,) if names else ()))


def _named(rows: Sequence[RecordingRow]) -> str:
    more = len(rows) - _MOST_NAMED
    texts = ", ".join(f"“{shorten(row.name)}” ({row.id})" for row in rows[:_MOST_NAMED])
    return f"{texts} and {more} more" if more > 0 else texts
