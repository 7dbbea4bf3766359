"""What went wrong, in the words and the language of the person."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..errors import LocalAssistError


async def async_spoken(hass: HomeAssistant, err: LocalAssistError, language: str) -> str:
    """Return the error as a sentence, in English where the language lacks it."""
    english = await _text(hass, err, "en")
    for candidate in (language, language.partition("-")[0]):
        if (text := await _text(hass, err, candidate)) != english:
            return text
    return english


async def _text(hass: HomeAssistant, err: LocalAssistError, language: str) -> str:
    translations = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    prefix = f"component.{DOMAIN}.exceptions.{err.key}"
    # What a server said in its own language is for the log, not for the ear.
    text = translations.get(f"{prefix}_spoken.message") or translations[f"{prefix}.message"]
    return text.format(**err.placeholders)
