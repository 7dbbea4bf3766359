"""The text-to-speech entity: against the real server, and against servers that fail."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
import pytest
from homeassistant.components import tts
from homeassistant.components.tts.entity import TTSAudioRequest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry
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
TEXT = "The kitchen light is on."
DUO = "en_US-demo_duo-low"


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
    voices = {voice.voice_id: voice.name for voice in mouth.async_get_supported_voices("en_US")}
    assert voices == {
        "en_US-demo-low": "Demo (low)",
        DUO: "Demo Duo (low)",
        f"{DUO}#high": "Demo Duo (low) · speaker high",
        f"{DUO}#low": "Demo Duo (low) · speaker low",
    }
    assert list(voices.values()) == sorted(voices.values())
    assert mouth.async_get_supported_voices("de") is None

    low = await speak(home, "tts.mouth", "Hello.", voice=DUO, speaker="low")
    high = await speak(home, "tts.mouth", "Hello.", voice=DUO, speaker="high")
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


async def samples(hass: HomeAssistant, **options: Any) -> np.ndarray:
    """Return what the real server says."""
    return read_wav(await speak(hass, "tts.mouth", TEXT, **options))[1].astype(float)


@pytest.mark.usefixtures("house")
async def test_speed_and_volume(home: HomeAssistant) -> None:
    """Numbers may be written out; twice the speed is half the length, either way it is said."""
    usual = await samples(home)
    fast = await samples(home, speed="2")
    assert len(fast) == pytest.approx(len(usual) / 2, rel=0.15)
    assert np.array_equal(await samples(home, length_scale=0.5), fast)

    quiet = await samples(home, volume=0.5)
    assert np.abs(quiet - usual / 2).max() <= 0.02 * np.abs(usual).max()


@pytest.mark.usefixtures("house")
async def test_options_of_a_media_source(home: HomeAssistant) -> None:
    """The address of a media source carries options too."""
    query = "message=The+kitchen+light+is+on.&preferred_format=wav&cache=false"
    lengths = [
        len((await tts.async_get_media_source_audio(home, f"tts.mouth?{query}{more}"))[1])
        for more in ("", "&speed=2")
    ]
    assert lengths[1] == pytest.approx(lengths[0] / 2, rel=0.15)


async def test_defaults_are_heard_at_once(home: HomeAssistant, house: MockConfigEntry) -> None:
    """A changed default is heard, although the same text has just been said; a call overrides it.

    So does the other name of the pace.
    """
    (mouth,) = house.get_subentries_of_type("tts")
    usual = await samples(home)
    high = await samples(home, voice=f"{DUO}#high")
    quiet = await samples(home, volume=0.5)
    assert not np.array_equal(high, usual)

    settings = {"volume": 0.5, "speed": 2.0, "voices": {"en_US": f"{DUO}#high"}}
    home.config_entries.async_update_subentry(house, mouth, data={**mouth.data, **settings})
    await home.async_block_till_done()
    assert engine(home, "tts.mouth").default_options == settings

    changed = await samples(home)
    assert len(changed) == pytest.approx(len(high) / 2, rel=0.15)
    assert np.abs(changed).max() < 0.7 * np.abs(high).max()
    assert np.array_equal(await samples(home, volume=1, speed=1), high)
    assert np.array_equal(await samples(home, volume=1, length_scale=1), high)
    assert np.array_equal(await samples(home, speed=1, voice="en_US-demo-low"), quiet)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": "fast"}, "option speed must be a number from 0.25 to 4, not fast"),
        ({"speed": True}, "option speed must be a number"),
        ({"volume": 2.01}, "option volume must be a number from 0 to 2, not 2.01"),
        ({"noise_scale": "nan"}, "option noise_scale must be a number from 0 to 2, not nan"),
        ({"noise_w_scale": [1]}, "option noise_w_scale must"),
        ({"sentence_silence": -1}, "option sentence_silence must be a number from 0 to 10"),
        ({"speed": 1, "length_scale": 1}, "speed and length_scale say the same"),
    ],
)
async def test_a_bad_option_names_itself(
    home: HomeAssistant, options: dict[str, Any], message: str
) -> None:
    """Who asks for what makes no sense is told so, by the action already."""
    call = {
        "entity_id": "tts.mouth",
        "media_player_entity_id": "media_player.kitchen",
        "message": "Hello",
        "options": options,
    }
    with pytest.raises(ServiceValidationError, match=message):
        await home.services.async_call("tts", "speak", call, blocking=True)
    with pytest.raises(ServiceValidationError, match=message):
        await engine(home, "tts.mouth").async_get_tts_audio("Hello", "en_US", options)


@pytest.mark.parametrize(
    ("settings", "options", "told"),
    [
        ({}, {}, None),
        ({}, {"speed": None}, None),
        ({"speed": 1.5}, {"volume": "0.5"}, {"speed": 1.5, "volume": 0.5}),
        ({"speed": 1.5}, {"speed": 1}, {"speed": 1}),
        ({"speed": 1.5}, {"speed": None}, None),
        ({"speed": 1.5}, {"length_scale": 2}, {"length_scale": 2}),
        (
            {"sentence_silence": 0.5},
            {"noise_scale": 0, "noise_w_scale": 1},
            {"sentence_silence": 0.5, "noise_scale": 0, "noise_w_scale": 1},
        ),
    ],
)
async def test_only_what_was_set_is_sent(
    home: HomeAssistant,
    settings: dict[str, Any],
    options: dict[str, Any],
    told: dict[str, float] | None,
) -> None:
    """What nobody set is left to the server, which may know better."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.extend(await peer.read_until("synthesize-stop"))
        await peer.write(START, CHUNK, AudioStop(), SynthesizeStopped())

    async with one_server(home, "tts", Info(tts=[program(anna="en")]), script, **settings):
        await speak(home, "tts.it", "Hello", **options)

    assert heard[0].data.get("context") == told


async def test_the_voice_of_a_language(
    home: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Each language has its voice, unless a call names one; a voice that has gone is passed over.

    That is said once. The chosen voice is the first that is proposed.
    """
    heard: list[Any] = []

    async def script(peer: Peer) -> None:
        events = await peer.read_until("describe", "synthesize-stop")
        if events[-1].type == "describe":
            await peer.write(info)
            return
        heard.append(events[0].data["voice"])
        await peer.write(START, CHUNK, AudioStop(), SynthesizeStopped())

    info = Info(tts=[program(anna="en", zoe="en", bert="de")])
    chosen = {"en": "zoe", "de": "ida"}
    async with one_server(home, "tts", info, script, voices=chosen):
        it = engine(home, "tts.it")
        assert it.default_options == {"voices": {"en": "zoe"}}
        assert [each.voice_id for each in it.async_get_supported_voices("en")] == ["zoe", "anna"]
        await speak(home, "tts.it", "Hello")
        await speak(home, "tts.it", "Hello", speaker=3)
        await speak(home, "tts.it", "Hello", voice="anna")
        await speak(home, "tts.it", "Hallo", language="de")
        assert caplog.text.count("no longer has the voice ida") == 1

        for voices in ({}, {"mia": "en"}):
            info = Info(tts=[program(anna="en", bert="de", ida="de", **voices)])
            await it.coordinator.async_refresh()
        await speak(home, "tts.it", "Hello")
        await speak(home, "tts.it", "Hallo", language="de")
        assert caplog.text.count("no longer has the voice") == 2

    assert heard == [
        {"name": "zoe"},
        {"name": "zoe", "speaker": "3"},
        {"name": "anna"},
        {"language": "de"},
        {"language": "en"},
        {"name": "ida"},
    ]
