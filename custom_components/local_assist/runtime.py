"""What a set-up config entry holds while it runs."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .coordinator import OllamaCoordinator, SpeechCoordinator


@dataclass(slots=True)
class LocalAssistData:
    """The health of everything the entry talks to.

    Attributes:
        ollama: None in a house without Ollama.
        speech: by subentry id.
    """

    ollama: OllamaCoordinator | None
    speech: dict[str, SpeechCoordinator]


type LocalAssistConfigEntry = ConfigEntry[LocalAssistData]
