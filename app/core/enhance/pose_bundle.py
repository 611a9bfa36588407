"""The bundle of models with which mediapipe finds the poses of several people.

Its wheel has the two models but not the bundle: an aligned, uncompressed zip of both with the metadata of
their inputs (values −1…1 for the detector, 0…1 for the landmarks). A bundled program carries it ready-made,
because mediapipe's writer of metadata looks for its own source files.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from app.core.folders import resource

FILE_NAME = "several_people.task"
"""The name of a ready-made one among the resources."""

_MODELS = {
    "pose_detector.tflite": ("pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}
"""Name in the bundle: file in the wheel, mean and deviation of what the model is given."""


def pose_bundle() -> bytes:
    """The bundle: the ready-made one where the program has one, else assembled (a tenth of a second)."""
    ready = resource(FILE_NAME)
    return ready.read_bytes() if ready.is_file() else assembled_pose_bundle()


def assembled_pose_bundle() -> bytes:
    """The bundle, assembled from the models in mediapipe's wheel."""
    import mediapipe
    from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer, model_asset_bundle_utils

    modules = Path(mediapipe.__file__).parent / "modules"
    bundle = io.BytesIO()
    with model_asset_bundle_utils.AlignZipFile(
        bundle, mode="w", alignment=4, compression=zipfile.ZIP_STORED
    ) as archive:
        for name, (path, mean, deviation) in _MODELS.items():
            writer = metadata_writer.MetadataWriter.create(bytearray((modules / path).read_bytes()))
            writer.add_general_info(name, "pose")
            writer.add_image_input([mean], [deviation])
            archive.writestr(name, bytes(writer.populate()[0]))
    return bundle.getvalue()
