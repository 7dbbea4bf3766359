"""Who speaks, as far as facts can be theirs."""

from homeassistant.core import Context, HomeAssistant

from .facts import HOUSEHOLD, Person


async def async_speaker(hass: HomeAssistant, context: Context | None) -> Person:
    """Return whose facts may be told in a context; `HOUSEHOLD` if nobody knows who it is.

    A user that an integration made for itself is nobody: all phones of VoIP speak as one.
    """
    if context is None or context.user_id is None:
        return HOUSEHOLD
    user = await hass.auth.async_get_user(context.user_id)
    return HOUSEHOLD if user and user.system_generated else context.user_id
