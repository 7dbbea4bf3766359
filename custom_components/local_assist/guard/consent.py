"""What a person was asked, and what their answer to it means. Pure.

Consent is bound to what was asked, to who was asked and where, holds for seconds, and is good for
one time: whatever is said next in the conversation uses it up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .effects import Effect
from .rules import Kind, Mode
from .words import Answer, digits, understood

# How long an answer may take.
CONSENT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, as far as Home Assistant knows.

    Attributes:
        conversation: id of the conversation.
        user_id: Home Assistant user; None where nobody is logged in, as at most satellites.
        device_id: the device spoken to, if any.
    """

    conversation: str
    user_id: str | None
    device_id: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a call would do, as the rules see it.

    Attributes:
        guarded: the effects that need a person's word, and why.
        harmless: those that do not, and are more than the frame of others, as a script's start is.
        frames: the entities of such frames.
    """

    guarded: Mapping[Effect, Kind] = field(default_factory=dict)
    harmless: tuple[Effect, ...] = ()
    frames: tuple[str, ...] = ()

    @property
    def kinds(self) -> list[Kind]:
        """Return what kinds of things need it, in the order of the rules."""
        kinds = set(self.guarded.values())
        return [kind for kind in Kind if kind in kinds]

    @property
    def targets(self) -> list[str]:
        """Return the entities that need it, and what holds those that are not known."""
        guarded = [effect.entity_id for effect in self.guarded]
        frames = () if all(guarded) else self.frames
        return list(dict.fromkeys(filter(None, (*guarded, *frames))))

    def with_(self, other: Judged) -> Judged:
        """Return both as one."""
        return Judged(
            {**self.guarded, **other.guarded},
            self.harmless + other.harmless,
            self.frames + other.frames,
        )


@dataclass(frozen=True, slots=True)
class Request[Act]:
    """What a person was asked to agree to.

    Attributes:
        speaker: who was asked.
        judged: what would happen.
        mode: how consent is given.
        act: does it.
        asked_at: seconds on a clock that never jumps.
    """

    speaker: Speaker
    judged: Judged
    mode: Mode
    act: Act
    asked_at: float


class Reply(StrEnum):
    """What was made of an answer. The values are those of the event."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"
    OTHER_PERSON = "other_person"
    OTHER_DEVICE = "other_device"
    SUBJECT_CHANGED = "subject_changed"
    # A PIN is wanted and something like a PIN was said; or "yes" was said instead.
    PIN_GIVEN = "pin_given"
    PIN_WANTED = "pin_wanted"


def reply_to(
    request: Request[object], speaker: Speaker, text: str, language: str, now: float
) -> Reply:
    """Return what an utterance means as the answer to a request."""
    answer = understood(text, language)
    pin = digits(text, language) if request.mode is Mode.PIN else None
    asked = request.speaker
    if answer is None and pin is None:
        return Reply.SUBJECT_CHANGED
    if speaker.user_id != asked.user_id:
        return Reply.OTHER_PERSON
    if speaker != asked:
        return Reply.OTHER_DEVICE
    if answer is Answer.NO:
        return Reply.REFUSED
    if now - request.asked_at > CONSENT_SECONDS:
        return Reply.EXPIRED
    return _agreement(request.mode, pin)


def _agreement(mode: Mode, pin: str | None) -> Reply:
    """Return what saying yes, or a PIN, comes to."""
    if mode is Mode.ASK:
        return Reply.CONFIRMED
    return Reply.PIN_GIVEN if pin else Reply.PIN_WANTED


class Pending[Act]:
    """The open requests, at most one a conversation."""

    # Conversations; each ends after minutes of silence anyway.
    LIMIT = 64

    def __init__(self) -> None:
        self._requests: dict[str, Request[Act]] = {}

    def ask(self, request: Request[Act]) -> None:
        """Wait for an answer. An earlier request of the conversation is void."""
        self._requests.pop(request.speaker.conversation, None)
        self._requests[request.speaker.conversation] = request
        while len(self._requests) > self.LIMIT:
            del self._requests[next(iter(self._requests))]

    def take(self, conversation: str) -> Request[Act] | None:
        """Return the request of a conversation, which is no longer open."""
        return self._requests.pop(conversation, None)
