"""Speaking and listening through Home Assistant's own components."""

import io
import wave
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import numpy as np
import soxr
from homeassistant.components import stt, tts
from homeassistant.core import HomeAssistant


async def speak(
    hass: HomeAssistant,
    engine: str,
    texts: str | Iterable[str],
    language: str | None = None,
    **options: Any,
) -> bytes:
    """Return what a text-to-speech engine says, as a WAV file."""
    result = tts.async_create_stream(
        hass, engine, language, options={tts.ATTR_PREFERRED_FORMAT: "wav"} | options
    )
    # The folder of the cache outlives the test.
    result.use_file_cache = False
    if isinstance(texts, str):
        result.async_set_message(texts)
    else:
        result.async_set_message_stream(_each(texts))
    return b"".join([chunk async for chunk in result.async_stream_result()])


async def _each[Item](items: Iterable[Item]) -> AsyncGenerator[Item]:
    for item in items:
        yield item


def read_wav(data: bytes) -> tuple[int, np.ndarray]:
    """Return sample rate and samples of a mono WAV file, with or without a length."""
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
    return rate, np.frombuffer(data[44:], dtype=np.int16)


def for_listening(data: bytes) -> bytes:
    """Return a WAV file as Home Assistant's pipelines deliver audio, with a second of silence."""
    rate, samples = read_wav(data)
    audio = soxr.resample(samples.astype(np.float32), rate, 16_000).astype(np.int16)
    return audio.tobytes() + bytes(32_000)


async def listen(
    hass: HomeAssistant, engine: str, audio: bytes, language: str = "en"
) -> stt.SpeechResult:
    """Return what a speech-to-text engine understands, fed as a satellite does."""
    entity = stt.async_get_speech_to_text_entity(hass, engine)
    assert entity is not None
    metadata = stt.SpeechMetadata(
        language=language,
        format=stt.AudioFormats.WAV,
        codec=stt.AudioCodecs.PCM,
        bit_rate=stt.AudioBitRates.BITRATE_16,
        sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
        channel=stt.AudioChannels.CHANNEL_MONO,
    )
    chunks = [audio[start : start + 640] for start in range(0, len(audio), 640)]
    return await entity.internal_async_process_audio_stream(metadata, _each(chunks))
