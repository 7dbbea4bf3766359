"""What a set-up config entry holds while it runs."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .agent.house import HouseIndex
from .agent.model_server import ModelServer
from .coordinator import OllamaCoordinator, SpeechCoordinator
from .speech.house_names import HouseNames


@dataclass(frozen=True, slots=True)
class FallbackServer:
    """A server besides the house's own Ollama, and the model asked there."""

    server: ModelServer
    model: str


@dataclass(slots=True)
class LocalAssistData:
    """The health of everything the entry talks to, and what its servers are told of the house.

    Attributes:
        ollama: None in a house without Ollama.
        servers: the other servers of language models, by subentry id.
        speech: by subentry id.
        names: what speech-to-text is to expect.
        index: what is exposed to Assist.
    """

    ollama: OllamaCoordinator | None
    servers: dict[str, FallbackServer]
    speech: dict[str, SpeechCoordinator]
    names: HouseNames
    index: HouseIndex


type LocalAssistConfigEntry = ConfigEntry[LocalAssistData]
