"""The true layout of Whisper's multilingual vocabulary, and the demo model's tokens in it.

Both have the same order (text, end of text, start of transcript, 99 languages, the tasks, 1501
timestamps); the true one has 50257 places before the end of text where the demo model has 796.
"""

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SIZE = 51865
END_OF_TEXT = 50257
EMPTY = END_OF_TEXT - 1
"""Where the empty token is: CTranslate2 4.8 takes a model for multilingual if it has one."""


class Layout:
    """Where each token of a small Whisper vocabulary is in the true one.

    Attributes:
        places: the true id of each small id, shape (tokens,).
    """

    def __init__(self, end_of_text: int, size: int) -> None:
        if size - end_of_text != SIZE - END_OF_TEXT or end_of_text > EMPTY:
            raise ValueError(
                f"{size} tokens with the end of text at {end_of_text} are no part of Whisper's."
            )
        ids = np.arange(size)
        self.places: npt.NDArray[np.int64] = ids + (ids >= end_of_text) * (
            END_OF_TEXT - end_of_text
        )

    def place(self, token: int) -> int:
        """Return the true id of a small one."""
        return int(self.places[token])

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which true ids are taken, shape (51865,)."""
        mask = np.zeros(SIZE, bool)
        mask[self.places] = True
        return mask


def filler(token: int) -> str:
    """Name a place that no token of the small vocabulary takes."""
    return "" if token == EMPTY else f"<|unused{token}|>"


def vocabulary(tokenizer: Mapping[str, Any]) -> list[str]:
    """Return the tokens of a re-laid tokenizer in order, as CTranslate2 reads them."""
    tokens = {token: name for name, token in tokenizer["model"]["vocab"].items()}
    tokens |= {added["id"]: added["content"] for added in tokenizer["added_tokens"]}
    return [tokens[token] for token in range(SIZE)]


def tokenizer(small: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """Return a `tokenizer.json` with every id in its true place and the others filled.

    Byte-level BPE finds a token by merging, so fillers, which no merge makes, are never found.
    """
    relaid = copy.deepcopy(dict(small))
    used = layout.used
    relaid["model"]["vocab"] = {
        name: layout.place(token) for name, token in small["model"]["vocab"].items()
    } | {filler(token): token for token in range(END_OF_TEXT) if not used[token]}
    for added in relaid["added_tokens"]:
        added["id"] = layout.place(added["id"])
    return relaid


def configuration(small: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """Return a `config.json` with the ids in their true places."""
    ids = ("lang_ids", "suppress_ids", "suppress_ids_begin")
    return {**small, **{key: [layout.place(token) for token in small[key]] for key in ids}}


def end_of_text(tokens: Sequence[Mapping[str, Any]]) -> int:
    """Return the id of the end of text among a tokenizer's added tokens.

    Raises:
        ValueError: it is not there.
    """
    for token in tokens:
        if token["content"] == "<|endoftext|>":
            return int(token["id"])
    raise ValueError("The tokenizer has no <|endoftext|>: it is not one of Whisper's.")


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
