"""Texts that are said without a model, in the language of the person."""

import pytest
from homeassistant.core import HomeAssistant

from custom_components.local_assist.agent.wording import async_spoken, async_spoken_text
from custom_components.local_assist.errors import BackendServerError


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Shall I unlock Front door?"),
        ("en-GB", "Shall I unlock Front door?"),
        ("de", "Soll ich Front door aufschließen?"),
        ("de-CH", "Soll ich Front door aufschließen?"),
        ("pt-BR", "Devo destrancar Front door?"),
        ("pl", "Czy mam odblokować: Front door?"),
        # Not translated.
        ("sv", "Shall I unlock Front door?"),
        ("", "Shall I unlock Front door?"),
    ],
)
async def test_it_speaks_the_persons_language(
    home: HomeAssistant, language: str, text: str
) -> None:
    """Also as it is spoken elsewhere, and English where there is no other."""
    said = await async_spoken_text(home, "guard_ask_unlock", language, targets="Front door")
    assert said == text


async def test_a_name_is_no_placeholder(home: HomeAssistant) -> None:
    """What is filled in is not filled in again."""
    said = await async_spoken_text(home, "guard_never", "en", targets="{seconds} {0}")
    assert said == "I am not allowed to do that: {seconds} {0}."


async def test_what_is_for_the_ear(home: HomeAssistant) -> None:
    """A server's own words are for the log."""
    said = await async_spoken(home, BackendServerError(message="panic: 0x7f"), "fr")
    assert said == "Ollama a eu un problème. Veuillez réessayer dans un instant."


@pytest.mark.parametrize(("key", "named"), [("guard_nothing", {}), ("guard_never", {})])
async def test_a_text_that_is_not_there(
    home: HomeAssistant, key: str, named: dict[str, str]
) -> None:
    """Neither an unknown text nor one with a hole in it is spoken."""
    with pytest.raises(KeyError):
        await async_spoken_text(home, key, "en", **named)
