"""Calling Home Assistant's tools for a model."""

import probatio
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm

from ..const import LOGGER


class HouseTools:
    """The tools of an LLM API. A call never raises: the model is told what went wrong."""

    def __init__(self, api: llm.APIInstance) -> None:
        self._api = api

    async def call(self, tool_input: llm.ToolInput) -> llm.ToolResult:
        """Call one tool and return its result, or its error as a result."""
        try:
            return await self._api.async_call_tool(tool_input)
        except (HomeAssistantError, probatio.Invalid) as err:
            return _failed(err)
        except Exception as err:  # noqa: BLE001 - tools come from any integration
            LOGGER.exception("Tool %s failed", tool_input.tool_name)
            return _failed(err)


def _failed(err: Exception) -> llm.ToolResult:
    return llm.ToolResult(data={"error": type(err).__name__, "error_text": str(err)}, error=True)
