"""The silence that ends an utterance fits what has been said."""

from wyoming_services.stt.endpointing import Reading, read, silence_needed

SURE = -0.1


def test_a_whole_command_needs_little_silence_and_half_a_one_much() -> None:
    """What is neither needs what Home Assistant waits."""
    assert silence_needed("Turn on the kitchen light.", SURE, language="en") == 0.3
    assert silence_needed("Turn on the light.", SURE, language="en") == 0.7
    assert silence_needed("Turn on the", SURE, language="en") == 1.2
    assert silence_needed(None, None, language="en") == 0.7


def test_a_german_verb_waits_for_its_second_part() -> None:
    """It comes last."""
    assert read("Schalte das Licht in der Küche", "de") is Reading.UNFINISHED
    assert read("Schalte das Licht in der Küche ein.", "de") is Reading.FINISHED
