"""Adding and changing another server of language models: the subentry `backend`."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.config_entries import SOURCE_USER, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from yarl import URL

from ..backends.address import in_house
from ..backends.making import make_openai_backend
from ..const import (
    CONF_API_KEY,
    CONF_KIND,
    CONF_MODEL,
    CONF_URL,
    KIND_OLLAMA,
    KIND_OPENAI,
)
from ..errors import BackendAuthError, BackendError
from .ollama import ask, model_selector, normalise_url

SERVER: Final = vol.Schema(
    {
        vol.Required(CONF_KIND, default=KIND_OPENAI): SelectSelector(
            SelectSelectorConfig(
                options=[KIND_OPENAI, KIND_OLLAMA],
                translation_key="backend_kind",
                mode=SelectSelectorMode.LIST,
            )
        ),
        vol.Required(CONF_URL): TextSelector(),
        vol.Optional(CONF_API_KEY): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD)
        ),
    }
)


class BackendSubentryFlow(ConfigSubentryFlow):
    """user or reconfigure (the server) → outside, if it seems to be → model."""

    # What has been reached: kind, url, maybe api_key.
    _server: dict[str, str]
    # Its models, and the one it names first.
    _models: SelectSelector
    _first: str | None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a server."""
        return await self._ask_server("user", user_input, {})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a server."""
        return await self._ask_server("reconfigure", user_input, self._current())

    async def _ask_server(
        self, step_id: str, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            errors, placeholders = await self._reach(user_input)
            if not errors:
                outside = not in_house(self._server[CONF_URL])
                return await (self.async_step_outside() if outside else self.async_step_model())
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(SERVER, user_input or current),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _reach(self, user_input: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """Connect to the server of a form; return its errors and what they name."""
        kind, typed = user_input[CONF_KIND], user_input[CONF_URL]
        api_key = user_input.get(CONF_API_KEY, "").strip() or None
        try:
            url = normalise_url(_with_scheme(typed) if kind == KIND_OPENAI else typed)
        except ValueError:
            return {CONF_URL: "invalid_url"}, {"url": typed}
        try:
            await (self._ask_openai if kind == KIND_OPENAI else self._ask_ollama)(url, api_key)
        except BackendError as err:
            field = CONF_API_KEY if isinstance(err, BackendAuthError) else CONF_URL
            return {field: err.key}, {"url": url} | err.placeholders
        self._server = {CONF_KIND: kind, CONF_URL: url}
        if api_key:
            self._server[CONF_API_KEY] = api_key
        return {}, {}

    async def _ask_ollama(self, url: str, api_key: str | None) -> None:
        models = await ask(url, api_key)
        self._models = model_selector(models, custom_value=True)
        self._first = models[0].name if models else None

    async def _ask_openai(self, url: str, api_key: str | None) -> None:
        backend = await make_openai_backend(self.hass, url, api_key, name=url)
        try:
            names = await backend.models()
        finally:
            await backend.close()
        self._models = SelectSelector(
            SelectSelectorConfig(options=names, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
        )
        self._first = next(iter(names), None)

    async def async_step_outside(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what leaves the house, before anything does."""
        if user_input is not None:
            return await self.async_step_model()
        return self.async_show_form(
            step_id="outside",
            data_schema=vol.Schema({}),
            description_placeholders={"host": self._host},
        )

    async def async_step_model(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the model, and how a new server is called."""
        if user_input is not None:
            return self._save(user_input)
        fields: dict[vol.Marker, Any] = {vol.Required(CONF_MODEL): self._models}
        suggested = {CONF_MODEL: self._current().get(CONF_MODEL, self._first)}
        if self.source == SOURCE_USER:
            fields = {vol.Required(CONF_NAME): str} | fields
            suggested[CONF_NAME] = self._host
        return self.async_show_form(
            step_id="model",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), suggested),
        )

    def _save(self, user_input: Mapping[str, Any]) -> SubentryFlowResult:
        data = {**self._server, CONF_MODEL: user_input[CONF_MODEL]}
        # Home Assistant aborts the flow if another subentry has it.
        unique_id = "|".join((data[CONF_KIND], data[CONF_URL], data[CONF_MODEL]))
        if self.source == SOURCE_USER:
            return self.async_create_entry(
                title=user_input[CONF_NAME], data=data, unique_id=unique_id
            )
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), data=data, unique_id=unique_id
        )

    def _current(self) -> Mapping[str, Any]:
        """Return the settings of today; none for a new server."""
        return {} if self.source == SOURCE_USER else self._get_reconfigure_subentry().data

    @property
    def _host(self) -> str:
        return URL(self._server[CONF_URL]).host or ""


def _with_scheme(text: str) -> str:
    """Return what was typed with a scheme: in the house few servers have a certificate."""
    text = text.strip()
    if "://" in text:
        return text
    try:
        return f"http://{text}" if in_house(f"http://{text}") else f"https://{text}"
    except ValueError:
        return text
