"""What the decoder is shown and must answer: Whisper's token sequences, in all the forms in use."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from tools.speech_models.tokenizer import FIRST_WORD_PIECE, Tokens

IGNORED = -100
"""Target of a token that is given, not answered (PyTorch's default)."""
_WRONG_TOKEN_SHARE = 0.12
_LATEST_FIRST_START = 1.0  # seconds; faster-whisper allows no later first timestamp


class Spoken(NamedTuple):
    """One sentence of a recording, and when it is spoken, in seconds. No text: nobody speaks."""

    text: str
    start: float
    end: float


class Sequences(NamedTuple):
    """Tokens given to the decoder, and the token it must answer after each (or `IGNORED`)."""

    given: list[int]
    answers: list[int]


class TargetWriter:
    """Writes sequences: with and without language, timestamps, and an earlier transcript.

    Some of the text the decoder is shown is wrong, so that it learns to trust what it hears over
    what usually comes next.
    """

    def __init__(self, tokens: Tokens, earlier: Sequence[str], rng: random.Random) -> None:
        self._tokens = tokens
        self._earlier = earlier
        self._rng = rng

    def write(self, spoken: Sequence[Spoken], language: str) -> Sequences:
        """Return the sequences of one recording."""
        special = self._tokens.special
        prompt = [special("startoftranscript")]
        if language != "en" or self._rng.random() < 0.5:
            prompt += [special(language), special("transcribe")]
        earlier = self._earlier_transcript() if self._rng.random() < 0.15 else []
        timestamps = self._rng.random() < 0.5
        if not spoken[0].text:
            sequences = self._nobody(prompt, timestamps=timestamps)
        elif timestamps:
            sequences = self._timed(prompt, spoken)
        else:
            sequences = self._untimed(prompt, spoken)
        ignored = [IGNORED] * len(earlier)
        return Sequences(earlier + sequences.given, ignored + sequences.answers)

    def _earlier_transcript(self) -> list[int]:
        sentences = self._rng.choices(self._earlier, k=self._rng.randint(1, 3))
        ids = [token for sentence in sentences for token in self._tokens.encode(sentence)]
        return [self._tokens.special("startofprev"), *ids]

    def _nobody(self, prompt: list[int], *, timestamps: bool) -> Sequences:
        """Answer "no speech" at the start of the transcript, where faster-whisper looks for it."""
        mode = self._tokens.timestamp(0) if timestamps else self._tokens.special("notimestamps")
        given = [*prompt, mode]
        between = [IGNORED] * (len(given) - 2)
        return Sequences(
            given, [self._tokens.special("nospeech"), *between, self._tokens.end_of_text]
        )

    def _timed(self, prompt: list[int], spoken: Sequence[Spoken]) -> Sequences:
        body: list[int] = []
        for index, (text, start, end) in enumerate(spoken):
            first = start if index else min(start, _LATEST_FIRST_START)
            time = self._tokens.timestamp
            body += [time(first), *self._tokens.encode(text), time(end)]
        answers = [*prompt[1:], *body, self._tokens.end_of_text]
        return Sequences(prompt + self._with_mistakes(body), answers)

    def _untimed(self, prompt: list[int], spoken: Sequence[Spoken]) -> Sequences:
        body = [token for text, _, _ in spoken for token in self._tokens.encode(text)]
        mode = self._tokens.special("notimestamps")
        # The mode is for the caller to choose: never an answer.
        answers = [*prompt[1:], IGNORED, *body, self._tokens.end_of_text]
        return Sequences([*prompt, mode, *self._with_mistakes(body)], answers)

    def _with_mistakes(self, ids: list[int]) -> list[int]:
        rng, end = self._rng, self._tokens.end_of_text
        return [
            rng.randrange(FIRST_WORD_PIECE, end)
            if token < end and rng.random() < _WRONG_TOKEN_SHARE
            else token
            for token in ids
        ]
