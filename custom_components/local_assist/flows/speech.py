"""Adding and changing a speech server: the subentries `stt` and `tts`."""

import asyncio
from typing import Any

import voluptuous as vol
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)

from ..const import CONF_HOST, CONF_PORT
from ..errors import LocalAssistError
from ..speech.wyoming_client import SpeechServer
from .servers import LOCALHOST, FoundServer, browse, configured_as, probe, reach, server_selector

CONF_SERVER = "server"


class SpeechSubentryFlow(ConfigSubentryFlow):
    """Choose a server, found or typed in; the type of the subentry says for which service."""

    _search: asyncio.Task[list[FoundServer]] | None = None

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Look for servers, then let the person choose."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        return await self.async_step_search()

    async def async_step_search(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show that we look."""
        if self._search is None:
            self._search = self.hass.async_create_task(self._find())
            searching = True
        else:
            searching = not self._search.done()
        if searching:
            return self.async_show_progress(
                step_id="search", progress_action="search", progress_task=self._search
            )
        return self.async_show_progress_done(next_step_id="server")

    async def _find(self) -> list[FoundServer]:
        return await probe(await browse(self.hass), (LOCALHOST,), self.hass)

    async def async_step_server(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the server."""
        found = self._search.result() if self._search else []
        return await self._choose("server", user_input, found)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the address."""
        return await self._choose("reconfigure", user_input, [])

    async def _choose(
        self, step_id: str, user_input: dict[str, Any] | None, found: list[FoundServer]
    ) -> SubentryFlowResult:
        role = self._subentry_type
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            address = user_input[CONF_SERVER]
            try:
                return self._save(await reach(role, address, found))
            except ValueError:
                errors[CONF_SERVER], placeholders = "invalid_address", {"address": address}
            except LocalAssistError as err:
                errors[CONF_SERVER], placeholders = err.key, err.placeholders
        new = [item for item in found if not configured_as(self.hass, item.server, item.unique_id)]
        schema = vol.Schema({vol.Required(CONF_SERVER): server_selector(new, role)})
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or {CONF_SERVER: self._suggestion(new)}
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _suggestion(self, found: list[FoundServer]) -> str | None:
        """Return the address to start from."""
        role = self._subentry_type
        if self.source != SOURCE_USER:
            data = self._get_reconfigure_subentry().data
            return str(SpeechServer(role, data[CONF_HOST], data[CONF_PORT]))
        return next((str(item.server) for item in found if item.server.role == role), None)

    def _save(self, found: FoundServer) -> SubentryFlowResult:
        data = {CONF_HOST: found.server.host, CONF_PORT: found.server.port}
        known = configured_as(self.hass, found.server, found.unique_id)
        if self.source == SOURCE_USER:
            if known:
                return self.async_abort(reason="already_configured")
            return self.async_create_entry(title=found.title, data=data, unique_id=found.unique_id)
        subentry = self._get_reconfigure_subentry()
        if known and known[1].subentry_id != subentry.subentry_id:
            return self.async_abort(reason="already_configured")
        return self.async_update_and_abort(
            self._get_entry(), subentry, data_updates=data, unique_id=found.unique_id
        )
