"""What a transcription sends, and how it ends."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from wyoming.asr import Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.error import Error
from wyoming.event import Event

from custom_components.local_assist.errors import (
    SpeechClosedError,
    SpeechConnectError,
    SpeechServerError,
    SpeechTimeoutError,
)
from custom_components.local_assist.speech import recognizer, wyoming_client
from custom_components.local_assist.speech.recognizer import transcribe
from custom_components.local_assist.speech.wyoming_client import SpeechServer
from tests.fakes.wyoming import Peer, serve

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def speak(*chunks: bytes) -> AsyncGenerator[bytes]:
    """Speak."""
    for chunk in chunks:
        yield chunk


async def speak_for_ever() -> AsyncGenerator[bytes]:
    """Speak for ever."""
    while True:
        yield bytes(320)
        await asyncio.sleep(0.001)


async def test_sends_the_audio_and_returns_the_transcript() -> None:
    """Sends the audio and returns the transcript."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.extend(await peer.read_until("audio-stop"))
        await peer.write(TranscriptStart(), TranscriptChunk(text="lights"), Transcript("lights on"))

    async with serve(script) as server:
        text = await transcribe(
            SpeechServer("stt", server.host, server.port), speak(b"ab", b"cd"), "de"
        )

    assert text == "lights on"
    assert [event.type for event in heard] == [
        "transcribe",
        "audio-start",
        "audio-chunk",
        "audio-chunk",
        "audio-stop",
    ]
    assert heard[0].data == {"language": "de"}
    assert heard[1].data | {"timestamp": None} == {
        "rate": 16000,
        "width": 2,
        "channels": 1,
        "timestamp": None,
    }
    assert [event.payload for event in heard[2:4]] == [b"ab", b"cd"]


async def test_first_transcript_wins_while_audio_still_comes() -> None:
    """First transcript wins while audio still comes."""

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-chunk")
        await peer.write(Transcript("stop"))
        await peer.hang()

    async with serve(script) as server:
        text = await transcribe(
            SpeechServer("stt", server.host, server.port), speak_for_ever(), None
        )

    assert text == "stop"


async def test_a_transcript_sent_just_before_hanging_up_counts() -> None:
    """A transcript sent just before hanging up counts."""

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-stop")
        await peer.write(Transcript("lights on"))

    async with serve(script) as server:
        text = await transcribe(SpeechServer("stt", server.host, server.port), speak(b"ab"), None)

    assert text == "lights on"


async def test_no_transcript_after_the_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transcript after the audio."""
    monkeypatch.setattr(wyoming_client, "ANSWER_TIMEOUT", 0.1)

    async with serve(Peer.hang) as server:
        with pytest.raises(SpeechTimeoutError):
            await transcribe(SpeechServer("stt", server.host, server.port), speak(b"ab"), None)


async def test_no_transcript_during_endless_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transcript during endless audio."""
    monkeypatch.setattr(wyoming_client, "SENDING_TIMEOUT", 0.1)

    async with serve(Peer.hang) as server:
        with pytest.raises(SpeechTimeoutError):
            await transcribe(SpeechServer("stt", server.host, server.port), speak_for_ever(), None)


async def test_a_server_that_only_ever_says_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An utterance has an end also where the server, which is to find it, talks on and on."""
    monkeypatch.setattr(recognizer, "UTTERANCE_TIMEOUT", 0.3)

    async def script(peer: Peer) -> None:
        await peer.write(TranscriptStart())
        while True:
            await peer.write(TranscriptChunk("and"))
            await asyncio.sleep(0.01)

    async with serve(script) as server:
        with pytest.raises(SpeechTimeoutError):
            await transcribe(SpeechServer("stt", server.host, server.port), speak_for_ever(), None)


async def test_parts_before_the_transcript_do_not_count() -> None:
    """A transcript told in parts while the person speaks is the one that comes at the end."""

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-chunk")
        await peer.write(
            TranscriptStart(),
            TranscriptChunk("lights"),
            TranscriptChunk(" on"),
            TranscriptStop(),
            Transcript("lights on"),
        )
        await peer.hang()

    async with serve(script) as server:
        text = await transcribe(
            SpeechServer("stt", server.host, server.port), speak_for_ever(), None
        )

    assert text == "lights on"


async def test_a_timeout_of_the_audio_is_not_the_servers() -> None:
    """What breaks the audio is told as it is."""

    async def break_off() -> AsyncGenerator[bytes]:
        yield bytes(320)
        raise TimeoutError

    async with serve(Peer.hang) as server:
        with pytest.raises(TimeoutError):
            await transcribe(SpeechServer("stt", server.host, server.port), break_off(), None)


async def test_tells_the_names_of_the_house() -> None:
    """The names to expect go with the request, in their order."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.extend(await peer.read_until("audio-stop"))
        await peer.write(Transcript("lights on"))

    async with serve(script) as server:
        address = SpeechServer("stt", server.host, server.port)
        await transcribe(address, speak(b"ab"), None, ["Kitchen", "Küche"])

    assert heard[0].data == {"transcript_names": ["Kitchen", "Küche"]}


async def test_a_slow_speaker_does_not_use_up_the_servers_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow speaker does not use up the servers time."""
    monkeypatch.setattr(wyoming_client, "ANSWER_TIMEOUT", 0.2)

    async def speak_slowly() -> AsyncGenerator[bytes]:
        for _ in range(5):
            await asyncio.sleep(0.1)
            yield b"ab"

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-stop")
        await peer.write(Transcript("at last"))

    async with serve(script) as server:
        text = await transcribe(SpeechServer("stt", server.host, server.port), speak_slowly(), None)

    assert text == "at last"


async def test_the_servers_error_is_raised() -> None:
    """The servers error is raised."""

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-chunk")
        await peer.write(Error(text="no model", code="model"))

    async with serve(script) as server:
        with pytest.raises(SpeechServerError) as raised:
            await transcribe(SpeechServer("stt", server.host, server.port), speak(b"ab"), None)

    assert raised.value.placeholders["message"] == "no model"


async def test_a_server_that_hangs_up() -> None:
    """A server that hangs up."""

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-stop")

    async with serve(script) as server:
        with pytest.raises(SpeechClosedError):
            await transcribe(SpeechServer("stt", server.host, server.port), speak(b"ab"), None)


async def test_nobody_there(unused_tcp_port: int) -> None:
    """Nobody there."""
    with pytest.raises(SpeechConnectError):
        await transcribe(SpeechServer("stt", "127.0.0.1", unused_tcp_port), speak(b"ab"), None)
