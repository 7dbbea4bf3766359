"""The text-to-speech entity: against the real server, and against servers that fail."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.tts.entity import TTSAudioRequest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Info
from wyoming.tts import SynthesizeStopped

from custom_components.local_assist.speech import wyoming_client
from tests.fakes.wyoming import Peer
from tests.fakes.wyoming import tts as program
from tests.integration.one_server import one_server
from tests.integration.speaking import read_wav, speak

START = AudioStart(rate=22050, width=2, channels=1)
CHUNK = AudioChunk(rate=22050, width=2, channels=1, audio=b"abcd")


def engine(hass: HomeAssistant, entity_id: str) -> Any:
    """Return the engine as Home Assistant's text-to-speech sees it."""
    return hass.data["entity_components"]["tts"].get_entity(entity_id)


async def stream(hass: HomeAssistant, entity_id: str, text: str) -> bytes:
    """Return what an entity streams; Home Assistant's own stream only logs what goes wrong."""

    async def texts() -> AsyncGenerator[str]:
        yield text

    request = TTSAudioRequest("en", {}, texts())
    response = await engine(hass, entity_id).async_stream_tts_audio(request)
    return b"".join([chunk async for chunk in response.data_gen])


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("streamed", [True, False])
async def test_speaks(home: HomeAssistant, streamed: bool) -> None:
    """The real server speaks a text, as a whole and as it is written."""
    text = ["The kitchen light ", "is on. ", "It is twenty one degrees."]

    data = await speak(home, "tts.mouth", text if streamed else "".join(text))

    rate, samples = read_wav(data)
    assert rate >= 16_000
    assert len(samples) / rate > 1
    assert abs(samples).max() > 1000


@pytest.mark.usefixtures("house")
async def test_speaks_without_streaming(home: HomeAssistant) -> None:
    """A whole file has its length in the header."""
    extension, data = await engine(home, "tts.mouth").async_get_tts_audio("Hello.", "en_US", {})

    assert extension == "wav"
    assert int.from_bytes(data[40:44], "little") == len(data) - 44 > 10_000


@pytest.mark.usefixtures("house")
async def test_voices_of_the_real_server(home: HomeAssistant) -> None:
    """Voices are listed by language, and each can be asked for, its speakers too."""
    mouth = engine(home, "tts.mouth")
    assert mouth.async_supports_streaming_input()
    assert mouth.supported_languages == ["en_US"]
    assert mouth.default_language == "en_US"
    voices = [voice.voice_id for voice in mouth.async_get_supported_voices("en_US")]
    assert {"en_US-demo-low", "en_US-demo_duo-low#high"} <= set(voices)
    assert mouth.async_get_supported_voices("de") is None

    low = await speak(home, "tts.mouth", "Hello.", voice="en_US-demo_duo-low", speaker="low")
    high = await speak(home, "tts.mouth", "Hello.", voice="en_US-demo_duo-low", speaker="high")
    assert low != high
    assert len(low) > 10_000


@pytest.mark.usefixtures("house")
async def test_an_unknown_voice_is_an_error(home: HomeAssistant) -> None:
    """What the server says of a voice it does not have reaches the caller."""
    with pytest.raises(HomeAssistantError, match="nobody"):
        await engine(home, "tts.mouth").async_get_tts_audio("Hi", "en_US", {"voice": "nobody"})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, {"language": "en"}),
        ({"voice": "anna"}, {"name": "anna"}),
        ({"voice": "anna", "speaker": "low"}, {"name": "anna", "speaker": "low"}),
        ({"speaker": "low"}, {"language": "en"}),
    ],
)
async def test_voice_that_is_asked_for(
    home: HomeAssistant, options: dict[str, str], told: dict[str, str]
) -> None:
    """The voice asked for reaches the server; without one the language does."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.extend(await peer.read_until("synthesize-stop"))
        await peer.write(START, CHUNK, AudioStop(), SynthesizeStopped())

    async with one_server(home, "tts", Info(tts=[program(anna="en")]), script):
        await speak(home, "tts.it", "Hello", **options)

    assert heard[0].data["voice"] == told


async def test_default_language_is_home_assistants_if_spoken(home: HomeAssistant) -> None:
    """Of the server's languages the one Home Assistant speaks is the default, else the first."""
    async with one_server(home, "tts", Info(tts=[program(bert="de_DE", anna="en_GB")])):
        assert engine(home, "tts.it").default_language == "en_GB"


async def test_default_language_of_a_server_that_does_not_speak_ours(home: HomeAssistant) -> None:
    """A server that does not speak Home Assistant's language has one nevertheless."""
    async with one_server(home, "tts", Info(tts=[program(bert="de_DE", zoe="fr_FR")])):
        assert engine(home, "tts.it").default_language == "de_DE"


async def test_a_server_that_never_answered(home: HomeAssistant) -> None:
    """The entity of a server that was never there is there, unavailable, and refuses."""
    async with one_server(home, "tts", None, port=1):
        assert home.states.get("tts.it").state == STATE_UNAVAILABLE
        assert engine(home, "tts.it").supported_languages == []
        for attempt in (
            engine(home, "tts.it").async_get_tts_audio("Hello", "en", {}),
            stream(home, "tts.it", "Hello"),
        ):
            with pytest.raises(HomeAssistantError, match="No speech server answers at 127"):
                await attempt


@pytest.mark.parametrize("spoken", [0, 1])
async def test_a_stalled_server_is_an_error_and_unavailable(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch, spoken: int
) -> None:
    """A server that stalls, before the first sound or after it, costs its deadline only."""
    monkeypatch.setattr(wyoming_client, "ANSWER_TIMEOUT", 0.1)

    async def script(peer: Peer) -> None:
        await peer.write(*[START, CHUNK][: spoken * 2])
        await peer.hang()

    async with one_server(home, "tts", Info(tts=[program(anna="en")]), script):
        with pytest.raises(HomeAssistantError, match="stopped answering"):
            async with asyncio.timeout(5):
                await stream(home, "tts.it", "Hello")
        assert home.states.get("tts.it").state == STATE_UNAVAILABLE


async def test_an_error_in_the_middle_is_raised(home: HomeAssistant) -> None:
    """Audio that breaks off is no answer; a server that says why is still there."""

    async def script(peer: Peer) -> None:
        await peer.read_until("synthesize-stop")
        await peer.write(START, CHUNK, Error(text="out of memory", code="synthesis"))

    async with one_server(home, "tts", Info(tts=[program(anna="en")]), script):
        with pytest.raises(HomeAssistantError, match="out of memory"):
            await stream(home, "tts.it", "Hello")
        assert home.states.get("tts.it").state != STATE_UNAVAILABLE


async def test_a_server_that_does_not_stream(home: HomeAssistant) -> None:
    """A server that cannot stream is sent the whole text at once."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.append(await peer.read())
        await peer.write(START, CHUNK, AudioStop())

    old = program(anna="en")
    old.supports_synthesize_streaming = False
    async with one_server(home, "tts", Info(tts=[old]), script):
        data = await speak(home, "tts.it", ["Hello ", "you"])

    assert read_wav(data)[1].tobytes() == b"abcd"
    assert (heard[0].type, heard[0].data["text"]) == ("synthesize", "Hello you")
