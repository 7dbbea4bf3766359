"""What counts as the answer to the guard's question."""

from dataclasses import replace

import pytest

from custom_components.local_assist.guard.consent import (
    CONSENT_SECONDS,
    Judged,
    Pending,
    Reply,
    Request,
    Speaker,
    reply_to,
)
from custom_components.local_assist.guard.effects import Effect
from custom_components.local_assist.guard.rules import Kind, Mode

ANNA = Speaker("kitchen talk", "anna", "kitchen satellite")
DOOR = Effect("lock", "unlock", "lock.front_door")
REQUEST = Request(ANNA, Judged({DOOR: Kind.UNLOCK}), Mode.ASK, "unlock it", asked_at=100.0)
SOON = 103.0


def _reply(
    text: str,
    *,
    request: Request[str] = REQUEST,
    speaker: Speaker = ANNA,
    language: str = "en",
    now: float = SOON,
):
    return reply_to(request, speaker, text, language, now)


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("Yes.", "en", Reply.CONFIRMED),
        ("Ja, bitte", "de", Reply.CONFIRMED),
        ("no", "en", Reply.REFUSED),
        ("Turn on the light", "en", Reply.SUBJECT_CHANGED),
        ("yes, and open the garage", "en", Reply.SUBJECT_CHANGED),
        ("", "en", Reply.SUBJECT_CHANGED),
        ("1234", "en", Reply.SUBJECT_CHANGED),
    ],
)
def test_an_answer_is_yes_or_no_alone(text: str, language: str, reply: Reply):
    """Whatever more is said may mean something else."""
    assert _reply(text, language=language) is reply


def test_only_the_person_who_was_asked_agrees():
    """Nobody known is another person as well."""
    assert _reply("yes", speaker=replace(ANNA, user_id="ben")) is Reply.OTHER_PERSON
    assert _reply("yes", speaker=replace(ANNA, user_id=None)) is Reply.OTHER_PERSON


def test_a_person_agrees_where_they_were_asked():
    """At that device, in that conversation."""
    assert _reply("yes", speaker=replace(ANNA, device_id="hall")) is Reply.OTHER_DEVICE
    assert _reply("yes", speaker=replace(ANNA, conversation="another")) is Reply.OTHER_DEVICE


def test_consent_is_given_soon_or_not_at_all():
    """To refuse it is never too late."""
    assert _reply("yes", now=100 + CONSENT_SECONDS) is Reply.CONFIRMED
    assert _reply("yes", now=100.1 + CONSENT_SECONDS) is Reply.EXPIRED
    assert _reply("no", now=1000) is Reply.REFUSED


def test_where_a_pin_is_wanted_yes_is_not_enough():
    """A no is, and the PIN comes in time too."""
    request = replace(REQUEST, mode=Mode.PIN)
    assert _reply("yes", request=request) is Reply.PIN_WANTED
    assert _reply("1 2 3 4", request=request) is Reply.PIN_GIVEN
    assert _reply("no", request=request) is Reply.REFUSED
    assert _reply("1234", request=request, now=200) is Reply.EXPIRED


def test_a_request_is_answered_once_and_a_newer_one_voids_it():
    """In each conversation by itself."""
    pending = Pending[str]()
    pending.ask(REQUEST)
    newer = replace(REQUEST, act="open it")
    pending.ask(newer)
    assert pending.take("another talk") is None
    assert pending.take("kitchen talk") is newer
    assert pending.take("kitchen talk") is None


def test_requests_nobody_answers_are_forgotten():
    """The oldest first."""
    pending = Pending[str]()
    for number in range(pending.LIMIT + 1):
        pending.ask(replace(REQUEST, speaker=replace(ANNA, conversation=str(number))))
    assert pending.take("0") is None
    assert pending.take("1") is not None


def test_what_is_not_known_is_named_by_what_holds_it():
    """Beside what is known, so that nothing hides behind a name."""
    hidden = Effect("lock", "unlock", "", certain=False)
    known = Judged({DOOR: Kind.UNLOCK}, frames=("script.home",))
    assert known.targets == ["lock.front_door"]
    both = known.with_(Judged({hidden: Kind.UNLOCK}))
    assert both.targets == ["lock.front_door", "script.home"]
