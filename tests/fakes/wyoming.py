"""A Wyoming server on loopback that does what a test scripts, however wrong."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from wyoming.event import Event, Eventable, async_read_event, async_write_event
from wyoming.info import AsrModel, AsrProgram, Attribution, Info, TtsProgram, TtsVoice

ATTRIBUTION = Attribution(name="Test", url="https://example.org")


@dataclass(slots=True)
class Peer:
    """One client of the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> Event:
        """Return the next event; ends the script when the client has gone."""
        event = await async_read_event(self.reader)
        if event is None:
            raise ConnectionResetError
        return event

    async def read_until(self, *types: str) -> list[Event]:
        """Return the events up to the first of one of `types`."""
        events = [await self.read()]
        while events[-1].type not in types:
            events.append(await self.read())
        return events

    async def write(self, *events: Eventable) -> None:
        """Send events."""
        for event in events:
            await async_write_event(event.event(), self.writer)

    async def hang(self) -> None:
        """Say nothing more until the client goes."""
        await self.reader.read()


@dataclass(slots=True)
class FakeWyoming:
    """Where the server listens."""

    host: str
    port: int


@asynccontextmanager
async def serve(
    script: Callable[[Peer], Awaitable[None]], port: int = 0
) -> AsyncGenerator[FakeWyoming]:
    """Run `script` for each client of a server, on a free port if none is given."""
    clients: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        clients.add(task)
        try:
            await script(Peer(reader, writer))
        except ConnectionError:
            pass
        finally:
            clients.discard(task)
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", port)
    try:
        yield FakeWyoming(*server.sockets[0].getsockname())
    finally:
        server.close()
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


def asr(*languages: str, installed: bool = True, **flags: bool) -> AsrProgram:
    """Return a speech-to-text program with one model."""
    model = AsrModel(
        name="model",
        attribution=ATTRIBUTION,
        installed=installed,
        description=None,
        version=None,
        languages=list(languages),
    )
    return AsrProgram(
        name="Listener",
        attribution=ATTRIBUTION,
        installed=installed,
        description=None,
        version="1.2",
        models=[model],
        **flags,
    )


def tts(**voices: str) -> TtsProgram:
    """Return a text-to-speech program; the arguments are voice=language."""
    return TtsProgram(
        name="Speaker",
        attribution=ATTRIBUTION,
        installed=True,
        description=None,
        version="3.4",
        voices=[
            TtsVoice(
                name=name,
                attribution=ATTRIBUTION,
                installed=True,
                description=f"The voice {name}",
                version=None,
                languages=[language],
            )
            for name, language in voices.items()
        ],
        supports_synthesize_streaming=True,
    )


def describing(info: Info) -> Callable[[Peer], Awaitable[None]]:
    """Return the script of a server that only says what it is."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.read_until("describe")
            await peer.write(info)

    return script
