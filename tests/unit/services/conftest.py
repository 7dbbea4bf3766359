"""The speech services with the demo models, loaded once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wyoming_services.config import SttConfig, TtsConfig
from wyoming_services.stt.service import SttService
from wyoming_services.tts.service import TtsService

MODELS = Path(__file__).parents[3] / "demo" / "models"


@pytest.fixture(scope="session")
def whisper_folder() -> Path:
    """Folder of the demo speech-to-text model."""
    return MODELS / "whisper-demo"


@pytest.fixture(scope="session")
def voices_folder() -> Path:
    """Folder of the demo voices."""
    return MODELS / "voices"


@pytest.fixture(scope="session")
def stt(whisper_folder: Path) -> Iterator[SttService]:
    """Speech-to-text with the demo model."""
    service = SttService(SttConfig(models=(str(whisper_folder),), local_files_only=True))
    service.load()
    yield service
    service.close()


@pytest.fixture(scope="session")
def tts(voices_folder: Path) -> Iterator[TtsService]:
    """Text-to-speech with the demo voices."""
    service = TtsService(TtsConfig(voice="en_US-demo-low", data_dirs=(voices_folder,)))
    service.load()
    yield service
    service.close()
