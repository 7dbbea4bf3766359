"""The most important words get the room there is."""

from wyoming_services.stt.vocabulary import HOTWORD_TOKENS, hotwords


def characters(text: str) -> int:
    """Count as if every character were a token."""
    return len(text)


def test_words_are_joined_in_order_and_once() -> None:
    """Whatever their case and spacing."""
    words = ["Kitchen", "living  room", "kitchen", " ", "dim"]
    assert hotwords(words, characters) == "Kitchen, living room, dim"


def test_the_last_words_are_left_out_when_there_is_no_room() -> None:
    """The ones before them stay whole."""
    words = [f"room{number:02}" for number in range(99)]
    chosen = hotwords(words, characters)
    assert chosen is not None
    assert chosen.split(", ") == words[: HOTWORD_TOKENS // len(" room00,")]


def test_no_words_are_no_hotwords() -> None:
    """None tells faster-whisper so."""
    assert hotwords([], characters) is None
    assert hotwords(["", " "], characters) is None
