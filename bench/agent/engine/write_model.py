"""Writes a model of a true small shape with random weights, for llama.cpp.

    python bench/agent/engine/write_model.py tokenizer.json MODEL.gguf

Its shape is that of SmolLM 135M (576 wide, 30 layers, 9 heads of which 3 have keys), in Q8_0 as
small models are mostly used. Its tokens are those of the tokenizer, byte-level BPE as Qwen has it.
Needs the package gguf.
"""

import json
import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter

WIDTH, LAYERS, HEADS, KEY_HEADS, FEED_FORWARD = 576, 30, 9, 3, 1536
KEY_WIDTH = WIDTH // HEADS * KEY_HEADS
CONTEXT = 32_768


def add_tokens(writer: GGUFWriter, tokenizer: dict[str, Any]) -> int:
    """Write the tokens; return how many there are."""
    model = tokenizer["model"]
    special = {added["content"] for added in tokenizer["added_tokens"] if added["special"]}
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    kinds = {True: gguf.TokenType.CONTROL, False: gguf.TokenType.NORMAL}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([kinds[token in special] for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_eos_token_id(min(model["vocab"][token] for token in special))
    writer.add_add_bos_token(False)
    return len(tokens)


def add_shape(writer: GGUFWriter) -> None:
    """Write what kind of model it is."""
    writer.add_name("random-135m")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def add_weights(writer: GGUFWriter, tokens: int) -> None:
    """Write weights: ones where a norm is, else drawn so that values keep their size."""
    draw = np.random.default_rng(0)
    matrices = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (KEY_WIDTH, WIDTH),
        "attn_v": (KEY_WIDTH, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (FEED_FORWARD, WIDTH),
        "ffn_up": (FEED_FORWARD, WIDTH),
        "ffn_down": (WIDTH, FEED_FORWARD),
    }

    def matrix(name: str, shape: tuple[int, int]) -> None:
        values = draw.standard_normal(shape, np.float32) / np.float32(shape[1] ** 0.5)
        packed = gguf.quants.quantize(values, GGMLQuantizationType.Q8_0)
        writer.add_tensor(f"{name}.weight", packed, raw_dtype=GGMLQuantizationType.Q8_0)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))

    matrix("token_embd", (tokens, WIDTH))
    norm("output_norm")
    for layer in range(LAYERS):
        for name, shape in matrices.items():
            matrix(f"blk.{layer}.{name}", shape)
        norm(f"blk.{layer}.attn_norm")
        norm(f"blk.{layer}.ffn_norm")


def main() -> None:
    """Write the file."""
    source, path = map(Path, sys.argv[1:])
    writer = GGUFWriter(path, "llama")
    add_shape(writer)
    add_weights(writer, add_tokens(writer, json.loads(source.read_text(encoding="utf-8"))))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
