"""What a synthesis sends, what comes out, and how it ends."""

import asyncio
import io
import wave
from collections.abc import AsyncGenerator

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import SynthesizeStopped, SynthesizeVoice

from custom_components.local_assist.errors import (
    SpeechClosedError,
    SpeechConnectError,
    SpeechProtocolError,
    SpeechServerError,
    SpeechTimeoutError,
)
from custom_components.local_assist.speech import wyoming_client
from custom_components.local_assist.speech.synthesizer import stream, synthesize
from custom_components.local_assist.speech.wyoming_client import SpeechServer
from tests.fakes.wyoming import FakeWyoming, Peer, serve

pytestmark = pytest.mark.usefixtures("socket_enabled")

START = AudioStart(rate=22050, width=2, channels=1)


def chunk(audio: bytes) -> AudioChunk:
    """Chunk."""
    return AudioChunk(rate=22050, width=2, channels=1, audio=audio)


def at(server: FakeWyoming) -> SpeechServer:
    """At."""
    return SpeechServer("tts", server.host, server.port)


async def say(*texts: str) -> AsyncGenerator[str]:
    """Say."""
    for text in texts:
        yield text


def read_wav(data: bytes) -> tuple[int, bytes]:
    """Return sample rate and audio of a WAV file."""
    with wave.open(io.BytesIO(data)) as file:
        return file.getframerate(), file.readframes(file.getnframes())


async def test_whole_text() -> None:
    """Whole text."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.append(await peer.read())
        await peer.write(START, chunk(b"abcd"), chunk(b"ef"), AudioStop())

    async with serve(script) as server:
        data = await synthesize(at(server), "Hello", SynthesizeVoice("anna", speaker="low"))

    assert read_wav(data) == (22050, b"abcdef")
    assert heard[0].data["text"] == "Hello"
    assert heard[0].data["voice"] == {"name": "anna", "speaker": "low"}


async def test_nothing_to_say_is_an_empty_file() -> None:
    """Nothing to say is an empty file."""

    async def script(peer: Peer) -> None:
        await peer.read()
        await peer.write(START, AudioStop())

    async with serve(script) as server:
        assert read_wav(await synthesize(at(server), "", None)) == (22050, b"")


async def test_streamed_text() -> None:
    """Streamed text."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.extend(await peer.read_until("synthesize-stop"))
        await peer.write(START, chunk(b"abcd"), chunk(b""), START, chunk(b"ef"), AudioStop())
        await peer.write(SynthesizeStopped())

    async with serve(script) as server:
        audio = await stream(at(server), say("Hello ", "you"), SynthesizeVoice(language="de"))
        parts = [part async for part in audio]

    assert read_wav(parts[0]) == (22050, b"")
    assert parts[1:] == [b"abcd", b"ef"]
    assert [event.type for event in heard] == [
        "synthesize-start",
        "synthesize-chunk",
        "synthesize-chunk",
        "synthesize-stop",
    ]
    assert heard[0].data["voice"] == {"language": "de"}
    assert [event.data["text"] for event in heard[1:3]] == ["Hello ", "you"]


async def test_how_to_speak() -> None:
    """How to speak goes along with the text, and not a word of it if nothing was asked for."""
    heard: list[Event] = []

    async def script(peer: Peer) -> None:
        heard.append((await peer.read_until("synthesize", "synthesize-stop"))[0])
        await peer.write(START, chunk(b"ab"), AudioStop(), SynthesizeStopped())

    async with serve(script) as server:
        for context in ({"speed": 2.0}, None):
            await synthesize(at(server), "Hello", None, context)
            audio = await stream(at(server), say("Hello"), None, context)
            assert [part async for part in audio][1:] == [b"ab"]

    assert [event.type for event in heard] == ["synthesize", "synthesize-start"] * 2
    assert [event.data.get("context") for event in heard[:2]] == [{"speed": 2.0}] * 2
    assert not any("context" in event.data for event in heard[2:])


async def test_audio_comes_before_the_text_has_ended() -> None:
    """Audio comes before the text has ended."""
    more = asyncio.Event()

    async def write_slowly() -> AsyncGenerator[str]:
        yield "One. "
        await more.wait()
        yield "Two."

    async def script(peer: Peer) -> None:
        await peer.read_until("synthesize-chunk")
        await peer.write(START, chunk(b"1111"))
        await peer.read_until("synthesize-stop")
        await peer.write(chunk(b"2222"), AudioStop(), SynthesizeStopped())

    async with serve(script) as server:
        audio = await stream(at(server), write_slowly(), None)
        await anext(audio)
        assert await anext(audio) == b"1111"
        more.set()
        assert [part async for part in audio] == [b"2222"]


@pytest.mark.parametrize("started", [False, True])
async def test_stalled_stream(monkeypatch: pytest.MonkeyPatch, started: bool) -> None:
    """Stalled stream."""
    monkeypatch.setattr(wyoming_client, "ANSWER_TIMEOUT", 0.1)

    async def script(peer: Peer) -> None:
        if started:
            await peer.write(START, chunk(b"abcd"))
        await peer.hang()

    async with serve(script) as server:
        audio = await stream(at(server), say("Hello"), None)
        with pytest.raises(SpeechTimeoutError):
            [part async for part in audio]


async def test_a_writer_that_pauses_does_not_use_up_the_servers_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A writer that pauses does not use up the servers time."""
    monkeypatch.setattr(wyoming_client, "ANSWER_TIMEOUT", 0.1)

    async def think() -> AsyncGenerator[str]:
        await asyncio.sleep(0.4)
        yield "Done."

    async def script(peer: Peer) -> None:
        await peer.read_until("synthesize-stop")
        await peer.write(START, chunk(b"abcd"), AudioStop(), SynthesizeStopped())

    async with serve(script) as server:
        parts = [part async for part in await stream(at(server), think(), None)]

    assert parts[1:] == [b"abcd"]


async def test_error_in_the_middle() -> None:
    """Error in the middle."""

    async def script(peer: Peer) -> None:
        await peer.write(START, chunk(b"abcd"), Error(text="out of memory", code="synthesis"))

    async with serve(script) as server:
        audio = await stream(at(server), say("Hello"), None)
        await anext(audio)
        assert await anext(audio) == b"abcd"
        with pytest.raises(SpeechServerError) as raised:
            await anext(audio)

    assert raised.value.placeholders["message"] == "out of memory"


async def test_a_cut_stream_is_no_answer() -> None:
    """A cut stream is no answer."""

    async def script(peer: Peer) -> None:
        await peer.write(START, chunk(b"abcd"), AudioStop())

    async with serve(script) as server:
        audio = await stream(at(server), say("Hello"), None)
        with pytest.raises(SpeechClosedError):
            [part async for part in audio]


@pytest.mark.parametrize(
    "events",
    [
        (AudioStart(rate=0, width=2, channels=1),),
        (AudioStart(rate=22050, width=9, channels=1),),
        (START, AudioStart(rate=16000, width=2, channels=1)),
    ],
)
async def test_audio_that_fits_no_file(events: tuple[AudioStart, ...]) -> None:
    """Audio that fits no file."""

    async def script(peer: Peer) -> None:
        await peer.write(*events, SynthesizeStopped())

    async with serve(script) as server:
        audio = await stream(at(server), say("Hello"), None)
        with pytest.raises(SpeechProtocolError):
            [part async for part in audio]


async def test_a_broken_text_breaks_the_speech() -> None:
    """A broken text breaks the speech."""

    async def broken() -> AsyncGenerator[str]:
        yield "Hello"
        raise RuntimeError("model gone")

    async with serve(Peer.hang) as server:
        audio = await stream(at(server), broken(), None)
        with pytest.raises(RuntimeError, match="model gone"):
            await anext(audio)


async def test_nobody_there(unused_tcp_port: int) -> None:
    """Nobody there."""
    server = SpeechServer("tts", "127.0.0.1", unused_tcp_port)

    with pytest.raises(SpeechConnectError):
        await synthesize(server, "Hello", None)
    with pytest.raises(SpeechConnectError):
        await stream(server, say("Hello"), None)


async def test_dropping_the_stream_hangs_up() -> None:
    """Dropping the stream hangs up."""
    gone = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.read_until("synthesize-stop")
        await peer.write(START, chunk(b"abcd"))
        await peer.hang()
        gone.set()

    async with serve(script) as server:
        audio = await stream(at(server), say("Hello"), None)
        await anext(audio)
        await audio.aclose()
        async with asyncio.timeout(2):
            assert await gone.wait()
