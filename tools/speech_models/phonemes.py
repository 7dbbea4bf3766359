"""Speech with the place of every phoneme in it, from the espeak-ng library.

Types and numbers are those of espeak-ng's public header, speak_lib.h.
"""

import ctypes
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tools.speech_models.espeak import EspeakError

SAMPLE_RATE = 22_050

_SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: audio goes to the callback, before the call returns
_PHONEME_EVENTS_IN_IPA = 0b11  # espeakINITIALIZE_PHONEME_EVENTS | espeakINITIALIZE_PHONEME_IPA
_EVENT_LIST_TERMINATED, _EVENT_PHONEME = 0, 7
_RATE, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER
_POS_CHARACTER, _CHARS_UTF8 = 1, 1


class LabelledSpeech(NamedTuple):
    """Speech at 22050 Hz, and (first sample, IPA) of each phoneme in order."""

    audio: npt.NDArray[np.float32]
    phonemes: list[tuple[int, str]]


class _Id(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@cache
def _library() -> ctypes.CDLL:
    """Load the library once: version 1.51 never returns from being ended a second time."""
    try:
        library = ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        raise EspeakError(
            "The library libespeak-ng.so.1 is not installed. On Debian: apt-get install espeak-ng."
        ) from None
    if library.espeak_Initialize(_SYNCHRONOUS, 200, None, _PHONEME_EVENTS_IN_IPA) != SAMPLE_RATE:
        raise EspeakError(f"libespeak-ng could not be set up for speech at {SAMPLE_RATE} Hz.")
    return library


def speak(text: str, voice: str, *, words_per_minute: int = 140, pitch: int = 30) -> LabelledSpeech:
    """Say a text in a monotone and note where each phoneme starts.

    Raises:
        EspeakError: the library is not there, or does not know the voice.
    """
    chunks: list[npt.NDArray[np.int16]] = []
    phonemes: list[tuple[int, str]] = []

    def receive(samples, count, events):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if count > 0 and samples:
            chunks.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        index = 0
        while (event := events[index]).type != _EVENT_LIST_TERMINATED:
            if event.type == _EVENT_PHONEME:
                phonemes.append((event.sample, event.id.string.decode("utf-8", "ignore")))
            index += 1
        return 0

    library, callback = _library(), _Callback(receive)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise EspeakError(f"libespeak-ng has no voice '{voice}'.")
    for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, 0)):
        library.espeak_SetParameter(parameter, value, 0)
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
    audio = np.concatenate(chunks).astype(np.float32) / np.float32(32768)
    return LabelledSpeech(audio, phonemes)
