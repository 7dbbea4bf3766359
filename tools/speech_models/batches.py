"""Training batches: recordings of like length, varied anew each time they are used."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tools.speech_models.audio import FRAMES_PER_SECOND, MEL_BANDS
from tools.speech_models.corpus import LONGEST_FRAMES, Corpus, Recording
from tools.speech_models.schedule import Variation
from tools.speech_models.targets import IGNORED, Spoken, TargetWriter
from tools.speech_models.tokenizer import Tokens
from tools.speech_models.weights import CHARACTERS

BATCH = 32
_SHUFFLED_BATCHES = 40  # recordings are sorted by length only among so many batches
_FULL_FRAMES = 800  # all positions the model can tell apart
_LONGEST_VARIED = 790
_SHORT_FRAMES = 330  # two commands in one recording must both be shorter
_LONGEST_PAUSE = 120
_LONGEST_LEAD = 400
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Batch(NamedTuple):
    """One batch.

    Attributes:
        mel: spectra, zeros after each, shape (batch, frames, 80).
        given: tokens for the decoder, shape (batch, tokens).
        answers: the token to answer after each, or `IGNORED`.
        spelling: what is said in character numbers, one list for each recording.
    """

    mel: npt.NDArray[np.float32]
    given: npt.NDArray[np.int64]
    answers: npt.NDArray[np.int64]
    spelling: list[list[int]]


class Source(NamedTuple):
    """A recording, and where its frames are."""

    corpus: Corpus
    recording: Recording


class Batches:
    """An endless supply of batches."""

    def __init__(
        self, corpora: Sequence[Corpus], tokens: Tokens, variation: Variation, seed: int
    ) -> None:
        self._variation = variation
        self._random = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._end_of_text = tokens.end_of_text
        self._sources = [
            Source(corpus, recording)
            for corpus in corpora
            for recording in corpus.recordings
            if recording.frames <= LONGEST_FRAMES
        ]
        self._short: dict[str, list[Source]] = {}
        for source in self._sources:
            if source.recording.text and source.recording.frames < _SHORT_FRAMES:
                self._short.setdefault(source.recording.language, []).append(source)
        texts = [s.recording.text for s in self._sources if s.recording.language == "en"]
        self._writer = TargetWriter(tokens, [text for text in texts if text], self._random)

    def draw(self) -> Iterator[list[Source]]:
        """Yield recordings for one batch after another, each once before any again."""
        chunk = BATCH * _SHUFFLED_BATCHES
        while True:
            order = self._random.sample(self._sources, len(self._sources))
            groups = []
            for start in range(0, len(order), chunk):
                alike = sorted(order[start : start + chunk], key=lambda s: s.recording.frames)
                groups += [alike[i : i + BATCH] for i in range(0, len(alike) - BATCH + 1, BATCH)]
            self._random.shuffle(groups)
            yield from groups

    def assemble(self, sources: Sequence[Source], *, full: bool) -> Batch:
        """Make a batch.

        Args:
            sources: recordings of it.
            full: whether to pad to all positions the model can tell apart.
        """
        warp = self._random.uniform(0.92, 1.08)
        varied = [self._vary(source, warp) for source in sources]
        longest = max(len(mel) for mel, _ in varied)
        frames = min(_FULL_FRAMES, longest + 8 + self._random.randint(0, 40))
        frames = _FULL_FRAMES if full else frames + frames % 2
        mels = np.zeros((len(varied), frames, MEL_BANDS), np.float32)
        for row, (mel, _) in zip(mels, varied, strict=True):
            row[: len(mel)] = mel
        sequences = [
            self._writer.write(spoken, source.recording.language)
            for source, (_, spoken) in zip(sources, varied, strict=True)
        ]
        return Batch(
            mels,
            _padded([sequence.given for sequence in sequences], self._end_of_text),
            _padded([sequence.answers for sequence in sequences], IGNORED),
            [_spell(spoken) for _, spoken in varied],
        )

    def _vary(self, source: Source, warp: float) -> tuple[npt.NDArray[np.float32], list[Spoken]]:
        """Return a spectrum as it was never heard before, and what is said in it."""
        rng, recording = self._random, source.recording
        mel = self._warped(source, warp)
        spoken = [Spoken(recording.text, recording.start, recording.end)]
        short = recording.text and len(mel) < _SHORT_FRAMES
        if short and rng.random() < self._variation.second_command:
            other = rng.choice(self._short[recording.language])
            pause = self._silence(mel, rng.randint(0, _LONGEST_PAUSE))
            begin = (len(mel) + len(pause)) / FRAMES_PER_SECOND
            start, end = other.recording.start + begin, other.recording.end + begin
            spoken.append(Spoken(other.recording.text, start, end))
            mel = np.concatenate([mel, pause, self._warped(other, warp)])[:_LONGEST_VARIED]
        if rng.random() < self._variation.leading_silence:
            longest = min(_LONGEST_LEAD, max(0, _LONGEST_VARIED - len(mel)))
            lead = self._silence(mel, rng.randint(0, longest))
            mel = np.concatenate([lead, mel])
            begin = len(lead) / FRAMES_PER_SECOND
            spoken = [Spoken(text, start + begin, end + begin) for text, start, end in spoken]
        self._mask(mel)
        return mel, spoken

    def _warped(self, source: Source, warp: float) -> npt.NDArray[np.float32]:
        """Return a spectrum stretched along its bands, as by another throat, louder or softer."""
        recording = source.recording
        frames = slice(recording.offset, recording.offset + recording.frames)
        mel = source.corpus.mel[frames].astype(np.float32)
        place = np.clip(np.arange(MEL_BANDS) * warp, 0, MEL_BANDS - 1)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, MEL_BANDS - 1)
        share = (place - low).astype(np.float32)
        gain = self._random.uniform(-0.25, 0.2)
        warped = mel[:, low] * (1 - share) + mel[:, high] * share + gain
        return np.asarray(warped, np.float32)

    def _silence(self, mel: npt.NDArray[np.float32], frames: int) -> npt.NDArray[np.float32]:
        """Return silence as it is in a recording: like its first frame, or like its quietest."""
        quiet = mel[:1] if self._random.random() < 0.4 else np.full((1, MEL_BANDS), mel.min())
        noise = self._noise.standard_normal((frames, MEL_BANDS), np.float32)
        return (quiet + noise * self._random.choice((0, 0.03, 0.08))).astype(np.float32)

    def _mask(self, mel: npt.NDArray[np.float32]) -> None:
        """Blot out a few bands and a few frames (SpecAugment, Park et al. 2019)."""
        rng = self._random
        for _ in range(2):
            bands = rng.randint(0, 8)
            low = rng.randint(0, MEL_BANDS - bands)
            mel[:, low : low + bands] = mel.mean()
            frames = rng.randint(0, 10)
            start = rng.randint(0, max(1, len(mel) - frames))
            mel[start : start + frames] = mel.min()


def _padded(rows: Sequence[Sequence[int]], filler: int) -> npt.NDArray[np.int64]:
    """Return rows of one length."""
    array = np.full((len(rows), max(map(len, rows))), filler, np.int64)
    for target, row in zip(array, rows, strict=True):
        target[: len(row)] = row
    return array


def _spell(spoken: Sequence[Spoken]) -> list[int]:
    """Return what is said in character numbers, 0 being the blank of CTC."""
    text = " ".join(sentence.text for sentence in spoken).translate(_UMLAUTS)
    return [CHARACTERS.index(character) + 1 for character in text]
