"""Makes tiny models for llama.cpp's server: random weights, bytes for words, in the blink of an eye.

    python tests/servers/tiny_model.py FOLDER

Needs the package `gguf` alone (installer/model_server.sh brings it). FOLDER then holds `tiny.gguf`, which
ends its texts soon, `endless.gguf`, which never ends one, and `eyes.gguf`, with which both take pictures.

A model's answer depends on the last byte only: the embedding keeps it, attention and feed-forward add next to
nothing, and the output matrix is a random table of what follows what, in which the end of the text and the
marks that end something come first or last. Under a grammar this gives short texts of any schema, with one
item in each list; without one it gives nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SPECIAL = ("<unk>", "<s>", "</s>")
END = SPECIAL.index("</s>")
WORDS = len(SPECIAL) + 256
WIDE, HEADS, DEEP, FEED = 320, 4, 1, 32
CONTEXT = 32_768
NOISE = 1e-3

# How much likelier or less likely than a letter a mark is.
SHORT = {'"': 40.0, "]": 40.0, "}": 25.0, ",": 25.0, "\\": -30.0, " ": -40.0, "\n": -40.0, "\t": -40.0}
ENDLESS = SHORT | {'"': -20.0, "]": -20.0, "}": -20.0}

SIDE, PATCH, SIGHT = 28, 14, 32
"""Pixels of a picture and of a patch of it; width of the picture's embedding."""


def main() -> None:
    """Write the three files into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_text_model(folder / "tiny.gguf", SHORT, seed=1)
    write_text_model(folder / "endless.gguf", ENDLESS, seed=1)
    write_eyes(folder / "eyes.gguf", seed=2)


def write_text_model(path: Path, marks: dict[str, float], seed: int) -> None:
    """A language model of the architecture `llama`."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDE)
    writer.add_block_count(DEEP)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDE // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(WORDS)
    _add_tokenizer(writer)
    embedding = np.zeros((WORDS, WIDE), np.float32)
    embedding[np.arange(WORDS), np.arange(WORDS)] = 1.0
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(WIDE, np.float32))
    writer.add_tensor("output.weight", _following(random, marks))
    for block in range(DEEP):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{block}.{name}.weight", _noise(random, WIDE, WIDE))
        writer.add_tensor(f"blk.{block}.ffn_gate.weight", _noise(random, FEED, WIDE))
        writer.add_tensor(f"blk.{block}.ffn_up.weight", _noise(random, FEED, WIDE))
        writer.add_tensor(f"blk.{block}.ffn_down.weight", _noise(random, WIDE, FEED))
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{block}.{name}.weight", np.ones(WIDE, np.float32))
    _write(writer)


def _add_tokenizer(writer: gguf.GGUFWriter) -> None:
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * WORDS)
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_add_space_prefix(False)


def _following(random: np.random.Generator, marks: dict[str, float]) -> Floats:
    """(words, wide): how likely each word is after each; the norm before it gives a length of √wide."""
    table = random.normal(0.0, 3.0, (WORDS, WIDE))
    for mark, likelier in marks.items():
        table[_word(mark)] += likelier
    table[_word("]"), _word("[")] -= 80.0  # a list has something in it
    table[: len(SPECIAL)] -= 40.0
    table[END] += 120.0
    table[len(SPECIAL) + 128 :] -= 40.0  # half a character is none
    return np.asarray(table / np.sqrt(WIDE), np.float32)


def _word(mark: str) -> int:
    return len(SPECIAL) + ord(mark)


def write_eyes(path: Path, seed: int) -> None:
    """A vision tower of one used layer with a LLaVA projector: four words for each picture."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "clip")
    writer.add_name("eyes")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_bool("clip.use_gelu", True)
    writer.add_string("clip.projector_type", "mlp")
    for name, value in {
        "image_size": SIDE,
        "patch_size": PATCH,
        "embedding_length": SIGHT,
        "feed_forward_length": 2 * SIGHT,
        "projection_dim": WIDE,
        "block_count": 2,
        "attention.head_count": 2,
    }.items():
        writer.add_uint32(f"clip.vision.{name}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_tensor("v.patch_embd.weight", _noise(random, SIGHT, 3, PATCH, PATCH))
    writer.add_tensor("v.position_embd.weight", _noise(random, (SIDE // PATCH) ** 2, SIGHT))
    for block in range(2):
        place = f"v.blk.{block}"
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            writer.add_tensor(f"{place}.{name}.weight", _noise(random, SIGHT, SIGHT))
            writer.add_tensor(f"{place}.{name}.bias", np.zeros(SIGHT, np.float32))
        for name in ("ln1", "ln2"):
            writer.add_tensor(f"{place}.{name}.weight", np.ones(SIGHT, np.float32))
            writer.add_tensor(f"{place}.{name}.bias", np.zeros(SIGHT, np.float32))
        writer.add_tensor(f"{place}.ffn_up.weight", _noise(random, 2 * SIGHT, SIGHT))
        writer.add_tensor(f"{place}.ffn_up.bias", np.zeros(2 * SIGHT, np.float32))
        writer.add_tensor(f"{place}.ffn_down.weight", _noise(random, SIGHT, 2 * SIGHT))
        writer.add_tensor(f"{place}.ffn_down.bias", np.zeros(SIGHT, np.float32))
    writer.add_tensor("mm.0.weight", _noise(random, WIDE, SIGHT))
    writer.add_tensor("mm.0.bias", np.zeros(WIDE, np.float32))
    writer.add_tensor("mm.2.weight", _noise(random, WIDE, WIDE))
    writer.add_tensor("mm.2.bias", np.full(WIDE, 0.1, np.float32))
    _write(writer)


def _noise(random: np.random.Generator, *shape: int) -> Floats:
    return np.asarray(random.normal(0.0, NOISE, shape), np.float32)


def _write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
