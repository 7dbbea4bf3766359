"""The voices of a server as people are shown them."""

import re
from collections import defaultdict
from typing import Final

from homeassistant.components.tts import Voice
from wyoming.info import Info, TtsVoice

from .programs import tts_voices

# language-name-quality, as Piper's voices are called, then perhaps one of their speakers.
_PIPER_VOICE: Final = re.compile(
    r"[a-z]{2,3}_[A-Z]{2}-(?P<name>[^#]+)-(?P<quality>x_low|low|medium|high)(?:#(?P<speaker>.+))?"
)
# The data sets that are not written as words are.
_SPELLINGS: Final = {
    "hfc": "HFC",
    "libritts": "LibriTTS",
    "ljspeech": "LJSpeech",
    "mls": "MLS",
    "upmc": "UPMC",
    "vctk": "VCTK",
}


def voices_by_language(info: Info) -> dict[str, list[Voice]]:
    """Return the voices that are ready to speak, under their own ids, sorted by name."""
    voices = defaultdict(list)
    for voice in tts_voices(info):
        for language in voice.languages:
            voices[language].append(Voice(voice.name, readable_name(voice)))
    return {
        language: sorted(each, key=lambda voice: voice.name.casefold())
        for language, each in voices.items()
    }


def readable_name(voice: TtsVoice) -> str:
    """Return what to call a voice: `en_US-libritts-high#p3922` is LibriTTS (high) · speaker p3922.

    A voice whose id says nothing of the kind is called what its server calls it.
    """
    if not (parts := _PIPER_VOICE.fullmatch(voice.name)):
        return voice.description or voice.name
    words = [_SPELLINGS.get(word, word[:1].upper() + word[1:]) for word in parts["name"].split("_")]
    name = f"{' '.join(words)} ({parts['quality'].replace('_', '-')})"
    return f"{name} · speaker {parts['speaker']}" if parts["speaker"] else name
