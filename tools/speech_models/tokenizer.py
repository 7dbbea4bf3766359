"""A tokenizer of a few words in the layout of Whisper's: byte-level BPE, then special tokens.

The order of the special tokens is a contract: faster-whisper takes every id below end-of-text for
text, and CTranslate2 every id from start-of-transcript to no-timestamps for the prompt, and all
after it for timestamps.
"""

from collections.abc import Iterable
from functools import cached_property

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from demo import grammar

TEXT_TOKENS = 900
"""The most there may be; the grammar's words need fewer."""
FIRST_WORD_PIECE = 256
"""Ids below are single bytes."""
TIMESTAMPS = 1501
TIMESTAMP_STEP = 0.02  # seconds

_LANGUAGES = (  # noqa: SIM905 - it is read as a list of words
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th "
    "ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr "
    "pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt "
    "haw ln ha ba jw su"
).split()
"""Of multilingual Whisper before large-v3, in its order."""
_SPECIAL = (
    *("endoftext", "startoftranscript"),
    *_LANGUAGES,
    *("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"),
)


def build(sentences: Iterable[str]) -> Tokenizer:
    """Learn the words of some sentences: each becomes one token that begins with a space."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    # faster-whisper suppresses symbols by encoding them: all bytes must stay encodable.
    trainer = trainers.BpeTrainer(
        vocab_size=TEXT_TOKENS,
        min_frequency=1,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator((f" {sentence}" for sentence in sentences), trainer)
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in _SPECIAL]
    )
    # As in OpenAI's: timestamps are added, but not special.
    tokenizer.add_tokens(
        [
            AddedToken(f"<|{index * TIMESTAMP_STEP:.2f}|>", special=False, normalized=False)
            for index in range(TIMESTAMPS)
        ]
    )
    return tokenizer


def build_for_grammar() -> Tokenizer:
    """Return the tokenizer of the demo model. The held-out sentences have no words of their own."""
    return build([*grammar.english().train_sentences, *grammar.german().train_sentences])


def vocabulary(tokenizer: Tokenizer) -> list[str]:
    """Return all tokens by id."""
    by_token = tokenizer.get_vocab(with_added_tokens=True)
    return sorted(by_token, key=by_token.__getitem__)


class Tokens:
    """The ids of the special tokens, and sentences as ids."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._encoded: dict[str, list[int]] = {}

    def special(self, name: str) -> int:
        """Return the id of a special token, named without its brackets.

        Raises:
            KeyError: there is no such token.
        """
        number = self._tokenizer.token_to_id(f"<|{name}|>")
        if number is None:
            raise KeyError(f"The tokenizer has no token '<|{name}|>'.")
        return number

    @cached_property
    def end_of_text(self) -> int:
        """The first id that is not text."""
        return self.special("endoftext")

    def timestamp(self, seconds: float) -> int:
        """Return the id of a time, to a tenth of a second: espeak-ng's ends are no surer."""
        per_tenth = round(0.1 / TIMESTAMP_STEP)
        return self.special("notimestamps") + 1 + round(seconds * 10) * per_tenth

    def encode(self, sentence: str) -> list[int]:
        """Return a sentence's ids."""
        if not sentence:
            return []
        if sentence not in self._encoded:
            encoding = self._tokenizer.encode(f" {sentence}", add_special_tokens=False)
            self._encoded[sentence] = encoding.ids
        return self._encoded[sentence]
