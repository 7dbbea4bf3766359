"""Which languages a pipeline of the chosen servers can have."""

from collections.abc import Sequence

from homeassistant.core import HomeAssistant
from homeassistant.util import language as language_util


def shared_languages(hass: HomeAssistant, known: Sequence[list[str]]) -> list[str]:
    """Return the languages all servers know, Home Assistant's own first.

    Args:
        hass: whose language and country are preferred.
        known: the languages of each server; no server, or no common language, leaves Home
            Assistant's own.
    """
    own, country = hass.config.language, hass.config.country

    def spoken_by_all(language: str) -> bool:
        return all(language_util.matches(language, languages, country) for languages in known)

    shared = [language for language in (known[0] if known else []) if spoken_by_all(language)]
    if spoken_by_all(own) or not shared:
        shared = [own, *(language for language in shared if language != own)]
    return shared
