"""Taking a PIN that was said out of what Home Assistant keeps of the sentence."""

from dataclasses import replace
from typing import Any

from homeassistant.components import conversation
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.core import HomeAssistant, callback

HIDDEN = "••••"


@callback
def hide(hass: HomeAssistant, chat_log: conversation.ChatLog, spoken: str, hidden: str) -> None:
    """Put another text in the place of what was just said.

    It stands in the chat log, in the last conversation traces and in the debug runs of pipelines,
    all of them in memory. The log files have it only at the level of debugging.
    """
    last = chat_log.content[-1]
    if isinstance(last, conversation.UserContent):
        chat_log.content[-1] = replace(last, content=hidden)
    for trace in async_get_traces():
        for event in trace._events:  # noqa: SLF001 - it has no other way in
            _replace(event.data, spoken, hidden)
    pipelines = hass.data.get(KEY_ASSIST_PIPELINE)
    for runs in pipelines.pipeline_debug.values() if pipelines else ():
        for run in runs.values():
            for noted in run.events:
                _replace(noted.data, spoken, hidden)


def _replace(data: dict[str, Any] | None, spoken: str, hidden: str) -> None:
    for key, value in (data or {}).items():
        if value == spoken:
            (data or {})[key] = hidden
        elif isinstance(value, dict):
            _replace(value, spoken, hidden)
