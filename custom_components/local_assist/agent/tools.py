"""Calling Home Assistant's tools for a model, with the guard around them."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import probatio
from homeassistant.components import conversation
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm

from ..const import DOMAIN, LOGGER
from ..guard.watched import gated
from .consenting import say
from .guarding import Act, Guarding


class HouseTools:
    """The tools of an LLM API. A call never raises: the model is told what went wrong.

    What needs a person's word is not done, and asked for in `settle`.
    """

    def __init__(self, api: llm.APIInstance, guarding: Guarding) -> None:
        self._api = api
        self._guarding = guarding

    async def review(self, calls: Sequence[llm.ToolInput]) -> dict[str, llm.ToolResult]:
        """Return results in the place of the calls that are not to be made now, by their id."""
        return await self._guarding.review(self._api, calls)

    async def call(self, tool_input: llm.ToolInput) -> llm.ToolResult:
        """Call one tool and return its result, or its error as a result."""
        # Tools act through the Home Assistant they are handed. Also one that nobody could foresee
        # is held back at the very action.
        api = copy.copy(self._api.api)
        api.hass = gated(self._guarding.hass, partial(self._guarding.gate, tool_input))
        try:
            result = await replace(self._api, api=api).async_call_tool(tool_input)
        except (HomeAssistantError, probatio.Invalid) as err:
            result = _failed(err)
        except Exception as err:  # noqa: BLE001 - tools come from any integration
            LOGGER.exception("Tool %s failed", tool_input.tool_name)
            result = _failed(err)
        return self._guarding.holds(tool_input) or result

    async def settle(self) -> str | None:
        """Return what is said instead of going on, if anything was held back."""
        return await self._guarding.settle(self._again)

    def _again(self, calls: Sequence[llm.ToolInput]) -> Act:
        """Return what makes the calls that were held back, once the person agreed."""

        async def act(
            guarding: Guarding,
            user_input: conversation.ConversationInput,
            chat_log: conversation.ChatLog,
        ) -> conversation.ConversationResult:
            api = replace(self._api, llm_context=user_input.as_llm_context(DOMAIN))
            tools = HouseTools(api, guarding)
            again = [replace(call, id=llm.ToolInput(call.tool_name, {}).id) for call in calls]
            held = await tools.review(again)
            results = [held.get(call.id) or await tools.call(call) for call in again]
            _log(user_input, chat_log, again, results)
            question = await tools.settle()
            failed = any(result.error for result in results)
            key = "guard_failed" if failed else "guard_done"
            text = question or await guarding.spoken(key)
            return say(text, user_input, chat_log, failed=failed and not question)

        return act


def _log(
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    calls: list[llm.ToolInput],
    results: Sequence[llm.ToolResult],
) -> None:
    agent_id = user_input.agent_id
    chat_log.async_add_assistant_content_without_tools(
        conversation.AssistantContent(agent_id=agent_id, tool_calls=calls)
    )
    for call, result in zip(calls, results, strict=True):
        chat_log.async_add_assistant_content_without_tools(
            conversation.ToolResultContent(
                agent_id=agent_id, tool_call_id=call.id, tool_name=call.tool_name, result=result
            )
        )


def _failed(err: Exception) -> llm.ToolResult:
    return llm.ToolResult(data={"error": type(err).__name__, "error_text": str(err)}, error=True)
