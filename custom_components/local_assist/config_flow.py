"""The flows of the integration: set-up, discovery, reconfiguration, a new key."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, override

import voluptuous as vol
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import (
    CONF_API_KEY,
    CONF_HOST,
    CONF_MODEL,
    CONF_PORT,
    CONF_URL,
    DOMAIN,
    SUBENTRY_AGENT,
    SUBENTRY_AI_TASK,
    SUBENTRY_BACKEND,
    SUBENTRY_STT,
    SUBENTRY_TTS,
)
from .errors import LocalAssistError
from .flows.agent import ModelSubentryFlow, new_agent
from .flows.backend import BackendSubentryFlow
from .flows.options import HouseOptionsFlow
from .flows.servers import announcement, configured_as, reach, server_id
from .flows.setup import PASSWORD, SetupFlow
from .flows.speech import SpeechSubentryFlow
from .flows.voice import VoiceSubentryFlow
from .speech.wyoming_client import SpeechServer


class LocalAssistConfigFlow(SetupFlow, domain=DOMAIN):
    """What starts a flow: a person, a server on the network, a changed address, a refused key."""

    VERSION = 1

    _server: SpeechServer
    _server_id: str

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {
            SUBENTRY_AGENT: ModelSubentryFlow,
            SUBENTRY_AI_TASK: ModelSubentryFlow,
            SUBENTRY_BACKEND: BackendSubentryFlow,
            SUBENTRY_STT: SpeechSubentryFlow,
            SUBENTRY_TTS: VoiceSubentryFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> HouseOptionsFlow:
        return HouseOptionsFlow()

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Meet one of our servers: set the house up with it, add it, or note its new address."""
        item = announcement(discovery_info)
        if item is None or item.role is None:
            return self.async_abort(reason="not_supported")
        self._server = SpeechServer(item.role, item.host, item.port)
        self._server_id = server_id(self._server, item.instance_id)
        if known := configured_as(self.hass, self._server, self._server_id):
            entry, subentry = known
            self.hass.config_entries.async_update_subentry(
                entry,
                subentry,
                data={**subentry.data, CONF_HOST: item.host, CONF_PORT: item.port},
                unique_id=self._server_id,
            )
            return self.async_abort(reason="already_configured")
        if self._async_current_entries(include_ignore=False):
            await self.async_set_unique_id(self._server_id)
            self._abort_if_unique_id_configured()
            self.context["title_placeholders"] = {"name": f"{item.role.upper()} {self._server}"}
            return await self.async_step_add_server()
        # One card for the first set-up of a house, however many servers it has: all are found then.
        await self.async_set_unique_id(DOMAIN)
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": item.host}
        self._announced.append(item)
        return await self.async_step_user()

    async def async_step_add_server(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add a discovered server to the house."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                found = await reach(self._server.role, str(self._server))
            except LocalAssistError as err:
                errors["base"] = err.key
            else:
                entry = self._async_current_entries(include_ignore=False)[0]
                subentry = ConfigSubentry(
                    data=MappingProxyType(
                        {CONF_HOST: self._server.host, CONF_PORT: self._server.port}
                    ),
                    subentry_type=self._server.role,
                    title=found.title,
                    unique_id=self._server_id,
                )
                self.hass.config_entries.async_add_subentry(entry, subentry)
                return self.async_abort(reason="server_added")
        self._set_confirm_only()
        return self.async_show_form(
            step_id="add_server",
            errors=errors,
            description_placeholders={
                "role": self._server.role,
                "host": self._server.host,
                "port": str(self._server.port),
            },
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change where Ollama is, or give a house its first one."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            errors, placeholders = await self._take_ollama(user_input)
            if not errors:
                return self._update(entry)
        return self._show_ollama_form("reconfigure", user_input or entry.data, errors, placeholders)

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for a new key, since Ollama refuses the one we have."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take the new key."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        placeholders = {"url": entry.data[CONF_URL]}
        if user_input is not None:
            errors, more = await self._take_ollama({CONF_URL: entry.data[CONF_URL]} | user_input)
            placeholders |= more
            if not errors:
                return self._update(entry)
            # Here the key is the only field.
            errors = {"base": next(iter(errors.values()))}
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=vol.Schema({vol.Optional(CONF_API_KEY): PASSWORD}),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _update(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Keep the Ollama that has just answered."""
        self._give_agents_a_model(entry)
        data = {key: value for key, value in entry.data.items() if key != CONF_API_KEY}
        data[CONF_URL] = self._url
        if self._api_key:
            data[CONF_API_KEY] = self._api_key
        # A set-up entry listens for changes and reloads itself; one that is not must be told.
        finish = (
            self.async_update_and_abort
            if entry.update_listeners
            else self.async_update_reload_and_abort
        )
        return finish(entry, unique_id=self._url, data=data)

    def _give_agents_a_model(self, entry: ConfigEntry) -> None:
        """Let the agents of a house that had no Ollama use its best model; theirs to change."""
        for subentry in tuple(entry.subentries.values()):
            if subentry.subentry_type == SUBENTRY_AGENT and CONF_MODEL not in subentry.data:
                self.hass.config_entries.async_update_subentry(
                    entry,
                    subentry,
                    data={**subentry.data, **new_agent(next(iter(self._models), None))},
                )
