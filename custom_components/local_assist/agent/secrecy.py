"""Taking a PIN that was said out of what Home Assistant keeps of the sentence."""

from dataclasses import replace
from typing import Any

from homeassistant.components import conversation
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.core import HomeAssistant, callback

from ..pipeline_runs import events_of, find_run

HIDDEN = "••••"


@callback
def hide(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    hidden: str,
) -> None:
    """Put another text in the place of what was just said.

    It stands in the chat log, in the last conversation traces and in the events of the pipeline's
    run, all of them in memory. The log files have it only at the level of debugging.
    """
    last = chat_log.content[-1]
    if isinstance(last, conversation.UserContent):
        chat_log.content[-1] = replace(last, content=hidden)
    kept = [event.data for trace in async_get_traces() for event in trace._events]  # noqa: SLF001
    kept += [event.data for event in events_of(hass, find_run(hass, user_input))]
    for data in kept:
        _replace(data or {}, user_input.text, hidden)


def _replace(data: dict[str, Any], spoken: str, hidden: str) -> None:
    for key, value in data.items():
        if value == spoken:
            data[key] = hidden
        elif isinstance(value, dict):
            _replace(value, spoken, hidden)
