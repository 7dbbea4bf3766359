"""Home Assistant's own `wyoming` integration, set up with our servers."""

import io
import wave
from collections.abc import AsyncIterable
from pathlib import Path

import numpy as np
import pytest
import soxr
from homeassistant.components import stt, tts
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from tests.speech_servers import Endpoint

pytestmark = pytest.mark.usefixtures("socket_enabled")

WAV_HEADER = 44
WAV = {tts.ATTR_PREFERRED_FORMAT: "wav"}


@pytest.fixture(autouse=True)
async def _speech(hass: HomeAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up what the integration's platforms need."""
    monkeypatch.setattr(tts, "_init_tts_cache_dir", lambda _hass, _folder: str(tmp_path))
    for domain in ("homeassistant", "stt", "tts"):
        assert await async_setup_component(hass, domain, {})


async def add(hass: HomeAssistant, server: Endpoint) -> None:
    """Go through the config flow as a user would."""
    flow = await hass.config_entries.flow.async_init("wyoming", context={"source": SOURCE_USER})
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"host": server.host, "port": server.port}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()


async def speak(hass: HomeAssistant, text: str) -> bytes:
    """Have a text spoken by the one TTS entity; return the WAV file."""
    (entity_id,) = hass.states.async_entity_ids("tts")
    extension, audio = await tts.async_get_media_source_audio(
        hass, tts.generate_media_source_id(hass, text, entity_id, "en_US", WAV)
    )
    assert extension == "wav"
    return audio


async def test_speaks_and_understands(
    hass: HomeAssistant, stt_server: Endpoint, tts_server: Endpoint
):
    """A sentence spoken by our voice, through Home Assistant both ways."""
    await add(hass, tts_server)
    await add(hass, stt_server)
    audio = await speak(hass, "Turn on the kitchen light.")
    with wave.open(io.BytesIO(audio)) as spoken:
        rate = spoken.getframerate()
    # The header was written before the length was known.
    samples = np.frombuffer(audio[WAV_HEADER:], np.int16)
    frames = soxr.resample(samples, rate, 16_000).tobytes()
    (entity_id,) = hass.states.async_entity_ids("stt")
    entity = stt.async_get_speech_to_text_entity(hass, entity_id)
    assert entity is not None

    async def stream() -> AsyncIterable[bytes]:
        for start in range(0, len(frames), 320):
            yield frames[start : start + 320]

    result = await entity.internal_async_process_audio_stream(
        stt.SpeechMetadata(
            language="en",
            format=stt.AudioFormats.WAV,
            codec=stt.AudioCodecs.PCM,
            bit_rate=stt.AudioBitRates.BITRATE_16,
            sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
            channel=stt.AudioChannels.CHANNEL_MONO,
        ),
        stream(),
    )
    assert result.result is stt.SpeechResultState.SUCCESS
    assert result.text.lower().rstrip(".") == "turn on the kitchen light"
