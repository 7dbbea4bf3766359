"""Who an agent is, and where it is spoken to."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.conversation import ConversationInput
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import TemplateError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import template

from ..const import DOMAIN
from ..errors import PromptTemplateError
from .outside_text import MAX_NAME, one_line


def render(hass: HomeAssistant, prompt: str, variables: Mapping[str, Any]) -> str:
    """Render a prompt that may be a template.

    Raises:
        PromptTemplateError: the template fails.
    """
    if not prompt:
        return ""
    variables = {"ha_name": hass.config.location_name, **variables}
    try:
        rendered: str = template.Template(prompt, hass).async_render(variables, parse_result=False)
    except TemplateError as err:
        raise PromptTemplateError(message=str(err)) from err
    return rendered


async def async_persona(hass: HomeAssistant, prompt: str, user_input: ConversationInput) -> str:
    """Render a prompt with all the variables Home Assistant offers in one.

    Raises:
        PromptTemplateError: the template fails.
    """
    if not prompt:
        return ""
    user_id = user_input.context.user_id
    user = await hass.auth.async_get_user(user_id) if user_id else None
    variables = {
        "user_name": one_line(user.name, MAX_NAME) if user else None,
        "llm_context": user_input.as_llm_context(DOMAIN),
    }
    return render(hass, prompt, variables)


def area_id(hass: HomeAssistant, user_input: ConversationInput) -> str | None:
    """Return the area of the device that is spoken to."""
    satellite = er.async_get(hass).async_get(user_input.satellite_id or "")
    if satellite and satellite.area_id:
        return satellite.area_id
    device = dr.async_get(hass).async_get(user_input.device_id) if user_input.device_id else None
    return dr.async_get_effective_area_id(hass, device) if device else None


def room(hass: HomeAssistant, user_input: ConversationInput) -> str | None:
    """Return the room, and its floor, of the device that is spoken to."""
    found = area_id(hass, user_input)
    area = ar.async_get(hass).async_get_area(found) if found else None
    if area is None:
        return None
    floor = fr.async_get(hass).async_get_floor(area.floor_id) if area.floor_id else None
    name = one_line(area.name, MAX_NAME)
    return f"{name} ({one_line(floor.name, MAX_NAME)})" if floor else name
