"""What a Wyoming server's description says about its speech programs."""

from collections.abc import Iterator

from wyoming.info import AsrProgram, Info, TtsProgram, TtsVoice

from ..const import SUBENTRY_STT


def has_role(info: Info, role: str) -> bool:
    """Return whether the server offers speech-to-text (`stt`) or text-to-speech (`tts`)."""
    return bool(info.asr if role == SUBENTRY_STT else info.tts)


def first_program(info: Info, role: str) -> AsrProgram | TtsProgram | None:
    """Return the program that works for a client that selects none, if it is ready."""
    return asr_program(info) if role == SUBENTRY_STT else tts_program(info)


def asr_program(info: Info) -> AsrProgram | None:
    """Return the speech-to-text program, if one is ready."""
    return next((program for program in info.asr if program.installed), None)


def tts_program(info: Info) -> TtsProgram | None:
    """Return the text-to-speech program, if one is ready."""
    return next((program for program in info.tts if program.installed), None)


def languages(info: Info, role: str) -> list[str]:
    """Return the languages the server knows, sorted."""
    return asr_languages(info) if role == SUBENTRY_STT else tts_languages(info)


def asr_languages(info: Info) -> list[str]:
    """Return the languages the server understands, sorted."""
    program = asr_program(info)
    models = program.models if program else []
    return sorted({language for model in models if model.installed for language in model.languages})


def tts_languages(info: Info) -> list[str]:
    """Return the languages the server speaks, sorted."""
    return sorted({language for voice in tts_voices(info) for language in voice.languages})


def tts_voices(info: Info) -> Iterator[TtsVoice]:
    """Return the voices that are ready to speak, in the server's order."""
    program = tts_program(info)
    return (voice for voice in (program.voices if program else []) if voice.installed)
