"""One spoken utterance through the Assist pipeline, as a satellite runs it, and what came of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av

from demo.driver.errors import DemoError
from demo.driver.home_assistant import HomeAssistant
from demo.driver.wav import RATE, Utterance

FRAME_SECONDS = 0.02
FRAME_BYTES = int(RATE * FRAME_SECONDS) * 2
RUN_TIMEOUT = 120.0
SETTLE_SECONDS = 0.5
"""How long after the reply a change may still arrive that the utterance caused."""
WAV_HEADER_BYTES = 44
TURN_EVENT = "local_assist_turn"


async def speak(home: HomeAssistant, utterance: Utterance, replies: Path) -> dict[str, Any]:
    """Run one utterance in real time and report it.

    `changed` holds what changed meanwhile of the things exposed to Assist: not every integration
    says who caused a change, and nothing else acts in the demo house.

    Returns:
        What `script/demo --once` prints for it; `error` only when a stage failed.
    """
    run = _Run(home, utterance, replies)
    exposed = await home.call("homeassistant/expose_entity/list")
    house = {
        entity_id
        for entity_id, assistants in exposed["exposed_entities"].items()
        if assistants.get("conversation")
    }
    async with _recorded(home, "state_changed") as changes, _recorded(home, TURN_EVENT) as turns:
        try:
            async with asyncio.timeout(RUN_TIMEOUT):
                await run.perform()
        except TimeoutError:
            run.error = f"no end of the run after {RUN_TIMEOUT:.0f} s"
        except DemoError as err:
            run.error = str(err)
        await asyncio.sleep(SETTLE_SECONDS)
    return run.report(_changed(changes, house), turns)


@asynccontextmanager
async def _recorded(home: HomeAssistant, event_type: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Collect the events of one type while the block runs."""
    events: list[dict[str, Any]] = []
    async with home.subscribe("subscribe_events", event_type=event_type) as queue:
        yield events
        while not queue.empty():
            events.append(queue.get_nowait()["data"])


class _Run:
    """One pipeline run: sends the microphone, follows the events, fetches the reply's audio."""

    def __init__(self, home: HomeAssistant, utterance: Utterance, replies: Path) -> None:
        self._home = home
        self._utterance = utterance
        self._replies = replies
        self._microphone: asyncio.Task[None] | None = None
        self._player: asyncio.Task[dict[str, Any]] | None = None
        self._tts_url: str | None = None
        self._moments: dict[str, float] = {}
        self._transcript: str | None = None
        self._intent: dict[str, Any] = {}
        self._audio: dict[str, Any] | None = None
        self.error: str | None = None

    async def perform(self) -> None:
        """Run until the pipeline ended and the reply is fetched."""
        try:
            async with self._home.subscribe(
                "assist_pipeline/run",
                start_stage="stt",
                end_stage="tts",
                input={"sample_rate": RATE},
            ) as events:
                while (event := await events.get())["type"] != "run-end":
                    self._follow(event["type"], event.get("data") or {})
            if self._player is not None:
                self._audio = await self._player
        finally:
            for task in (self._microphone, self._player):
                if task is not None:
                    task.cancel()

    def _follow(self, type_: str, data: dict[str, Any]) -> None:
        self._moments.setdefault(type_, time.monotonic())
        match type_:
            case "run-start":
                self._tts_url = data.get("tts_output", {}).get("url")
                handler = data["runner_data"]["stt_binary_handler_id"]
                self._microphone = asyncio.create_task(self._listen(handler))
            case "stt-vad-end":
                self._stop_listening()
            case "stt-end":
                self._transcript = data["stt_output"]["text"]
                self._stop_listening()
            case "intent-progress" if data.get("tts_start_streaming"):
                self._play()
            case "intent-end":
                self._intent = data
            case "tts-end":
                self._tts_url = data["tts_output"]["url"]
                self._play()
            case "error":
                self.error = f"{data['code']}: {data['message']}"
                self._stop_listening()

    async def _listen(self, handler: int) -> None:
        """Send the utterance in real time, then silence, as an open microphone would."""
        start = time.monotonic()
        self._moments["speech-end"] = start + self._utterance.speech_end
        frame = 0
        while True:
            pcm = self._utterance.pcm[frame * FRAME_BYTES : (frame + 1) * FRAME_BYTES]
            await self._home.send_audio(handler, pcm.ljust(FRAME_BYTES, b"\0"))
            frame += 1
            await asyncio.sleep(start + frame * FRAME_SECONDS - time.monotonic())

    def _stop_listening(self) -> None:
        if self._microphone is not None:
            self._microphone.cancel()

    def _play(self) -> None:
        if self._player is None and self._tts_url:
            self._player = asyncio.create_task(self._fetch(self._tts_url))

    async def _fetch(self, url: str) -> dict[str, Any]:
        path = self._replies / f"{self._utterance.name}{Path(url).suffix}"
        received = 0
        with path.open("wb") as file:
            async for chunk in self._home.download(url):
                received += len(chunk)
                if received > WAV_HEADER_BYTES:
                    self._moments.setdefault("first-audio", time.monotonic())
                file.write(chunk)
        return await asyncio.to_thread(_measure, path)

    def report(self, changed: list[dict[str, Any]], turns: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the line of JSON for this utterance."""
        response = self._intent.get("intent_output", {}).get("response", {})
        reply = response.get("speech", {}).get("plain", {}).get("speech")
        report = {
            "utterance": self._utterance.name,
            "transcript": self._transcript,
            "handled_by": turns[-1]["handled_by"] if turns else self._pipeline_handler(),
            "changed": changed,
            "reply": reply,
            "reply_audio": self._audio,
            "timings_ms": {
                "speech_end_to_transcript": self._between("speech-end", "stt-end"),
                "transcript_to_reply": self._between("stt-end", "intent-end"),
                "reply_to_first_audio": self._between("intent-end", "first-audio"),
                "total": self._between("speech-end", "first-audio"),
            },
        }
        if error := self.error or self._failure(response, reply):
            report["error"] = error
        return report

    def _pipeline_handler(self) -> str | None:
        """Name who answered when our agent was never asked."""
        return "home_assistant" if self._intent.get("processed_locally") else None

    def _failure(self, response: dict[str, Any], reply: str | None) -> str | None:
        """Say which stage did not do its work, if one did not."""
        if not self._transcript:
            return "nothing was understood"
        if response.get("response_type") == "error":
            return f"not handled: {response['data']['code']}"
        if not reply:
            return "there was no reply"
        if not self._audio or not self._audio["seconds"]:
            return "the reply had no sound"
        return None

    def _between(self, start: str, end: str) -> int | None:
        if start not in self._moments or end not in self._moments:
            return None
        return round((self._moments[end] - self._moments[start]) * 1000)


def _changed(events: list[dict[str, Any]], house: set[str]) -> list[dict[str, Any]]:
    """Return the first old and the last new value of each entity of the house that changed."""
    changed: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for event in events:
        entity_id, old, new = event["entity_id"], event["old_state"], event["new_state"]
        if entity_id in house and old and new:
            changed[entity_id] = (changed.get(entity_id, (old, new))[0], new)
    return [
        {"entity_id": entity_id, "from": before, "to": after}
        for entity_id, (old, new) in changed.items()
        for before, after in [_difference(old, new)]
        if before != after
    ]


def _difference(old: dict[str, Any], new: dict[str, Any]) -> tuple[Any, Any]:
    """Return the two states, or the attributes that differ where the state is the same."""
    if old["state"] != new["state"]:
        return old["state"], new["state"]
    names = {
        name
        for name in old["attributes"] | new["attributes"]
        if old["attributes"].get(name) != new["attributes"].get(name)
    }
    return (
        {name: old["attributes"].get(name) for name in sorted(names)},
        {name: new["attributes"].get(name) for name in sorted(names)},
    )


def _measure(path: Path) -> dict[str, Any]:
    """Decode the reply and return where it is, how long it is and its sample rate."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            samples = sum(frame.samples for frame in container.decode(stream))
            rate = stream.rate
    except (av.error.FFmpegError, IndexError) as err:
        raise DemoError(f"{path}: the reply is not readable audio ({err}).") from err
    return {"path": str(path), "seconds": round(samples / rate, 2), "sample_rate": rate}
