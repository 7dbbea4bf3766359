"""Stage `corpus`: spoken sentences, as log-mel spectra with what was said and when.

Beside sentences of the grammar there are random sequences of its words, against learning the
sentences by heart, German, and recordings in which nobody speaks. A part of them is spoken by the
demo voices, so that what they say is understood.
"""

import json
import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
from piper import PiperVoice, SynthesisConfig

from demo import grammar
from tools.speech_models import audio, espeak

NO_SPEECH_SHARE = 0.03
LONGEST_FRAMES = 780
"""Recordings of more than this do not fit the positions the model can tell apart."""
_SEEDS_APART = 10**7


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the corpus.

    Attributes:
        name: of its files.
        count: recordings.
        seed: decides everything about it.
        language: "en" or "de".
        random_words: whether words are drawn at random instead of sentences.
        demo_voices: whether the demo voices speak it, and not espeak-ng.
    """

    name: str
    count: int
    seed: int
    language: str = "en"
    random_words: bool = False
    demo_voices: bool = False


PARTS = (
    Part("english", 12_000, seed=1),
    Part("random-words", 3_500, seed=2, random_words=True),
    Part("german", 2_500, seed=3, language="de"),
    Part("english-demo-voices", 3_500, seed=4, demo_voices=True),
    Part("random-words-demo-voices", 1_000, seed=5, random_words=True, demo_voices=True),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One recording to make: who says what. No text is a recording in which nobody speaks."""

    seed: int
    text: str
    voice: str = ""
    words_per_minute: int = 0
    pitch: int = 0
    word_gap: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of the corpus: where its frames are, and where its speech is, in seconds."""

    text: str
    language: str
    offset: int
    frames: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """A part of the corpus as it is read: the frames of all its recordings, one after another."""

    mel: npt.NDArray[np.float16]
    recordings: Sequence[Recording]


def _sentence_source(part: Part) -> Callable[[random.Random], str]:
    """Return what draws the part's sentences."""
    if part.language == "de":
        german = grammar.german().train_sentences
        return lambda rng: rng.choice(german)
    split = grammar.english()
    if part.random_words:
        words = split.words
        return lambda rng: " ".join(rng.choice(words) for _ in range(rng.randint(2, 7)))
    sentences = list(split.train.values())
    weights = [template.weight + 0.3 * len(of) ** 0.5 for template, of in split.train.items()]
    return lambda rng: rng.choice(rng.choices(sentences, weights)[0])


def lines(part: Part, demo_voices: Sequence[Path]) -> Iterator[Line]:
    """Yield the lines of a part, the same ones each time.

    Args:
        part: which.
        demo_voices: the voices that speak, if the part wants them.
    """
    rng = random.Random(part.seed)
    draw = _sentence_source(part)
    voices: Sequence[str] = espeak.GERMAN_VOICES if part.language == "de" else espeak.ENGLISH_VOICES
    if part.demo_voices:
        voices = [str(path) for path in demo_voices]
    for index in range(part.count):
        seed = part.seed * _SEEDS_APART + index
        if rng.random() < NO_SPEECH_SHARE:
            yield Line(seed, "")
            continue
        yield Line(
            seed,
            draw(rng),
            rng.choice(voices),
            words_per_minute=rng.randint(135, 205),
            pitch=rng.randint(25, 75),
            word_gap=rng.choice((0, 0, 0, 1, 2)),
        )


@cache
def _piper(path: str) -> PiperVoice:
    return PiperVoice.load(path)


def speak_piper(text: str, path: str, rng: random.Random) -> audio.Audio:
    """Return what a Piper voice says, 16 kHz, at a random speed and, of several, by any speaker."""
    voice = _piper(path)
    speakers = voice.config.num_speakers
    settings = SynthesisConfig(
        length_scale=rng.uniform(0.8, 1.3),
        noise_scale=rng.uniform(0, 0.8),
        noise_w_scale=rng.uniform(0, 0.9),
        speaker_id=rng.randrange(speakers) if speakers > 1 else None,
    )
    chunks = [chunk.audio_float_array for chunk in voice.synthesize(text, settings)]
    speech = soxr.resample(np.concatenate(chunks), voice.config.sample_rate, audio.SAMPLE_RATE)
    return np.asarray(speech, np.float32)


def _take(line: Line) -> audio.Take:
    """Make one recording."""
    rng = random.Random(line.seed)
    if not line.text:
        return audio.no_speech(rng)
    if line.voice.endswith(".onnx"):
        return audio.record(speak_piper(line.text, line.voice, rng), rng)
    speech = espeak.speak(
        line.text,
        line.voice,
        words_per_minute=line.words_per_minute,
        pitch=line.pitch,
        word_gap=line.word_gap,
    )
    return audio.record(speech, rng)


def _spectrum(line: Line) -> tuple[audio.Mel, float, float]:
    take = _take(line)
    return audio.log_mel(take.audio).astype(np.float16), take.start, take.end


def _spectra(many: Sequence[Line], processes: int) -> Iterator[tuple[audio.Mel, float, float]]:
    """Make many recordings, in this process or in several."""
    if processes == 1:
        yield from map(_spectrum, many)
        return
    with multiprocessing.Pool(processes) as pool:
        yield from pool.imap(_spectrum, many, chunksize=16)


def _paths(folder: Path, part: Part) -> tuple[Path, Path]:
    return folder / f"{part.name}.npy", folder / f"{part.name}.json"


def make(part: Part, folder: Path, demo_voices: Sequence[Path], *, processes: int) -> None:
    """Record a part into a folder, unless it is there already.

    Raises:
        EspeakError: espeak-ng is not installed.
    """
    mel_path, index_path = _paths(folder, part)
    if index_path.exists() and json.loads(index_path.read_text())["part"] == asdict(part):
        return
    folder.mkdir(parents=True, exist_ok=True)
    many = list(lines(part, demo_voices))
    mels, recordings, offset = [], [], 0
    for line, (mel, start, end) in zip(many, _spectra(many, processes), strict=True):
        recordings.append(Recording(line.text, part.language, offset, len(mel), start, end))
        mels.append(mel)
        offset += len(mel)
    np.save(mel_path, np.concatenate(mels))
    index = {"part": asdict(part), "recordings": [asdict(recording) for recording in recordings]}
    index_path.write_text(json.dumps(index), encoding="utf-8")


def load(part: Part, folder: Path) -> Corpus:
    """Read a part back, its frames left on disk until they are used."""
    mel_path, index_path = _paths(folder, part)
    index = json.loads(index_path.read_text(encoding="utf-8"))
    recordings = [Recording(**recording) for recording in index["recordings"]]
    return Corpus(np.load(mel_path, mmap_mode="r"), recordings)
