"""Stage `evaluate`: word error rates through faster-whisper as anyone installs it.

The sets are made when they are asked for, of sentences and voices held out of the training.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jiwer
from faster_whisper import WhisperModel

from demo import grammar
from tools.speech_models import audio, espeak
from tools.speech_models.corpus import speak_piper

_SEEDS_APART = 1000
_GREEDY: dict[str, Any] = {"without_timestamps": True, "beam_size": 1}


class Utterance(NamedTuple):
    """Something said, and its words."""

    audio: audio.Audio
    text: str


class Score(NamedTuple):
    """How a set was understood.

    Attributes:
        word_error_rate: 0 is perfect.
        wrong: (said, understood) of each sentence with an error.
        languages: language the model took each utterance for.
    """

    word_error_rate: float
    wrong: list[tuple[str, str]]
    languages: list[str]


def espeak_utterances(
    texts: Iterable[str], voices: Sequence[str], seed: int, *, noisy: bool = True
) -> Iterator[Utterance]:
    """Let espeak-ng say texts, each in a voice drawn from some.

    Raises:
        EspeakError: espeak-ng is not installed.
    """
    for index, text in enumerate(texts):
        rng = random.Random(seed * _SEEDS_APART + index)
        speech = espeak.speak(
            text,
            rng.choice(voices),
            words_per_minute=rng.randint(140, 195),
            pitch=rng.randint(30, 70),
        )
        yield Utterance(audio.record(speech, rng, noisy=noisy).audio, text)


def piper_utterances(texts: Iterable[str], voice: Path, seed: int) -> Iterator[Utterance]:
    """Let a Piper voice say texts."""
    for index, text in enumerate(texts):
        rng = random.Random(seed * _SEEDS_APART + index)
        yield Utterance(audio.record(speak_piper(text, str(voice), rng), rng).audio, text)


def load(folder: Path) -> WhisperModel:
    """Load a speech-to-text model as a server on a CPU would."""
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)


def understand(model: WhisperModel, speech: audio.Audio, **options: Any) -> tuple[str, str]:
    """Return what a model understands, and in which language.

    Args:
        model: which.
        speech: 16 kHz.
        options: of faster-whisper's `transcribe`.
    """
    segments, info = model.transcribe(speech, **options)
    return " ".join(segment.text.strip() for segment in segments), info.language


def score(model: WhisperModel, utterances: Iterable[Utterance], **options: Any) -> Score:
    """Measure how a model understands utterances; options as for `understand`."""
    said = list(utterances)
    understood = [understand(model, utterance.audio, **options) for utterance in said]
    texts = [utterance.text for utterance in said]
    heard = [text for text, _ in understood]
    return Score(
        jiwer.wer(texts, heard),
        [pair for pair in zip(texts, heard, strict=True) if pair[0] != pair[1]],
        [language for _, language in understood],
    )


def _sets(count: int, voices: Sequence[Path]) -> Iterator[tuple[str, str, list[Utterance]]]:
    """Yield name, language and utterances of each set of the table."""
    held_out = grammar.english().held_out[:count]
    seen = random.Random(5).sample(grammar.english().train_sentences, count)
    german = grammar.german().held_out[:count]
    spoken = espeak_utterances
    for name, language, utterances in (
        ("known espeak-ng voices", "en", spoken(held_out, espeak.ENGLISH_VOICES, 1)),
        ("held-out voices", "en", spoken(held_out, espeak.HELD_OUT_VOICES, 2)),
        ("plain en-us, no noise", "en", spoken(held_out, ["en-us"], 3, noisy=False)),
        ("held-out voices, trained sentences", "en", spoken(seen, espeak.HELD_OUT_VOICES, 4)),
        ("German, held-out voices", "de", spoken(german, espeak.GERMAN_HELD_OUT_VOICES, 6)),
        *((path.stem, "en", piper_utterances(held_out, path, 7)) for path in voices),
    ):
        yield name, language, list(utterances)


def table(
    model: WhisperModel, voices: Sequence[Path], count: int, report: Callable[[str], None]
) -> None:
    """Report the word error rate of every set: timestamps and beam 5, greedy, language unknown.

    Args:
        model: speech to text.
        voices: whose speech is to be understood.
        count: utterances per set, where there are so many.
        report: gets the lines of a Markdown table, then each misunderstood sentence.
    """
    report("| held-out sentences, spoken by | n | beam 5 | greedy | language unknown |")
    report("|---|---|---|---|---|")
    wrong = []
    for name, language, utterances in _sets(count, voices):
        scores = [
            score(model, utterances, language=language),
            score(model, utterances, language=language, **_GREEDY),
            score(model, utterances),
        ]
        rates = [f"{result.word_error_rate:.2%}" for result in scores]
        right = scores[-1].languages.count(language)
        detected = f"{rates[-1]}, language right {right}/{len(utterances)}"
        report(f"| {name} | {len(utterances)} | {rates[0]} | {rates[1]} | {detected} |")
        wrong += [(name, pair) for result in scores for pair in result.wrong]
    for name, (said, understood) in sorted(set(wrong)):
        report(f"{name}: said '{said}', understood '{understood}'")
