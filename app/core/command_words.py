"""What people call commands that are named otherwise, for finding them; in small letters, by the id."""

from __future__ import annotations

from collections.abc import Mapping

OTHER_WORDS: Mapping[str, str] = {
    "rebind": "settings preferences options shortcuts hotkeys keyboard",
    "theme": "settings preferences dark mode night appearance",
    "sound": "settings preferences audio volume deinterlace interlaced",
    "reaction": "settings delay",
    "jump_size": "settings skip step",
    "loop_next": "repeat replay loop again",
    "loop_before": "repeat replay loop",
    "loop_start": "repeat a-b",
    "loop_stop": "repeat a-b",
    "recording_next": "next video file patient seizure",
    "recording_before": "previous video file patient seizure back",
    "lock_next": "next finish submit done",
    "lock": "finish submit done reveal",
    "who_reads": "user name person login switch reader change",
    "rest_no": "all negative none remaining",
    "rest_as_signal": "all remaining accept copy",
    "accept": "agree take over suggestion copy",
    "last_seizure": "copy previous template same",
    "undo": "back revert",
    "mark_start": "begin onset segment span in",
    "mark_end": "stop offset segment span out",
    "onset": "start beginning",
    "seizure_end": "offset stop",
    "how_sure": "certainty confidence sure",
    "note": "comment remark text",
    "full_screen": "maximise maximize",
    "keys": "shortcuts hotkeys keyboard help",
    "guide": "help manual documentation first steps tutorial",
    "log_folder": "logs error report support",
    "start_page": "home welcome overview back leave",
    "close_study": "leave quit exit project",
    "rename_study": "name title call",
    "further_readers": "columns others scroll more hidden",
    "show_worklist": "recordings list files study",
    "show_consensus": "disagreement difference decide adjudicate",
    "show_comparison": "agreement kappa statistics",
    "show_rating": "faithfulness score",
    "report": "pdf print html",
    "export": "save as csv excel elan boris bids",
    "import": "load csv excel elan boris bids",
    "copies": "backup restore",
    "copy_now": "backup",
    "save_picture": "screenshot snapshot still anonymise anonymize blur",
    "copy_picture": "screenshot snapshot anonymise anonymize blur",
    "copy_recorded_picture": "screenshot snapshot bare raw original face",
    "save_recorded_picture": "screenshot snapshot still bare raw original face",
    "deidentify": "anonymise anonymize blur faces",
    "faster": "speed rate",
    "slower": "speed rate slow motion",
    "light": "brightness contrast gamma",
}


def command_words(id_: str, name: str) -> tuple[str, ...]:
    """The words by which a command is found, those of its name among them."""
    return (*name.casefold().split(), *OTHER_WORDS.get(id_, "").split())
