"""How a spoken command is read: a short window, one encoder pass, few and cheap second tries.

faster-whisper's `transcribe` pads everything to 30 s of audio and encodes it twice when it is to
detect the language. CTranslate2 takes shorter windows since its version 3.19, so this calls the
steps behind `transcribe` itself: `feature_extractor`, `encode`, `get_prompt` and `generate`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens

from wyoming_services.audio.pcm import WHISPER_RATE

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from wyoming_services.audio.resampling import Samples

WINDOW = 30.0
"""Seconds Whisper was made to hear at once."""

_FRAMES = 100
"""Frames of the spectrogram in a second."""
_MARGIN = 2.0
"""Seconds of window after the audio. With less, or a shorter floor than 10 s, Whisper's own weights
begin to repeat themselves (measured by handy-computer/transcribe.cpp, pull request 149)."""

_LEAST_PROBABILITY = -1.0
_MOST_REPETITION = 2.4
_NO_SPEECH = 0.6
"""Whisper's own thresholds: average log probability, compression ratio, no-speech probability."""
_SURE = -0.3
"""Average log probability from which on a reading stands. Below it the words to expect are tried as
well; not always, for they cost a second decode and can mislead a model."""
_SECOND_TEMPERATURE = 0.4
"""A second try when the first looks broken; the usual ladder of six costs seconds on noise."""
_LAST_TOKENS = 3
"""Tokens by which the end of a text is judged: the last word and what leads to it."""
_TOKENS_PER_SECOND = 25
_TOKENS_MORE = 16
"""More tokens than anybody speaks, in scripts of three tokens a letter too; the rest is a loop."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model made of an utterance.

    Attributes:
        text: one line.
        language: code of the language it was read as.
        log_probability: average logarithm of its tokens' probabilities.
        no_speech: probability that nothing was said.
        sound: neither improbable nor repeating itself.
        ending: the least of the probabilities of its last tokens: low when the model wrote what
            usually follows and not what it heard.
    """

    text: str
    language: str
    log_probability: float
    no_speech: float
    sound: bool
    ending: float = 0.0

    @property
    def silent(self) -> bool:
        """Whether the model itself takes it for silence; Whisper's own rule."""
        return self.no_speech > _NO_SPEECH and self.log_probability < _LEAST_PROBABILITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to read.

    Attributes:
        languages: codes to choose from; one alone is not detected; none is all.
        beam_size: readings weighed at a time.
        window_floor: seconds of the shortest window encoded.
        prompt: tokens of text that came before.
        words: words to expect, for an unsure reading; or None.
    """

    languages: tuple[str, ...] = ()
    beam_size: int = 1
    window_floor: float = WINDOW
    prompt: Sequence[int] = ()
    words: str | None = None


def read(model: "WhisperModel", samples: "Samples", manner: Manner) -> Iterator[Reading | None]:
    """Read an utterance of at most `WINDOW` seconds.

    Yields:
        None wherever other work may come between, then the reading.
    """
    features = model.feature_extractor(samples)
    needed = len(samples) / WHISPER_RATE + _MARGIN
    windows = {min(WINDOW, max(manner.window_floor, needed)), WINDOW}
    for window in sorted(windows):
        encoded = model.encode(pad_or_trim(features, round(window * _FRAMES)))
        yield None
        language = _language(model, encoded, manner.languages)
        generate = _Generator(model, encoded, language, manner, len(samples) / WHISPER_RATE)
        reading = generate()
        if reading.sound or reading.silent:
            break
        yield None
    else:
        reading = max(reading, generate(temperature=_SECOND_TEMPERATURE), key=_likelihood)
    if manner.words and reading.log_probability < _SURE and not reading.silent:
        yield None
        reading = max(reading, generate(words=manner.words), key=_likelihood)
    yield reading


def read_long(model: "WhisperModel", samples: "Samples", manner: Manner) -> Reading:
    """Read more than `WINDOW` seconds, window by window."""
    found, info = model.transcribe(
        samples,
        language=manner.languages[0] if len(manner.languages) == 1 else None,
        beam_size=manner.beam_size,
        temperature=(0.0, _SECOND_TEMPERATURE),
        initial_prompt=manner.prompt or None,
        condition_on_previous_text=False,
    )
    segments = list(found)
    text = " ".join("".join(segment.text for segment in segments).split())
    average = min((segment.avg_logprob for segment in segments), default=0.0)
    return Reading(text, info.language, average, no_speech=0.0, sound=True)


def _likelihood(reading: Reading) -> tuple[bool, float]:
    """Return what the best of several readings has most of."""
    return reading.sound, reading.log_probability


def _language(model: "WhisperModel", encoded: Any, languages: Sequence[str]) -> str:
    """Return the language of an encoded utterance, of those it may be."""
    if len(languages) == 1 or not model.model.is_multilingual:
        return languages[0] if languages else "en"
    detected: list[tuple[str, float]] = model.model.detect_language(encoded)[0]
    likeliest = [token.strip("<|>") for token, _ in detected]
    return next((code for code in likeliest if code in languages), likeliest[0])


class _Generator:
    """Generates readings of one encoded utterance."""

    def __init__(
        self,
        model: "WhisperModel",
        encoded: Any,
        language: str,
        manner: Manner,
        seconds: float,
    ) -> None:
        self._model = model
        self._encoded = encoded
        self._language = language
        self._manner = manner
        self._seconds = seconds
        self._tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )
        # A beam search does not, and those on a card would have to be fetched from there.
        self._tells_logits = manner.beam_size == 1 and model.model.device == "cpu"

    def __call__(self, *, temperature: float = 0.0, words: str | None = None) -> Reading:
        """Generate the likeliest reading, or draw one at random when there is a temperature."""
        prompt = self._model.get_prompt(
            self._tokenizer, list(self._manner.prompt), without_timestamps=True, hotwords=words
        )
        room = min(self._model.max_length // 2, self._model.max_length - len(prompt))
        most = min(room, round(self._seconds * _TOKENS_PER_SECOND) + _TOKENS_MORE)
        (result,) = self._model.model.generate(
            self._encoded,
            [prompt],
            beam_size=1 if temperature else self._manner.beam_size,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1.0,
            max_length=len(prompt) + most,
            suppress_tokens=get_suppressed_tokens(self._tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
            return_logits_vocab=not temperature and self._tells_logits,
        )
        tokens = result.sequences_ids[0]
        text = " ".join(self._tokenizer.decode(tokens).split())
        # The score is the mean over the tokens; Whisper counts the end of the text as one more.
        total = result.scores[0] * len(tokens)
        average = total / (len(tokens) + 1)
        sound = (
            average >= _LEAST_PROBABILITY
            and len(tokens) < most
            and get_compression_ratio(text) <= _MOST_REPETITION
        )
        ending = self._ending(result, total) if tokens and sound and not temperature else 0.0
        return Reading(text, self._language, average, result.no_speech_prob, sound, ending)

    def _ending(self, result: Any, total: float) -> float:
        """Return the least of the probabilities of the last tokens and of the end after them.

        Where the search does not tell the logits of each step, its tokens are weighed once more,
        and the end is what is left of the probability of all.
        """
        tokens = result.sequences_ids[0]
        if not self._tells_logits:
            frames = round(self._seconds * _FRAMES)
            (aligned,) = self._model.model.align(
                self._encoded, list(self._tokenizer.sot_sequence), [tokens], [frames]
            )
            each = np.maximum(aligned.text_token_probs, np.finfo(float).tiny)
            end = math.exp(min(0.0, total - float(np.log(each).sum())))
            return min(end, *map(float, each[-_LAST_TOKENS:]))
        steps = list(zip(result.logits[0], [*tokens, self._tokenizer.eot], strict=False))
        last = steps[-_LAST_TOKENS - 1 :]
        return min((_probability(logits, token) for logits, token in last), default=0.0)


def _probability(logits: Any, token: int) -> float:
    """Return the probability of a token, given the logits of all."""
    values = np.asarray(logits).ravel()
    values = np.exp(values - values.max())
    return float(values[token] / values.sum())
