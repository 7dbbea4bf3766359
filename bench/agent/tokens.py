"""A tokenizer like those of the models: byte-level BPE, trained once and kept.

No model's own vocabulary is at hand without its makers' hub. This one has 32,768 entries, learned
from what comes with Home Assistant: the English texts of its integrations, as they are and as JSON
without spaces, descriptions of actions in YAML, and Python of its helpers. Both agents are counted
with it, so ratios hardly depend on it.
"""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

import homeassistant
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from bench import environments

VOCABULARY = 32_768
SPECIAL = (
    "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>",
    "<tool_response>", "</tool_response>",
    "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
    "<bos>", "<|turn>", "<turn|>", "<|tool>", "<tool|>", "<|tool_call>", "<tool_call|>",
    "<|tool_response>", "<tool_response|>", '<|"|>',
)  # fmt: skip
"""One token each, as in the models that know them."""
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""What text is cut at first, as Qwen's tokenizer does; llama.cpp calls it "qwen2"."""


@lru_cache(maxsize=512)
def _encode(text: str) -> tuple[int, ...]:
    return tuple(_tokenizer().encode(text).ids)


def encode(text: str) -> list[int]:
    """Return the tokens of a text."""
    return list(_encode(text))


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(file()))


def file() -> Path:
    """Return the file of the tokenizer, trained if it is not there yet."""
    kept = environments.cache() / f"tokenizer-2-{version('homeassistant')}.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _trained().save(str(kept))
    return kept


def _trained() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(_texts(), trainer)
    made.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    return made


def _texts() -> Iterator[str]:
    package = Path(homeassistant.__file__).parent
    for path in sorted(package.glob("components/*/translations/en.json")):
        text = path.read_text(encoding="utf-8")
        yield text
        yield json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    for pattern in ("components/*/services.yaml", "helpers/*.py", "components/[c-l]*/l*.py"):
        for path in sorted(package.glob(pattern)):
            yield path.read_text(encoding="utf-8")
