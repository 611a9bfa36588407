"""Makes a tiny model with a real vocabulary for llama.cpp's server: Qwen's words, random weights.

    python tests/servers/worded_model.py WORDS FOLDER

WORDS is the file of words and their ranks that the package `dashscope` carries (installer/model_server.sh
brings it). FOLDER then holds `worded.gguf`, which counts the tokens of a text as Qwen's models do and says
nothing of use.
"""

from __future__ import annotations

import base64
import sys
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

WIDE, HEADS, FEED = 32, 2, 32
CONTEXT = 32_768
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
)


def main() -> None:
    """Write the file into the folder that is named."""
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    write_model(folder / "worded.gguf", read_ranks(Path(sys.argv[1])))


def read_ranks(path: Path) -> dict[bytes, int]:
    """The words of a file of lines with a word in base64 and its rank."""
    rows = (line.split() for line in path.read_bytes().splitlines() if line.strip())
    return {base64.b64decode(word): int(rank) for word, rank in rows}


def write_model(path: Path, ranks: dict[bytes, int]) -> None:
    """A language model of the architecture `llama` whose words are these."""
    random = np.random.default_rng(1)
    letters = _letters()
    words = [_spelled(word, letters) for word, _ in sorted(ranks.items(), key=lambda row: row[1])]
    kinds = [gguf.TokenType.NORMAL] * len(words) + [gguf.TokenType.CONTROL] * len(SPECIAL)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("worded")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDE)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDE // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(kinds))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*words, *SPECIAL])
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_merges([" ".join(_spelled(half, letters) for half in pair) for pair in merges(ranks)])
    writer.add_eos_token_id(len(words) + SPECIAL.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    for name, shape in {
        "token_embd": (len(kinds), WIDE),
        **{f"blk.0.{one}": (WIDE, WIDE) for one in ("attn_q", "attn_k", "attn_v", "attn_output")},
        "blk.0.ffn_gate": (FEED, WIDE),
        "blk.0.ffn_up": (FEED, WIDE),
        "blk.0.ffn_down": (WIDE, FEED),
    }.items():
        writer.add_tensor(f"{name}.weight", np.asarray(random.normal(0.0, 0.02, shape), np.float16))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDE, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def merges(ranks: dict[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The two halves of which each word is made, in the order of the ranks: what merging by the words before
    it leaves."""
    longer = sorted((rank, word) for word, rank in ranks.items() if len(word) > 1)
    found = (_merged(word, ranks, rank) for rank, word in longer)
    return [(parts[0], parts[1]) for parts in found if len(parts) == 2]


def _merged(word: bytes, ranks: dict[bytes, int], below: int) -> list[bytes]:
    parts = [bytes([byte]) for byte in word]
    while True:
        joined = [
            (ranks.get(one + other, below), place) for place, (one, other) in enumerate(pairwise(parts))
        ]
        rank, place = min(joined, default=(below, 0))
        if rank >= below:
            return parts
        parts[place : place + 2] = [parts[place] + parts[place + 1]]


def _letters() -> dict[int, str]:
    """A visible letter for each byte, as the tokenizers of this kind have it."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in visible)
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + n) for n, byte in enumerate(others)}


def _spelled(word: bytes, letters: dict[int, str]) -> str:
    return "".join(letters[byte] for byte in word)


if __name__ == "__main__":
    main()
