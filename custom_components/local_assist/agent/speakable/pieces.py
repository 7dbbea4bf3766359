"""What a model's text is taken apart into."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speech:
    """Text to be shown and spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """Text the model thinks aloud: never spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class CallText:
    """A whole block that looks like a printed tool call, marks included: never spoken."""

    text: str


type Piece = Speech | Thought | CallText
