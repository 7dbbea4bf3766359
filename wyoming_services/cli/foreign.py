"""Flags of wyoming-faster-whisper and wyoming-piper that have no meaning here, and why."""

from collections.abc import Sequence
from itertools import pairwise

from wyoming_services.errors import ConfigError

_ENGINE = "there is one engine"
_SILENCE = "silence is always left out, and needs no settings"
_END_OF_SPEECH = "the end of speech is found as it comes: see --endpointing"
_NAMES = "names of the house come with each request"
_WEB = "there is no web server"
_OMNIVOICE = "voices are Piper's"

REASONS = {
    "--whisper-task": "speech is transcribed, never translated",
    "--vad-filter": _SILENCE,
    "--vad-threshold": _SILENCE,
    "--vad-min-speech-ms": _SILENCE,
    "--vad-min-silence-ms": _SILENCE,
    "--vad-endpointing": _END_OF_SPEECH,
    "--vad-clip": _SILENCE,
    "--vad-clip-threshold": _SILENCE,
    "--vad-clip-pad-ms": _SILENCE,
    "--stt-library": _ENGINE,
    "--sherpa-streaming": _ENGINE,
    "--hass-token": _NAMES,
    "--hass-api": _NAMES,
    "--hass-refresh-seconds": _NAMES,
    "--hass-prompt-max-tokens": _NAMES,
    "--hass-prompt-timeout": _NAMES,
    "--backend": _ENGINE,
    "--auto-punctuation": "sentences need no added punctuation",
    "--samples-per-chunk": "audio is sent as it is made",
    "--no-streaming": "clients choose whether to stream",
    "--update-voices": "the list of voices is read when it is needed",
    "--use-cuda": "voices run on the processor",
    "--web-server": _WEB,
    "--web-server-host": _WEB,
    "--web-server-port": _WEB,
    "--web-server-allow": _WEB,
    "--omnivoice-steps": _OMNIVOICE,
    "--omnivoice-ref-dir": _OMNIVOICE,
    "--omnivoice-language": _OMNIVOICE,
    "--omnivoice-onnx-repo": _OMNIVOICE,
}


def refuse_foreign_flags(arguments: Sequence[str]) -> None:
    """Name the first flag that is another server's.

    Raises:
        ConfigError: there is one.
    """
    for argument in arguments:
        flag = argument.partition("=")[0]
        if flag in REASONS:
            raise ConfigError(f"{flag} is not a setting here ({REASONS[flag]}): leave it out")


def name_after_zeroconf(arguments: Sequence[str]) -> list[str]:
    """Give `--zeroconf` an empty name where it has none: the rhasspy servers allow that."""
    return [
        "--zeroconf=" if argument == "--zeroconf" and after.startswith("-") else argument
        for argument, after in pairwise([*arguments, "--"])
    ]
