"""What is said by itself, without a model: in the words and the language of the person."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..errors import LocalAssistError


async def async_spoken(hass: HomeAssistant, err: LocalAssistError, language: str) -> str:
    """Return the error as a sentence, in English where the language lacks it."""
    return await async_spoken_text(hass, err.key, language, **err.placeholders)


async def async_spoken_text(
    hass: HomeAssistant, key: str, language: str, **placeholders: str
) -> str:
    """Return the text of a key under `exceptions`, in English where the language lacks it.

    Raises:
        KeyError: there is no such text, or it wants another placeholder.
    """
    english = await _text(hass, key, "en")
    for candidate in (language, language.partition("-")[0]):
        if (text := await _text(hass, key, candidate)) != english:
            return text.format(**placeholders)
    return english.format(**placeholders)


async def _text(hass: HomeAssistant, key: str, language: str) -> str:
    translations = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    prefix = f"component.{DOMAIN}.exceptions.{key}"
    # What a server said in its own language is for the log, not for the ear.
    return translations.get(f"{prefix}_spoken.message") or translations[f"{prefix}.message"]
