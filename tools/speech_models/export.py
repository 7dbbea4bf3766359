"""Stage `export`: plain weights become a folder that faster-whisper loads."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from tokenizers import Tokenizer

from tools.speech_models.audio import MEL_BANDS, SAMPLE_RATE
from tools.speech_models.tokenizer import Tokens, vocabulary
from tools.speech_models.weights import ENCODER_POSITIONS, Shape, Weights, check

LANGUAGES = ("en", "de")
_NEVER_SPOKEN = (
    *("translate", "transcribe", "startoflm", "startofprev"),
    *("nospeech", "startoftranscript"),
)
_ZERO_BYTE = "Ā"  # how byte-level BPE writes byte 0
_PREPROCESSOR = {
    "feature_size": MEL_BANDS,
    "sampling_rate": SAMPLE_RATE,
    "hop_length": 160,
    "chunk_length": 30,
    "n_fft": 400,
    "n_samples": 480_000,
    "nb_max_frames": 3000,
    "padding_side": "right",
    "padding_value": 0.0,
    "feature_extractor_type": "WhisperFeatureExtractor",
    "return_attention_mask": False,
    "processor_class": "WhisperProcessor",
}


def export(
    weights: Weights,
    shape: Shape,
    tokenizer: Tokenizer,
    folder: Path,
    *,
    quantization: str = "int8",
) -> None:
    """Write a multilingual Whisper model for CTranslate2.

    Args:
        weights: of the names and shapes of `weights.parameter_shapes`; others are left out.
        shape: of the model.
        tokenizer: of the same vocabulary.
        folder: where the files go.
        quantization: element type of the matrices in the file.

    Raises:
        ValueError: the weights or the tokenizer are not of this shape.
    """
    check(weights, shape)
    tokens = vocabulary(tokenizer)
    if len(tokens) != shape.vocabulary:
        raise ValueError(f"The tokenizer has {len(tokens)} tokens, the model {shape.vocabulary}.")
    # CTranslate2 4.8 takes a model for multilingual if it has the empty token, as OpenAI's have.
    tokens[tokens.index(_ZERO_BYTE)] = ""
    spec = _Filler(weights, shape).spec()
    spec.register_vocabulary(tokens)
    _configure(spec.config, Tokens(tokenizer), tokenizer, shape)
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSOR, indent=1))


def _configure(config: Any, tokens: Tokens, tokenizer: Tokenizer, shape: Shape) -> None:
    config.suppress_ids = sorted(tokens.special(name) for name in _NEVER_SPOKEN)
    config.suppress_ids_begin = [tokenizer.token_to_id("Ġ"), tokens.end_of_text]
    config.lang_ids = [tokens.special(language) for language in LANGUAGES]
    config.alignment_heads = [[shape.decoder_layers - 1, head] for head in range(shape.heads)]


class _Filler:
    """Puts weights where CTranslate2 keeps them."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self._weights = weights
        self._shape = shape

    def spec(self) -> whisper_spec.WhisperSpec:
        """Return the whole model."""
        shape, weights = self._shape, self._weights
        spec = whisper_spec.WhisperSpec(
            shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads
        )
        self._linear(spec.encoder.conv1, "convolution_1")
        self._linear(spec.encoder.conv2, "convolution_2")
        padding = np.tile(weights["padding_position"], (ENCODER_POSITIONS - shape.positions, 1))
        spec.encoder.position_encodings.encodings = np.vstack([weights["positions"], padding])
        self._norm(spec.encoder.layer_norm, "encoder_norm")
        for index, layer in enumerate(spec.encoder.layer):
            self._self_attention(layer.self_attention, f"encoder.{index}.attention")
            self._feed_forward(layer.ffn, f"encoder.{index}")
        spec.decoder.embeddings.weight = weights["embedding.weight"]
        spec.decoder.projection.weight = weights["embedding.weight"]
        spec.decoder.position_encodings.encodings = weights["decoder_positions"]
        self._norm(spec.decoder.layer_norm, "decoder_norm")
        for index, layer in enumerate(spec.decoder.layer):
            self._self_attention(layer.self_attention, f"decoder.{index}.attention")
            self._cross_attention(layer.attention, f"decoder.{index}.cross_attention")
            self._feed_forward(layer.ffn, f"decoder.{index}")
        return spec

    def _linear(self, spec: Any, name: str) -> None:
        spec.weight, spec.bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]

    def _norm(self, spec: Any, name: str) -> None:
        spec.gamma, spec.beta = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]

    def _joined(self, spec: Any, name: str, parts: Sequence[str]) -> None:
        """Put several projections into one, a missing bias as zeros."""
        zeros = np.zeros(self._shape.width, np.float32)
        names = [f"{name}.{part}" for part in parts]
        spec.weight = np.concatenate([self._weights[f"{part}.weight"] for part in names])
        spec.bias = np.concatenate([self._weights.get(f"{part}.bias", zeros) for part in names])

    def _self_attention(self, spec: Any, name: str) -> None:
        self._norm(spec.layer_norm, f"{name}_norm")
        self._joined(spec.linear[0], name, ("query", "key", "value"))
        self._linear(spec.linear[1], f"{name}.output")

    def _cross_attention(self, spec: Any, name: str) -> None:
        self._norm(spec.layer_norm, f"{name}_norm")
        self._linear(spec.linear[0], f"{name}.query")
        self._joined(spec.linear[1], name, ("key", "value"))
        self._linear(spec.linear[2], f"{name}.output")

    def _feed_forward(self, spec: Any, name: str) -> None:
        self._norm(spec.layer_norm, f"{name}.feed_forward_norm")
        self._linear(spec.linear_0, f"{name}.expand")
        self._linear(spec.linear_1, f"{name}.contract")
