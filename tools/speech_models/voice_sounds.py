"""What each phoneme sounds like: measured on espeak-ng, for a voice that needs no training.

Every IPA symbol gets a duration, a few spectra (how it sounds from its start to its end) and, per
band, whether it is voiced: the source-filter model of speech.
"""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from tools.speech_models.phonemes import SAMPLE_RATE, speak

STAGES = 6
"""Spectra per phoneme."""
BANDS = 80
BAND_WIDTH = 110.0
"""Hz; 80 bands reach 8.8 kHz."""
SILENCE = -23.0
"""Log power of a band in which there is nothing."""

_WINDOW, _HOP = 768, 64
_HALF_OVERLAP = 160.0  # Hz over which a band's triangle falls to nothing
_MEASURABLE = range(200, 8001)  # samples; outside, espeak-ng's event is no sound of its own
_LONG_SHARE = 0.72  # of a long vowel's length is the vowel, the rest the length mark's
_VOICED_BELOW = 1500.0  # Hz, for sounds that buzz and hiss at once

_UNVOICED = frozenset("ptkfθsʃhxʔç")
_MIXED = frozenset("vðzʒ")
_MARKS = frozenset("ˈˌːˑ̩̃ ")
_FIXED_DURATIONS = {
    "ː": 0.055,
    " ": 0.012,
    "^": 0.03,
    "$": 0.10,
    ",": 0.18,
    ";": 0.2,
    ":": 0.2,
    ".": 0.12,
    "?": 0.12,
    "!": 0.12,
}
_NEIGHBOURS = {
    "ɒ": "ɑ",
    "ɐ": "ə",
    "ᵻ": "ɪ",
    "ɚ": "ɜ",
    "ɝ": "ɜ",
    "r": "ɹ",
    "g": "ɡ",
    "ɾ": "d",
    "ʔ": "t",
    "ɫ": "l",
    "y": "i",
    "ø": "e",
    "œ": "ɛ",
    "x": "h",
    "ç": "ʃ",
    "o": "ɔ",
    "a": "æ",
    "e": "ɛ",
    "ɨ": "ɪ",
    "ʉ": "u",
    "q": "k",
    "c": "k",
    "ɲ": "n",
    "ʁ": "ɹ",
    "β": "v",
    "ε": "ɛ",
    "ɘ": "ə",
    "ɤ": "ʌ",
    "ʏ": "i",
    "χ": "h",
}
"""The nearest sound of English, for symbols English does not have."""

_TEXT = """\
turn on the kitchen light. set the bedroom thermostat to twenty one degrees. what is the \
temperature in the living room? open the garage door. is the front door locked? play music in \
the office. add milk and cheese to the shopping list. set a timer for five minutes. please \
switch off the washing machine. remind me to call maria on thursday. the quick brown fox jumps \
over the lazy dog. she sells sea shells by the sea shore. how much wood would a woodchuck \
chuck? thank you very much, good night. yesterday we measured pleasure and vision with joy. \
boys enjoy noisy toys around the house. judge george chose a huge orange. they think both of \
these things are worth nothing at all. ask about our usual hour. fire, power, beer, pure and \
fair air. eight apples, seven oranges, six tomatoes, fifteen eggs and one hundred pears. disarm \
the alarm. dim the hallway lamp to forty percent. close the curtains, blinds and shutters. \
purple yellow blue green red white. will it rain on monday, tuesday, wednesday, friday, \
saturday or sunday? cancel the forty five minute timer. good morning david and peter. start the \
vacuum cleaner. wake me up at nine. classical music, jazz, rock and the news. the humidity in \
the basement is very high today. the robot fixed a box of books. could you push the good wooden \
door? i saw a large car park. uh huh, oh no, hello world, bird, nurse, her."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """All phonemes a Piper voice may be asked for, by phoneme id.

    Attributes:
        durations: seconds, shape (ids,).
        spectra: log power, shape (ids, STAGES, BANDS).
        voicing: 0 (hiss) to 1 (buzz), shape (ids, BANDS).
    """

    durations: npt.NDArray[np.float32]
    spectra: npt.NDArray[np.float32]
    voicing: npt.NDArray[np.float32]


def band_centres() -> npt.NDArray[np.floating]:
    """Return the middle of each band, in Hz."""
    return np.arange(BANDS) * BAND_WIDTH + BAND_WIDTH / 2


def _log_spectrogram(audio: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
    """Return log power per band every `_HOP` samples, shape (frames, BANDS)."""
    window = np.hanning(_WINDOW).astype(np.float32)
    padded = np.pad(audio, (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    density = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    density *= 2 / ((window**2).sum() * SAMPLE_RATE)
    distance = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)[None] - band_centres()[:, None]
    triangles = np.maximum(0, 1 - np.abs(distance) / _HALF_OVERLAP)
    triangles /= triangles.sum(1, keepdims=True)
    return np.asarray(np.log(density @ triangles.T * BAND_WIDTH + 1e-10))


def _measure(voice: str) -> dict[str, tuple[float, npt.NDArray[np.floating]]]:
    """Return median duration and mean spectra of each IPA symbol that a voice speaks."""
    speech = speak(_TEXT, voice)
    log_power = _log_spectrogram(speech.audio)
    durations = defaultdict(list)
    spectra = defaultdict(list)
    ends = [start for start, _ in speech.phonemes[1:]] + [len(speech.audio)]
    for (start, phoneme), end in zip(speech.phonemes, ends, strict=True):
        symbols = [c for c in unicodedata.normalize("NFD", phoneme) if c not in _MARKS]
        if not symbols or end - start not in _MEASURABLE:
            continue
        length = (end - start) / len(symbols)
        share = _LONG_SHARE if "ː" in phoneme else 1
        for index, symbol in enumerate(symbols):
            middle = start + index * length + length * (np.arange(STAGES) + 0.5) / STAGES
            frames = (middle / _HOP).round().astype(int).clip(0, len(log_power) - 1)
            durations[symbol].append(length / SAMPLE_RATE * share)
            spectra[symbol].append(log_power[frames])
    return {
        symbol: (float(np.median(durations[symbol])), np.mean(spectra[symbol], 0))
        for symbol in durations
        if symbol in DEFAULT_PHONEME_ID_MAP
    }


def measure(voice: str) -> Sounds:
    """Measure the sounds of an espeak-ng voice.

    Raises:
        EspeakError: espeak-ng is not installed, or does not know the voice.
    """
    measured = _measure(voice)
    ids = {symbol: numbers[0] for symbol, numbers in DEFAULT_PHONEME_ID_MAP.items()}
    count = max(ids.values()) + 1
    durations = np.zeros(count, np.float32)
    spectra = np.full((count, STAGES, BANDS), SILENCE, np.float32)
    voicing = np.zeros((count, BANDS), np.float32)
    for symbol, number in ids.items():
        sound = symbol if symbol in measured else _NEIGHBOURS.get(symbol, "")
        if sound in measured:
            durations[number], spectra[number] = measured[sound]
            if sound in _MIXED:
                voicing[number] = band_centres() < _VOICED_BELOW
            else:
                voicing[number] = sound not in _UNVOICED
    for symbol, duration in _FIXED_DURATIONS.items():
        durations[ids[symbol]] = duration
    return Sounds(durations, spectra, voicing)
