"""Setting a house up: Ollama or none, a model, speech servers, a pipeline."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult, ConfigSubentryData
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    LanguageSelector,
    LanguageSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from yarl import URL

from ..backends.ollama import OllamaModel
from ..const import (
    CONF_API_KEY,
    CONF_HOST,
    CONF_LANGUAGE,
    CONF_MODEL,
    CONF_PIPELINE,
    CONF_PORT,
    CONF_PREFERRED,
    CONF_URL,
    DEFAULT_AGENT_NAME,
    DEFAULT_AI_TASK_NAME,
    DOMAIN,
    NO_OLLAMA,
    SUBENTRY_AGENT,
    SUBENTRY_AI_TASK,
)
from ..errors import BackendAuthError, BackendError, LocalAssistError
from ..speech.programs import languages
from .agent import new_agent
from .languages import shared_languages
from .ollama import answering, ask, model_selector, normalise_url
from .servers import (
    LOCALHOST,
    ROLES,
    Announcement,
    FoundServer,
    browse,
    probe,
    reach,
    server_selector,
)

PASSWORD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))


class SetupFlow(ConfigFlow):
    """user (menu) → search → ollama → model → speech → finish; without Ollama: search → speech."""

    def __init__(self) -> None:
        self._announced: list[Announcement] = []
        self._search: asyncio.Task[None] | None = None
        self._with_ollama = False
        self._urls: list[str] = []
        self._hosts: set[str] = set()
        self._found: list[FoundServer] = []
        self._url: str | None = None
        self._api_key: str | None = None
        self._models: list[OllamaModel] = []
        self._model: OllamaModel | None = None
        self._speech: dict[str, FoundServer] = {}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose between a house with and one without a language model."""
        return self.async_show_menu(step_id="user", menu_options=["ollama", "without_ollama"])

    async def async_step_without_ollama(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with Home Assistant's own intents."""
        self._with_ollama = False
        self._url = self._api_key = self._model = None
        self._abort_if_house_exists(NO_OLLAMA)
        if self._search is None:
            return await self.async_step_search()
        return await self.async_step_speech()

    async def async_step_search(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show that we look for Ollama and speech servers."""
        if self._search is None:
            self._search = self.hass.async_create_task(self._look_around())
            searching = True
        else:
            searching = not self._search.done()
        if searching:
            return self.async_show_progress(
                step_id="search", progress_action="search", progress_task=self._search
            )
        next_step = "ollama" if self._with_ollama else "speech"
        return self.async_show_progress_done(next_step_id=next_step)

    async def _look_around(self) -> None:
        self._announced += await browse(self.hass)
        hints = [item.ollama for item in self._announced if item.ollama]
        self._urls = await answering(self.hass, hints)
        self._hosts = {LOCALHOST, *(URL(url).host or LOCALHOST for url in self._urls)}
        # Our own machine has two names, and one is enough.
        self._found = await probe(self._announced, sorted(self._hosts - {"localhost"}), self.hass)

    async def async_step_ollama(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the Ollama server."""
        self._with_ollama = True
        if self._search is None:
            return await self.async_step_search()
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            errors, placeholders = await self._take_ollama(user_input)
            if not errors:
                return await self._models_or_advice()
        suggested = user_input or {CONF_URL: next(iter(self._urls), None)}
        return self._show_ollama_form("ollama", suggested, errors, placeholders)

    def _show_ollama_form(
        self,
        step_id: str,
        suggested: Mapping[str, Any],
        errors: dict[str, str],
        placeholders: dict[str, str],
    ) -> ConfigFlowResult:
        schema = vol.Schema(
            {
                vol.Required(CONF_URL): SelectSelector(
                    SelectSelectorConfig(options=self._urls, custom_value=True)
                ),
                vol.Optional(CONF_API_KEY): PASSWORD,
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _take_ollama(
        self, user_input: Mapping[str, Any]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Connect to the Ollama of a form; return its errors and what they name."""
        typed = user_input[CONF_URL]
        try:
            url = normalise_url(typed)
        except ValueError:
            return {CONF_URL: "invalid_url"}, {"url": typed}
        self._abort_if_house_exists(url)
        api_key = user_input.get(CONF_API_KEY) or None
        try:
            self._models = await ask(url, api_key)
        except BackendError as err:
            field = CONF_API_KEY if isinstance(err, BackendAuthError) else CONF_URL
            return {field: err.key}, {"url": url} | err.placeholders
        self._url, self._api_key = url, api_key
        return {}, {}

    async def _models_or_advice(self) -> ConfigFlowResult:
        return await (self.async_step_model() if self._models else self.async_step_no_models())

    async def async_step_no_models(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what to do about an Ollama without models."""
        return self.async_show_menu(
            step_id="no_models",
            menu_options=["look_again", "ollama", "without_ollama"],
            description_placeholders={"url": self._url or ""},
        )

    async def async_step_look_again(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """See whether there is a model now."""
        return await self.async_step_ollama({CONF_URL: self._url, CONF_API_KEY: self._api_key})

    async def async_step_model(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the model."""
        if user_input is not None:
            names = [model.name for model in self._models]
            self._model = self._models[names.index(user_input[CONF_MODEL])]
            return await self.async_step_speech()
        schema = vol.Schema(
            {
                vol.Required(CONF_MODEL, default=self._models[0].name): model_selector(
                    self._models, custom_value=False
                )
            }
        )
        return self.async_show_form(step_id="model", data_schema=schema)

    async def async_step_speech(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the speech servers, or leave one or both out."""
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is None:
            await self._look_beside_ollama()
        else:
            errors, placeholders = await self._take_speech(user_input)
            if not errors:
                return await self.async_step_finish()
        schema = vol.Schema(
            {vol.Optional(role): server_selector(self._found, role) for role in ROLES}
        )
        suggested = user_input
        if suggested is None:
            # The first one found wins, hence backwards.
            suggested = {item.server.role: str(item.server) for item in reversed(self._found)}
        return self.async_show_form(
            step_id="speech",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _take_speech(
        self, user_input: Mapping[str, Any]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Reach the servers of a form; return its first error and what that names.

        All errors of a form share what they name, so there is never more than one.
        """
        self._speech = {}
        for role in ROLES:
            if address := user_input.get(role):
                try:
                    self._speech[role] = await reach(role, address, self._found)
                except ValueError:
                    return {role: "invalid_address"}, {"address": address}
                except LocalAssistError as err:
                    return {role: err.key}, err.placeholders
        return {}, {}

    async def _look_beside_ollama(self) -> None:
        """Look for speech servers on the machine of an Ollama that the search did not know."""
        host = URL(self._url or "").host
        if host and host not in self._hosts:
            self._hosts.add(host)
            self._found += await probe([], [host], self.hass)

    async def async_step_finish(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Name the pipeline and say whether it becomes the preferred one."""
        if user_input is not None:
            return await self._create(user_input)
        choice = shared_languages(
            self.hass, [languages(item.info, role) for role, item in self._speech.items()]
        )
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME, default=DEFAULT_AGENT_NAME): str,
                vol.Required(CONF_LANGUAGE, default=choice[0]): LanguageSelector(
                    LanguageSelectorConfig(languages=choice)
                ),
                vol.Required(CONF_PREFERRED, default=True): BooleanSelector(),
            }
        )
        return self.async_show_form(step_id="finish", data_schema=schema, last_step=True)

    async def _create(self, pipeline: dict[str, Any]) -> ConfigFlowResult:
        await self.async_set_unique_id(self._url or NO_OLLAMA, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        # The card that a server of this house may have put up offers what has just been done.
        for flow in self._async_in_progress(match_context={"unique_id": DOMAIN}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
        data: dict[str, Any] = {CONF_PIPELINE: pipeline}
        if self._url:
            data[CONF_URL] = self._url
        if self._api_key:
            data[CONF_API_KEY] = self._api_key
        return self.async_create_entry(
            title=pipeline[CONF_NAME], data=data, subentries=self._subentries()
        )

    def _subentries(self) -> list[ConfigSubentryData]:
        agent = ConfigSubentryData(
            subentry_type=SUBENTRY_AGENT,
            title=DEFAULT_AGENT_NAME,
            data=new_agent(self._model),
            unique_id=None,
        )
        task = ConfigSubentryData(
            subentry_type=SUBENTRY_AI_TASK,
            title=DEFAULT_AI_TASK_NAME,
            data={CONF_MODEL: self._model.name} if self._model else {},
            unique_id=None,
        )
        speech = [
            ConfigSubentryData(
                subentry_type=role,
                title=item.title,
                data={CONF_HOST: item.server.host, CONF_PORT: item.server.port},
                unique_id=item.unique_id,
            )
            for role, item in self._speech.items()
        ]
        return [agent, *([task] if self._model else []), *speech]

    def _abort_if_house_exists(self, unique_id: str) -> None:
        """Raise AbortFlow if another entry than the one being changed has the unique id."""
        for entry in self._async_current_entries(include_ignore=False):
            if entry.unique_id == unique_id and entry.entry_id != self.context.get("entry_id"):
                raise AbortFlow("already_configured")
