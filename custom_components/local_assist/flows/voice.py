"""Changing a text-to-speech server: where it is, and how it speaks."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.components.tts import Voice
from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_SENTENCE_SILENCE, CONF_SPEED, CONF_VOICES, CONF_VOLUME
from ..runtime import LocalAssistConfigEntry
from ..speech.speaking import BOUNDS
from ..speech.voices import voices_by_language
from .speech import SpeechSubentryFlow


def _slider(option: str, step: float, unit: str | None = None) -> NumberSelector:
    minimum, maximum = BOUNDS[option]
    config = NumberSelectorConfig(
        min=minimum, max=maximum, step=step, mode=NumberSelectorMode.SLIDER
    )
    if unit:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


SLIDERS: Final[Mapping[str, NumberSelector]] = {
    CONF_SPEED: _slider(CONF_SPEED, 0.05),
    CONF_VOLUME: _slider(CONF_VOLUME, 0.05),
    CONF_SENTENCE_SILENCE: _slider(CONF_SENTENCE_SILENCE, 0.1, "s"),
}


class VoiceSubentryFlow(SpeechSubentryFlow):
    """Adds a server as for speech-to-text; changing one begins with a menu."""

    # Of the form that is shown: the server may have other voices when it is filled in.
    _pickers: Mapping[str, SelectSelector]

    @override
    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        return self.async_show_menu(step_id="reconfigure", menu_options=["speaking", "address"])

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the address; how it speaks stays."""
        return await self._choose("address", user_input, [])

    async def async_step_speaking(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change how it speaks."""
        if user_input is not None:
            return self._save_speaking(user_input)
        fields: dict[vol.Marker, Any] = _optional(SLIDERS)
        self._pickers = self._voice_pickers()
        if self._pickers:
            languages = section(vol.Schema(_optional(self._pickers)), {"collapsed": True})
            fields[vol.Required(CONF_VOICES)] = languages
        suggestions = {CONF_VOICES: {}} | dict(self._get_reconfigure_subentry().data)
        return self.async_show_form(
            step_id="speaking",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), suggestions),
        )

    def _save_speaking(self, user_input: dict[str, Any]) -> SubentryFlowResult:
        """Keep the form's values; a field that was emptied does not come, and is no longer set."""
        subentry = self._get_reconfigure_subentry()
        voices = dict(subentry.data.get(CONF_VOICES, {}))
        # A language that was not asked about keeps its voice.
        for language in self._pickers:
            voices.pop(language, None)
        voices |= user_input.pop(CONF_VOICES, {})
        rest = {key: value for key, value in subentry.data.items() if key not in SLIDERS}
        return self.async_update_and_abort(
            self._get_entry(), subentry, data=rest | user_input | {CONF_VOICES: voices}
        )

    def _voice_pickers(self) -> dict[str, SelectSelector]:
        """Return the voices to choose from, for each language that leaves a choice."""
        entry: LocalAssistConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return {}
        subentry = self._get_reconfigure_subentry()
        info = entry.runtime_data.speech[subentry.subentry_id].data
        chosen = subentry.data.get(CONF_VOICES, {})
        pickers = {
            language: _picker(voices, chosen.get(language))
            for language, voices in sorted((voices_by_language(info) if info else {}).items())
        }
        return {
            language: picker
            for language, picker in pickers.items()
            if len(picker.config["options"]) > 1
        }


def _optional(fields: Mapping[str, Any]) -> dict[vol.Marker, Any]:
    return {vol.Optional(name): field for name, field in fields.items()}


def _picker(voices: Iterable[Voice], chosen: str | None) -> SelectSelector:
    """Return a choice of voices; one that was chosen and is gone is among them, by its id.

    It may come back, so it must not be lost with the next change of something else.
    """
    names = {chosen: chosen} if chosen else {}
    names |= {voice.voice_id: voice.name for voice in voices}
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=value, label=name) for value, name in names.items()],
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
