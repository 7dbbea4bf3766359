"""Which speech models the demo runs with."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import constants

DEMO_MODELS = Path(__file__).parent.parent / "models"
PROBE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class SpeechModels:
    """What the speech servers are started with.

    Attributes:
        options: flags of `local-assist serve`.
        note: one line for the person who starts the demo.
        load_timeout: seconds until both are ready, a download included.
    """

    options: list[str]
    note: str
    load_timeout: float


def choose(data: Path) -> SpeechModels:
    """Take real models when their hub answers, else the small ones in the repository.

    Args:
        data: folder real models are kept in.
    """
    if _hub_answers():
        return SpeechModels(
            ["--stt-data-dir", str(data / "whisper"), "--tts-data-dir", str(data / "piper")],
            "Speech models: Whisper and a Piper voice from their hub (downloaded once).",
            load_timeout=1800.0,
        )
    return SpeechModels(
        [
            *("--model", str(DEMO_MODELS / "whisper-demo")),
            *("--tts-data-dir", str(DEMO_MODELS / "voices")),
            *("--voice", "en_US-demo-low"),
        ],
        "Speech models: the small ones in demo/models, because the model hub cannot be reached. "
        "They understand home-control sentences spoken by espeak-ng or by the demo voice "
        "(demo/grammar), not people.",
        load_timeout=60.0,
    )


def _hub_answers() -> bool:
    if constants.HF_HUB_OFFLINE:
        return False
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=PROBE_TIMEOUT):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
