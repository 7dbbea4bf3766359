"""Home Assistant's platform for what integrations offer to language models: ours, and others'."""

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext

from .agent.memory_tools import MEMORY_TOOLS
from .const import DOMAIN
from .knowledge.tool import tools as knowledge_tools


@callback
def async_get_tools(
    hass: HomeAssistant,
    llm_context: LLMContext,  # noqa: ARG001 - for everybody; what they see differs with the call
    api_id: str,
) -> LLMTools | None:
    """Return our tools while there is a house: with Assist's API, for any agent."""
    # Not only while it is loaded: the head of a prompt is read before that, and must be the same.
    houses = hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False)
    if api_id != LLM_API_ASSIST or not houses:
        return None
    return LLMTools(tools=[*MEMORY_TOOLS, *knowledge_tools(hass)])
