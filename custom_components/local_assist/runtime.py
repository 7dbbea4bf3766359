"""What a set-up config entry holds while it runs."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .coordinator import OllamaCoordinator, SpeechCoordinator
from .speech.house_names import HouseNames


@dataclass(slots=True)
class LocalAssistData:
    """The health of everything the entry talks to, and what its servers are told of the house.

    Attributes:
        ollama: None in a house without Ollama.
        speech: by subentry id.
        names: what speech-to-text is to expect.
    """

    ollama: OllamaCoordinator | None
    speech: dict[str, SpeechCoordinator]
    names: HouseNames


type LocalAssistConfigEntry = ConfigEntry[LocalAssistData]
