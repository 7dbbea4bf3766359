"""Sets Local Assist up through its real config flow, as a person would in the web interface."""

import asyncio
import time
from typing import Any

from demo.driver.errors import DemoError
from demo.driver.home_assistant import HomeAssistant

FLOW = "/api/config/config_entries/flow"
SEARCH_TIMEOUT = 30.0
PIPELINE_TIMEOUT = 30.0


async def set_up(home: HomeAssistant, *, stt: str, tts: str, ollama: str | None) -> None:
    """Walk through every step of the flow and wait for the pipeline it makes.

    Args:
        home: the running Home Assistant.
        stt: `host:port` of the speech-to-text server.
        tts: `host:port` of the text-to-speech server.
        ollama: address of the Ollama server; None sets the house up without one.

    Raises:
        DemoError: the flow did not take an answer, or made no pipeline.
    """
    answers = {
        "user": lambda _: {"next_step_id": "ollama" if ollama else "without_ollama"},
        "ollama": lambda _: {"url": ollama},
        "model": _defaults,
        "speech": lambda _: {"stt": stt, "tts": tts},
        "finish": lambda step: _defaults(step) | {"preferred": True},
    }
    step = await home.post(FLOW, {"handler": "local_assist"})
    while step["type"] != "create_entry":
        if step["type"] == "progress":
            step = await _after_progress(home, step)
        elif step["step_id"] not in answers or step.get("errors"):
            raise DemoError(f"Set-up stopped at '{step['step_id']}': {step.get('errors') or step}")
        else:
            step = await home.post(f"{FLOW}/{step['flow_id']}", answers[step["step_id"]](step))
        if step["type"] == "abort":
            raise DemoError(f"Set-up was aborted: {step['reason']}")
    await _wait_for_pipeline(home)


def _defaults(step: dict[str, Any]) -> dict[str, Any]:
    """Answer a form with what it proposes."""
    return {field["name"]: field["default"] for field in step["data_schema"] if "default" in field}


async def _after_progress(home: HomeAssistant, step: dict[str, Any]) -> dict[str, Any]:
    """Wait for the step that follows a spinner."""
    deadline = time.monotonic() + SEARCH_TIMEOUT
    while time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        current: dict[str, Any] = await home.get(f"{FLOW}/{step['flow_id']}")
        if current["type"] != "progress":
            return current
    raise DemoError(f"Set-up hung in '{step['step_id']}' for {SEARCH_TIMEOUT:.0f} s.")


async def _wait_for_pipeline(home: HomeAssistant) -> None:
    """Wait until the preferred pipeline is one of ours, all three parts of it."""
    deadline = time.monotonic() + PIPELINE_TIMEOUT
    while time.monotonic() < deadline:
        pipelines = await home.call("assist_pipeline/pipeline/list")
        preferred = next(
            item for item in pipelines["pipelines"] if item["id"] == pipelines["preferred_pipeline"]
        )
        ours = preferred["conversation_engine"].startswith("conversation.local_assist")
        if ours and preferred["stt_engine"] and preferred["tts_engine"]:
            return
        await asyncio.sleep(0.2)
    raise DemoError("Set-up ended, but no Assist pipeline came of it.")
