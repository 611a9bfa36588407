"""The floor of preparing clips, in a separate process: decode everything, encode the same frames."""

from __future__ import annotations

import sys
from fractions import Fraction

import av

from app.core.clips.clip import ClipOptions, sampling_times
from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.request_plan import clip_specs, requests
from app.core.recording.analysis_process import lower_priority


def loop(path: str, out: str, duration: float) -> int:
    """Decode the recording once and encode the frames of every piece at the size a model gets; how many."""
    made = [piece for piece in clip_specs(requests(duration)) if piece.enhancement is not Enhancement.SOUND]
    films = [_Film(f"{out}/{piece.name}.mp4", piece.enhancement) for piece in made]
    wanted = [list(sampling_times(piece.span, piece.fps)) for piece in made]
    encoded = 0
    with av.open(path) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            for film, moments in zip(films, wanted, strict=True):
                if moments and frame.time is not None and frame.time >= moments[0] - 1e-3:
                    moments.pop(0)
                    film.add(frame)
                    encoded += 1
    for film in films:
        film.close()
    return encoded


class _Film:
    def __init__(self, path: str, enhancement: Enhancement) -> None:
        options = ClipOptions()
        face = enhancement is Enhancement.FACE
        self._container = av.open(path, "w")
        self._stream = self._container.add_stream("libx264", rate=Fraction(2))
        self._stream.width = options.face_side if face else options.side
        self._stream.height = options.face_side if face else options.side * 9 // 16
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": "23", "preset": "veryfast"}
        self._number = 0

    def add(self, frame: av.VideoFrame) -> None:
        small = frame.reformat(self._stream.width, self._stream.height, format="yuv420p")
        small.pts, small.time_base = self._number, Fraction(1, 2)
        self._number += 1
        self._container.mux(self._stream.encode(small))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()


if __name__ == "__main__":
    lower_priority()  # as the clip process does
    print(loop(sys.argv[1], sys.argv[2], float(sys.argv[3])))  # noqa: T201 - what the program that waits reads
