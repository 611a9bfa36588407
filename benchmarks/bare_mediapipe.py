"""The floor of the benchmark `pose`, in a separate process: decode, pose and face mesh on each frame."""

from __future__ import annotations

import sys

import av
import numpy as np

from app.core.recording.analysis_process import lower_priority


def loop(path: str) -> int:
    """Run mediapipe's own loop over the recording at `path`; the number of frames."""
    from mediapipe.python.solutions import face_mesh, pose

    frames = 0
    with (
        av.open(path) as container,
        pose.Pose() as poses,
        face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True) as faces,
    ):
        for frame in container.decode(video=0):
            image = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            poses.process(image)
            faces.process(image)
            frames += 1
    return frames


if __name__ == "__main__":
    lower_priority()  # as the analysis process does: on a busy machine it would not be a comparison
    loop(sys.argv[1])
