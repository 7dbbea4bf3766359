"""Every flag of the commands: its names, environment variable and help.

Names are those of wyoming-faster-whisper and wyoming-piper where they have the same meaning, so
that their users change one word. A flag given on the command line wins over its variable.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from wyoming_services import __version__


def _option(*names: str, env: str, about: str, **more: Any) -> Any:
    """Describe a flag, with the environment variable `LOCAL_ASSIST_<env>`."""
    return typer.Option(*names, envvar=f"LOCAL_ASSIST_{env}", help=about, **more)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - called by Typer
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


_URI = "tcp://HOST:PORT or unix:///PATH to listen on; 0.0.0.0 or [::] is every address"

SttUri = Annotated[str, _option("--uri", env="STT_URI", about=f"{_URI}.")]
TtsUri = Annotated[str, _option("--uri", env="TTS_URI", about=f"{_URI}.")]
ServeSttUri = Annotated[str, _option("--stt-uri", env="STT_URI", about=f"Speech-to-text: {_URI}.")]
ServeTtsUri = Annotated[str, _option("--tts-uri", env="TTS_URI", about=f"Text-to-speech: {_URI}.")]

# Speech-to-text

Model = Annotated[
    list[str],
    _option(
        "--model",
        env="STT_MODEL",
        about="Whisper model: a folder, or a name on the hub; auto picks one by device. "
        "May be repeated: the first is the default, clients choose others by name.",
    ),
]
Language = Annotated[
    str | None,
    _option(
        "--language",
        env="STT_LANGUAGE",
        about="Language code for clients that name none; auto, or nothing, detects it. "
        "Several (en,de) are told apart whatever a client names.",
    ),
]
Endpointing = Annotated[
    str,
    _option(
        "--endpointing",
        env="STT_ENDPOINTING",
        about="own: the end of speech is found here; external: the client finds it.",
    ),
]
WindowFloor = Annotated[
    float,
    _option(
        "--window-floor",
        env="STT_WINDOW_FLOOR",
        about="Seconds the model looks at, at least; 30 is always its whole window.",
    ),
]
Speculations = Annotated[
    int,
    _option(
        "--speculations",
        env="STT_SPECULATIONS",
        about="Transcriptions begun at a pause that may not be the end, per utterance.",
    ),
]
IdleUnload = Annotated[
    float,
    _option(
        "--idle-unload",
        env="STT_IDLE_UNLOAD",
        about="Minutes without a request until the model's memory is freed; 0 keeps it.",
    ),
]
Device = Annotated[
    str, _option("--device", env="STT_DEVICE", about="auto, cpu, cuda or cuda:NUMBER.")
]
ComputeType = Annotated[
    str,
    _option("--compute-type", env="STT_COMPUTE_TYPE", about="auto, int8, float16 and so on."),
]
BeamSize = Annotated[
    int,
    _option("--beam-size", env="STT_BEAM_SIZE", about="Readings weighed; 0 picks by device."),
]
InitialPrompt = Annotated[
    str | None,
    _option(
        "--initial-prompt", env="STT_INITIAL_PROMPT", about="Text to set style and vocabulary."
    ),
]
MaxAudio = Annotated[
    float,
    _option("--max-audio-seconds", env="STT_MAX_AUDIO_SECONDS", about="Longest utterance."),
]
SttThreads = Annotated[
    int,
    _option("--cpu-threads", env="STT_CPU_THREADS", about="Of each transcription; 0 is automatic."),
]
SttParallel = Annotated[
    int, _option("--parallel", env="STT_PARALLEL", about="Transcriptions at once.")
]
SttDataDirs = Annotated[
    list[Path],
    _option("--data-dir", env="STT_DATA_DIR", about="Folder with models; may be repeated."),
]
ServeSttDataDirs = Annotated[
    list[Path],
    _option("--stt-data-dir", env="STT_DATA_DIR", about="Folder with models; may be repeated."),
]
SttDownloadDir = Annotated[
    Path | None,
    _option(
        "--download-dir", env="STT_DOWNLOAD_DIR", about="Where downloads go; else the first folder."
    ),
]
SttOffline = Annotated[
    bool, _option("--local-files-only", env="STT_LOCAL_FILES_ONLY", about="Never download.")
]

# Text-to-speech

Voice = Annotated[
    str, _option("--voice", env="TTS_VOICE", about="Default voice: NAME, or NAME#SPEAKER.")
]
Speaker = Annotated[
    str | None,
    _option("--speaker", env="TTS_SPEAKER", about="Name or number of its default speaker."),
]
VoiceFor = Annotated[
    list[str],
    _option(
        "--voice-for",
        env="TTS_VOICE_FOR",
        about="LANGUAGE=VOICE for clients that name a language and no voice; may be repeated.",
    ),
]
VoiceSettingsFile = Annotated[
    Path | None,
    _option(
        "--voice-settings",
        env="TTS_VOICE_SETTINGS",
        about="TOML file with a table for each voice: speed, volume, speaker and so on.",
    ),
]
Speed = Annotated[
    float | None,
    _option("--speed", env="TTS_SPEED", about="Speed of speech: 1 is normal, 2 twice as fast."),
]
LengthScale = Annotated[
    float | None,
    _option(
        "--length-scale",
        env="TTS_LENGTH_SCALE",
        about="Slowness of speech, 1 is normal; in place of --speed.",
    ),
]
NoiseScale = Annotated[
    float | None,
    _option("--noise-scale", env="TTS_NOISE_SCALE", about="Variation of the sound."),
]
NoiseWScale = Annotated[
    float | None,
    _option(
        "--noise-w-scale", "--noise-w", env="TTS_NOISE_W_SCALE", about="Variation of the pace."
    ),
]
Volume = Annotated[
    float, _option("--volume", env="TTS_VOLUME", about="Factor on the samples, 0 to 2.")
]
SentenceSilence = Annotated[
    float,
    _option(
        "--sentence-silence", env="TTS_SENTENCE_SILENCE", about="Seconds between two sentences."
    ),
]
CachedVoices = Annotated[
    int, _option("--cached-voices", env="TTS_CACHED_VOICES", about="Voices kept loaded.")
]
CacheBytes = Annotated[
    int,
    _option(
        "--cache-bytes",
        env="TTS_CACHE_BYTES",
        about="Memory for short replies already spoken; 0 keeps none.",
    ),
]
CacheDir = Annotated[
    Path | None,
    _option(
        "--cache-dir",
        env="TTS_CACHE_DIR",
        about="Folder to keep short replies in as well, over restarts; none without this.",
    ),
]
CacheDiskBytes = Annotated[
    int,
    _option("--cache-disk-bytes", env="TTS_CACHE_DISK_BYTES", about="What they may take there."),
]
MaxText = Annotated[
    int,
    _option("--max-text-length", env="TTS_MAX_TEXT_LENGTH", about="Characters of one request."),
]
TtsThreads = Annotated[
    int,
    _option("--cpu-threads", env="TTS_CPU_THREADS", about="Of each synthesis; 0 is automatic."),
]
TtsParallel = Annotated[
    int,
    _option(
        "--parallel",
        env="TTS_PARALLEL",
        about="Syntheses at once; 0 is as many as have cores of their own.",
    ),
]
TtsDataDirs = Annotated[
    list[Path],
    _option("--data-dir", env="TTS_DATA_DIR", about="Folder with voices; may be repeated."),
]
ServeTtsDataDirs = Annotated[
    list[Path],
    _option("--tts-data-dir", env="TTS_DATA_DIR", about="Folder with voices; may be repeated."),
]
TtsDownloadDir = Annotated[
    Path | None,
    _option(
        "--download-dir", env="TTS_DOWNLOAD_DIR", about="Where downloads go; else the first folder."
    ),
]
TtsOffline = Annotated[
    bool, _option("--local-files-only", env="TTS_LOCAL_FILES_ONLY", about="Never download.")
]

# Both

ServeOffline = Annotated[
    bool, _option("--local-files-only", env="LOCAL_FILES_ONLY", about="Never download.")
]
Zeroconf = Annotated[
    str,
    _option(
        "--zeroconf",
        env="ZEROCONF",
        about="Name to announce on the network; without one, local-assist-ROLE-ID.",
        show_default=False,
    ),
]
NoZeroconf = Annotated[
    bool, _option("--no-zeroconf", env="NO_ZEROCONF", about="Do not announce on the network.")
]
HealthUri = Annotated[
    str | None,
    _option(
        "--health-uri",
        env="HEALTH_URI",
        about="tcp://HOST:PORT that answers GET /health and /ready; none without this.",
    ),
]
Debug = Annotated[
    bool,
    _option("--debug", env="DEBUG", about="Log everything, also what was said and spoken."),
]
LogFormat = Annotated[
    str, _option("--log-format", env="LOG_FORMAT", about="Of Python's logging module.")
]
Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
]
