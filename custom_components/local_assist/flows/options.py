"""What can be chosen for a house as a whole."""

from typing import Any

import voluptuous as vol
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

from ..const import CONF_PAGE, DEFAULT_PAGE


class HouseOptionsFlow(OptionsFlow):
    """One form. The entry reloads itself when its options change."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose whether the page is in the sidebar."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        shown = self.config_entry.options.get(CONF_PAGE, DEFAULT_PAGE)
        return self.async_show_form(
            step_id="init", data_schema=vol.Schema({vol.Required(CONF_PAGE, default=shown): bool})
        )
