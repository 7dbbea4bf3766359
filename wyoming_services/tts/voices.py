"""Which voice a client means. Pure."""

from collections.abc import Mapping

from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.errors import NotFoundError
from wyoming_services.protocol.fields import shown

SPEAKER_MARK = "#"
"""Between a voice and one of its speakers, for clients that know no speakers: `voice#speaker`."""


def by_name(voices: Mapping[str, InstalledVoice], name: str) -> InstalledVoice:
    """Return a voice. A name is looked up, never made a path.

    Raises:
        NotFoundError: there is none; the text lists what there is.
    """
    if voice := voices.get(name):
        return voice
    raise NotFoundError(f"There is no voice {shown(name)} here; {_listed(voices)}.")


def by_language(
    voices: Mapping[str, InstalledVoice], language: str, preferred: InstalledVoice | None
) -> InstalledVoice:
    """Return a voice of a language: of its region if there is one, the preferred one first.

    Raises:
        NotFoundError: there is none; the text lists what there is.
    """
    candidates: list[InstalledVoice] = [*([preferred] if preferred else []), *voices.values()]
    for part in (_tag, _family):
        for voice in candidates:
            if part(voice.language) == part(language):
                return voice
    raise NotFoundError(f"There is no voice for {shown(language)} here; {_listed(voices)}.")


def lookup(languages: Mapping[str, str], language: str) -> str:
    """Return what is kept for a language tag, or for what it narrows down (RFC 4647, 3.4: Lookup).

    `zh-Hant-TW` takes what there is for itself, for `zh-Hant`, for `zh`, in this order; nothing
    when there is none.
    """
    kept = {_tag(tag): value for tag, value in languages.items()}
    tag = _tag(language)
    while tag and tag not in kept:
        tag = tag.rpartition("-")[0]
    return kept.get(tag, "")


def speaker_id(voice: InstalledVoice, speaker: str | None) -> int | None:
    """Return the id of a speaker given by name or number; None for the voice's own choice.

    Raises:
        NotFoundError: the voice has no such speaker; the text lists which it has.
    """
    if speaker is None or speaker == "":
        return None
    for name, number in voice.speakers:
        if speaker == name:
            return number
    for _, number in voice.speakers:
        if speaker == str(number):
            return number
    names = ", ".join(name for name, _ in voice.speakers) or "only one"
    raise NotFoundError(f"Voice '{voice.name}' has no speaker {shown(speaker)}; it has {names}.")


def _tag(language: str) -> str:
    """Write a language tag one way: `en_US` and `EN-us` are `en-us`."""
    return language.replace("_", "-").lower()


def _family(language: str) -> str:
    """Reduce a language tag to the language: `en_US` is `en`."""
    return _tag(language).partition("-")[0]


def _listed(voices: Mapping[str, InstalledVoice]) -> str:
    """Say which voices there are."""
    return f"there is {', '.join(voices)}" if voices else "no voice is installed"
