"""How much silence ends an utterance, by what has been said so far. Pure.

A command that is whole and hardly goes on needs little, one that plainly lacks its end much, and
all else what Home Assistant itself waits. Being wrong costs unequally: silence that is too long
costs some tenths of a second, silence that is too short the command. So a text is taken for
finished only when it reads as a whole command that people rarely go on with: not "turn on the
light", which "in the kitchen" may follow.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from wyoming_services.stt.commands import (
    DEVICE_NAME,
    EITHER_NAME,
    PLACE_NAME,
    Commands,
    commands,
)
from wyoming_services.stt.commands.patterns import joined, words

_SURE = 0.35
"""Confidence from which on a transcript is believed to end where it does: a model is surer of two
in three of those that do. With less, more than one pause in a hundred was taken for the end."""
_LONGEST = 40
"""Words of the longest text that is read: a command has fewer, and reading takes its time."""
_LONGEST_NAME = 10
"""Words of the longest name that is looked for; a client may send any text for one."""
_GOES_ON = (",", "...", "…", "-", "\N{EN DASH}", "—", ":")
"""Punctuation that Whisper writes where it hears somebody go on."""
_QUOTES = " \"'»”\N{RIGHT SINGLE QUOTATION MARK}"


class Reading(Enum):
    """What a transcript reads like."""

    FINISHED = auto()
    UNCLEAR = auto()
    UNFINISHED = auto()


@dataclass(frozen=True, slots=True)
class _Silences:
    """Seconds of silence that end an utterance, by what it reads like."""

    finished: float
    unclear: float
    unfinished: float


_SILENCES: Mapping[str, _Silences] = {
    "aggressive": _Silences(finished=0.25, unclear=0.5, unfinished=1.0),
    "default": _Silences(finished=0.25, unclear=0.7, unfinished=1.2),
    "relaxed": _Silences(finished=0.4, unclear=1.25, unfinished=1.5),
}
"""By Home Assistant's VAD sensitivity; its own silences, whatever is said, are 0.25, 0.7, 1.25."""


def silence_needed(
    transcript: str | None,
    confidence: float | None,
    *,
    language: str | None = None,
    names: Collection[str] = (),
    sensitivity: str = "default",
) -> float:
    """Return the seconds of silence that end an utterance.

    Args:
        transcript: what has been said so far; None when that is not known.
        confidence: that the transcript ends where it does, from 0 to 1 (`Transcription`); an unsure
            one, or None, never gets the short silence.
        language: code of what is spoken; None, or one without a table, is read by its punctuation.
        names: what the house calls its things and places.
        sensitivity: `default`, `aggressive` or `relaxed`; any other is `default`.
    """
    silences = _SILENCES.get(sensitivity, _SILENCES["default"])
    reading = read(transcript or "", language, tuple(names))
    if reading is Reading.UNFINISHED:
        return silences.unfinished
    sure = confidence is not None and confidence >= _SURE
    return silences.finished if reading is Reading.FINISHED and sure else silences.unclear


@lru_cache(maxsize=64)
def read(text: str, language: str | None, names: tuple[str, ...] = ()) -> Reading:
    """Tell what a transcript reads like; asked about every frame of a pause, so remembered."""
    tokens = words(text)
    if not 0 < len(tokens) <= _LONGEST:
        return Reading.UNCLEAR
    end = text.rstrip(_QUOTES)
    goes_on = end.endswith(_GOES_ON)
    patterns = commands(language)
    if patterns:
        if _is_whole(tokens, patterns, _house(language, names)):
            return Reading.UNCLEAR if goes_on else Reading.FINISHED
        if _lacks_its_end(joined(tokens), patterns, asked=end.endswith("?")):
            return Reading.UNFINISHED
    return Reading.UNFINISHED if goes_on else Reading.UNCLEAR


def _lacks_its_end(text: str, patterns: Commands, *, asked: bool) -> bool:
    """Tell whether a text plainly cannot end here."""
    if patterns.dangling.fullmatch(text):
        return True
    if asked:
        return False
    if patterns.separable.fullmatch(text) and not patterns.particle.fullmatch(text):
        return True
    return bool(patterns.dangling_unless_asked.fullmatch(text) or patterns.begun.fullmatch(text))


def _is_whole(tokens: list[str], patterns: Commands, house: "_House") -> bool:
    """Tell whether a text is a command or question that hardly goes on."""
    texts = {joined(tokens), joined(house.without_names(tokens))}
    if any(map(patterns.whole.fullmatch, texts)):
        return True
    return any(map(patterns.whole_with_thing.fullmatch, texts)) and not house.may_go_on(tokens)


@dataclass(frozen=True, slots=True)
class _House:
    """The names of a house, as words.

    Attributes:
        placeholders: what stands for each name in a text.
        beginnings: of names, without their last words.
    """

    placeholders: Mapping[tuple[str, ...], str]
    beginnings: frozenset[tuple[str, ...]]

    def without_names(self, tokens: list[str]) -> list[str]:
        """Return a text with a placeholder for each name in it, the longest of several."""
        longest = max(map(len, self.placeholders), default=0)
        result, start = [], 0
        while start < len(tokens):
            for end in range(min(len(tokens), start + longest), start, -1):
                placeholder = self.placeholders.get(tuple(tokens[start:end]))
                if placeholder:
                    result.append(placeholder)
                    start = end
                    break
            else:
                result.append(tokens[start])
                start += 1
        return result

    def may_go_on(self, tokens: list[str]) -> bool:
        """Tell whether a text ends within a name."""
        return any(tuple(tokens[start:]) in self.beginnings for start in range(len(tokens)))


@lru_cache(maxsize=8)
def _house(language: str | None, names: tuple[str, ...]) -> _House:
    """Sort the names of a house by what they may name."""
    patterns = commands(language)
    placeholders, beginnings = {}, set()
    for name in names:
        tokens = tuple(words(name))
        if len(tokens) > _LONGEST_NAME:
            continue
        beginnings |= {tokens[:end] for end in range(1, len(tokens))}
        placeholder = patterns and _placeholder(tokens, patterns)
        if placeholder:
            placeholders[tokens] = placeholder
    return _House(placeholders, frozenset(beginnings))


def _placeholder(name: tuple[str, ...], patterns: Commands) -> str | None:
    """Return what stands for a name; None when it says too little: "light", or nothing.

    A name of one word that is neither clearly a thing nor clearly a place is taken for a place:
    "turn on the snug" may go on with "light", whereas "play jazz in the snug" hardly goes on.
    """
    text = joined(name)
    if not name or patterns.device.fullmatch(text):
        return None
    if patterns.device_name.fullmatch(text):
        return DEVICE_NAME
    return EITHER_NAME if len(name) > 1 and not patterns.place_name.fullmatch(text) else PLACE_NAME
