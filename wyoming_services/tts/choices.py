"""Settling how a text is spoken: the voice, its speaker, and every number. Pure.

What a request says comes first, then the settings of the voice, then those for all voices, then
what the voice itself was made with, which is None here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.config import SPEAKING_BOUNDS, TtsConfig, VoiceSettings
from wyoming_services.errors import BadRequestError
from wyoming_services.protocol import fields
from wyoming_services.tts.engine import Speech, VoiceChoice
from wyoming_services.tts.voices import SPEAKER_MARK, by_language, by_name, lookup, speaker_id


def settle(choice: VoiceChoice, voices: Mapping[str, InstalledVoice], config: TtsConfig) -> Speech:
    """Make every choice a client left open.

    Raises:
        NotFoundError: no such voice, speaker or language here; the text lists what there is.
        BadRequestError: a number is out of bounds, or none, or the pace is given twice.
    """
    voice, marked = _voice(choice, voices, config)
    of_voice = config.voices.get(voice.name, VoiceSettings())
    speaker = choice.speaker or marked or of_voice.speaker
    if not speaker and voice.speakers and voice.name == default_name(config):
        speaker = config.speaker or config.voice.partition(SPEAKER_MARK)[2]
    layers = (requested(choice.settings or {}), of_voice, config)
    return Speech(
        voice=voice.name,
        rate=voice.rate,
        speaker=speaker_id(voice, speaker),
        length_scale=_first(layers, "duration"),
        noise_scale=_first(layers, "noise_scale"),
        noise_w_scale=_first(layers, "noise_w_scale"),
        volume=_first(layers, "volume"),
        sentence_silence=_first(layers, "sentence_silence"),
        language=voice.language,
    )


def requested(settings: Mapping[str, Any]) -> VoiceSettings:
    """Read the numbers of a request; keys that are none of them are another server's.

    Raises:
        BadRequestError: one is out of bounds, or no number, or the pace is given twice.
    """
    numbers: dict[str, Any] = {
        key: fields.number(settings, key, *bounds) for key, bounds in SPEAKING_BOUNDS.items()
    }
    if numbers["speed"] is not None and numbers["length_scale"] is not None:
        raise BadRequestError("'speed' and 'length_scale' say the same: give one of them.")
    return VoiceSettings(**numbers)


def default_name(config: TtsConfig) -> str:
    """Return the name of the configured voice, without its speaker."""
    return config.voice.partition(SPEAKER_MARK)[0]


def _voice(
    choice: VoiceChoice, voices: Mapping[str, InstalledVoice], config: TtsConfig
) -> tuple[InstalledVoice, str]:
    """Return the voice meant, and the speaker its name was marked with, else nothing."""
    preferred = voices.get(default_name(config)) or next(iter(voices.values()), None)
    if choice.name:
        name, _, marked = choice.name.partition(SPEAKER_MARK)
        return by_name(voices, name), marked
    if not choice.language:
        return preferred or by_name(voices, default_name(config)), ""
    name, _, marked = lookup(config.languages, choice.language).partition(SPEAKER_MARK)
    if name in voices:
        return voices[name], marked
    return by_language(voices, choice.language, preferred), ""


def _first(layers: Iterable[VoiceSettings], name: str) -> Any:
    """Return what the first layer that says anything of a setting says; None when none does."""
    values = (getattr(layer, name) for layer in layers)
    return next((value for value in values if value is not None), None)
