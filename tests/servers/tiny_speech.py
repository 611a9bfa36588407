"""Makes a tiny speech model for faster-whisper: random weights, a byte for a word.

    python tests/servers/tiny_speech.py FOLDER

Needs what the extra `transcript` brings (installer/speech.sh). What it writes down is noise with times.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ctranslate2.specs.whisper_spec import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDE, FEED, HEADS = 64, 128, 2
BANDS, SOUND_STEPS, WORDS_AT_MOST = 80, 1500, 448
SPECIAL = (
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>"),
    *("<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
)
TIMES = tuple(f"<|{number * 0.02:.2f}|>" for number in range(1501))


def main() -> None:
    """Write the model into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    _tokenizer(letters).save(str(folder / "tokenizer.json"))
    words = [*letters, *SPECIAL, *TIMES]
    model = WhisperSpec(1, HEADS, 1, HEADS)
    _fill(model, len(words))
    model.config.suppress_ids = []
    model.config.suppress_ids_begin = []
    model.config.lang_ids = [words.index("<|en|>")]
    model.config.alignment_heads = [[0, 0]]
    model.register_vocabulary(words)
    model.validate()
    model.save(str(folder))


def _tokenizer(letters: list[str]) -> Tokenizer:
    made = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in SPECIAL])
    made.add_tokens([AddedToken(word, special=False, normalized=False) for word in TIMES])
    return made


def _fill(model: Any, words: int) -> None:
    random = np.random.default_rng(1)

    def noise(*shape: int) -> npt.NDArray[np.float32]:
        return random.normal(0.0, 0.02, shape).astype(np.float32)

    def norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(WIDE, np.float32), np.zeros(WIDE, np.float32)

    def linear(part: Any, out: int, into: int) -> None:
        part.weight, part.bias = noise(out, into), np.zeros(out, np.float32)

    def attention(part: Any, *widths: int) -> None:
        norm(part.layer_norm)
        for step, width in zip(part.linear, widths, strict=True):
            linear(step, width, WIDE)

    def feed(part: Any) -> None:
        norm(part.layer_norm)
        linear(part.linear_0, FEED, WIDE)
        linear(part.linear_1, WIDE, FEED)

    for convolution, into in ((model.encoder.conv1, BANDS), (model.encoder.conv2, WIDE)):
        convolution.weight, convolution.bias = noise(WIDE, into, 3), np.zeros(WIDE, np.float32)
    model.encoder.position_encodings.encodings = noise(SOUND_STEPS, WIDE)
    model.decoder.position_encodings.encodings = noise(WORDS_AT_MOST, WIDE)
    model.decoder.embeddings.weight = noise(words, WIDE)
    model.decoder.projection.weight = model.decoder.embeddings.weight
    for half in (model.encoder, model.decoder):
        norm(half.layer_norm)
        for layer in half.layer:
            attention(layer.self_attention, 3 * WIDE, WIDE)
            feed(layer.ffn)
    for layer in model.decoder.layer:
        attention(layer.attention, WIDE, 2 * WIDE, WIDE)


if __name__ == "__main__":
    main()
