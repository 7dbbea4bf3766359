"""The speech-to-text entity: against the real server, and against servers that fail."""

import asyncio
from typing import Any

import pytest
from homeassistant.components import stt
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.asr import TranscriptChunk
from wyoming.error import Error
from wyoming.info import Info

from custom_components.local_assist.speech import recognizer, wyoming_client
from custom_components.local_assist.speech.wyoming_client import SpeechServer, describe
from tests.fakes.wyoming import Peer, asr, serve
from tests.integration.one_server import one_server
from tests.integration.speaking import for_listening, listen, speak
from tests.speech_servers import Endpoint


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "sentence", ["turn on the kitchen light", "set the bedroom thermostat to twenty one degrees"]
)
async def test_understands_what_was_said(home: HomeAssistant, sentence: str) -> None:
    """What the real voice says, the real recognizer understands."""
    audio = for_listening(await speak(home, "tts.mouth", f"{sentence}."))

    result = await listen(home, "stt.ear", audio)

    assert result.result is stt.SpeechResultState.SUCCESS
    assert (result.text or "").strip().rstrip(".").lower() == sentence


@pytest.mark.usefixtures("house")
async def test_silence_is_no_text(home: HomeAssistant) -> None:
    """Silence is a success without text."""
    result = await listen(home, "stt.ear", bytes(32_000))

    assert result == stt.SpeechResult("", stt.SpeechResultState.SUCCESS)


@pytest.mark.usefixtures("house")
async def test_no_sound_at_all_is_no_text(home: HomeAssistant) -> None:
    """A satellite that hangs up at once leaves a success without text."""
    result = await listen(home, "stt.ear", b"")

    assert result == stt.SpeechResult("", stt.SpeechResultState.SUCCESS)


@pytest.mark.usefixtures("house")
async def test_says_what_the_server_says(home: HomeAssistant, stt_server: Endpoint) -> None:
    """Languages and formats come from the server and the pipeline's contract."""
    ear = stt.async_get_speech_to_text_entity(home, "stt.ear")
    assert ear is not None

    assert "en" in ear.supported_languages
    assert ear.supported_sample_rates == [stt.AudioSampleRates.SAMPLERATE_16000]
    (program,) = (await describe(SpeechServer("stt", stt_server.host, stt_server.port))).asr
    assert ear.audio_processing.requires_external_vad is program.requires_external_vad


async def test_audio_flags_come_from_the_server(home: HomeAssistant) -> None:
    """A server that finds the end of an utterance itself is left to do so."""
    program = asr("en", requires_external_vad=False, prefers_auto_gain_enabled=False)
    async with one_server(home, "stt", Info(asr=[program])):
        ear = stt.async_get_speech_to_text_entity(home, "stt.it")
        assert ear is not None
        assert not ear.audio_processing.requires_external_vad
        assert not ear.audio_processing.prefers_auto_gain_enabled
        assert ear.audio_processing.prefers_noise_reduction_enabled


@pytest.mark.parametrize(("asked", "told"), [("en-US", "en"), ("pt-BR", None), ("de", "de")])
async def test_language_is_one_the_server_knows(
    home: HomeAssistant, asked: str, told: str | None
) -> None:
    """A regional language becomes the server's; one it does not know is left to it."""
    heard: list[Any] = []

    async def script(peer: Peer) -> None:
        events = await peer.read_until("audio-stop")
        heard.append(events[0].data.get("language"))
        await peer.write(Error(text="enough"))

    async with one_server(home, "stt", Info(asr=[asr("de", "en")]), script):
        await listen(home, "stt.it", bytes(640), language=asked)

    assert heard == [told]


async def test_a_server_that_never_answered(home: HomeAssistant) -> None:
    """The entity of a server that was never there is there, unavailable, and knows nothing."""
    async with serve(Peer.hang) as gone:
        port = gone.port
    async with one_server(home, "stt", None, port=port):
        ear = stt.async_get_speech_to_text_entity(home, "stt.it")
        assert ear is not None
        assert home.states.get("stt.it").state == STATE_UNAVAILABLE
        assert ear.supported_languages == []
        assert ear.audio_processing.requires_external_vad
        result = await listen(home, "stt.it", bytes(640))
        assert result.result is stt.SpeechResultState.ERROR


async def test_a_stalled_server_is_an_error_and_unavailable(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never answers costs its deadline, and is unavailable from then on."""
    monkeypatch.setattr(wyoming_client, "ANSWER_TIMEOUT", 0.1)
    async with one_server(home, "stt", Info(asr=[asr("en")]), Peer.hang):
        result = await listen(home, "stt.it", bytes(640))

        assert result == stt.SpeechResult(None, stt.SpeechResultState.ERROR)
        assert home.states.get("stt.it").state == STATE_UNAVAILABLE


async def test_a_server_that_never_comes_to_an_end_is_an_error(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that says it finds the end of an utterance, and does not, costs its deadline."""
    monkeypatch.setattr(recognizer, "UTTERANCE_TIMEOUT", 0.2)

    async def script(peer: Peer) -> None:
        while True:
            await peer.write(TranscriptChunk("and"))
            await asyncio.sleep(0.01)

    program = asr("en", requires_external_vad=False)
    async with one_server(home, "stt", Info(asr=[program]), script):
        result = await listen(home, "stt.it", bytes(640))

    assert result == stt.SpeechResult(None, stt.SpeechResultState.ERROR)


async def test_a_server_that_reports_an_error_stays(
    home: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that says what is wrong is there; what it says is logged."""

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-stop")
        await peer.write(Error(text="the model is broken", code="model"))

    async with one_server(home, "stt", Info(asr=[asr("en")]), script):
        result = await listen(home, "stt.it", bytes(640))

        assert result == stt.SpeechResult(None, stt.SpeechResultState.ERROR)
        assert home.states.get("stt.it").state != STATE_UNAVAILABLE
    assert "the model is broken" in caplog.text


async def test_the_real_server_gone(home: HomeAssistant, house: MockConfigEntry) -> None:
    """An utterance for a server that is gone is an error, not an exception."""
    (ear,) = house.get_subentries_of_type("stt")
    home.config_entries.async_update_subentry(house, ear, data={"host": "127.0.0.1", "port": 1})
    await home.async_block_till_done()

    result = await listen(home, "stt.ear", bytes(640))

    assert result.result is stt.SpeechResultState.ERROR
