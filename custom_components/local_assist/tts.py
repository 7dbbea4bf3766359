"""Text-to-speech through a Wyoming server."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final, override

from homeassistant.components import tts
from homeassistant.components.tts.entity import TTSAudioRequest, TTSAudioResponse
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import language as language_util
from wyoming.tts import SynthesizeVoice

from .const import (
    CONF_SENTENCE_SILENCE,
    CONF_SPEED,
    CONF_VOICES,
    CONF_VOLUME,
    LOGGER,
    SUBENTRY_TTS,
)
from .entity import SpeechEntity
from .errors import SpeechError, SpeechServerError
from .runtime import LocalAssistConfigEntry
from .speech.programs import tts_languages, tts_program
from .speech.speaking import BOUNDS, CONF_LENGTH_SCALE, speaking_context
from .speech.synthesizer import stream, synthesize
from .speech.voices import voices_by_language
from .turns.recording import async_speaking

# The server queues what it cannot do at once.
PARALLEL_UPDATES = 0

ATTR_SPEAKER: Final = "speaker"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: LocalAssistConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each text-to-speech server."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_TTS):
        async_add_entities(
            [LocalAssistTtsEntity(hass, entry, subentry)], config_subentry_id=subentry.subentry_id
        )


class LocalAssistTtsEntity(SpeechEntity, tts.TextToSpeechEntity):
    """A text-to-speech server."""

    _attr_translation_key = "voice"

    def __init__(
        self, hass: HomeAssistant, entry: LocalAssistConfigEntry, subentry: ConfigSubentry
    ) -> None:
        super().__init__(entry, subentry)
        # Home Assistant's text-to-speech takes no engine whose name is only its device's.
        self._attr_has_entity_name = False
        self._attr_name = subentry.title
        self._attr_supported_options = [tts.ATTR_VOICE, ATTR_SPEAKER, *BOUNDS]
        self._attr_default_language = hass.config.language
        self._attr_supported_languages = []
        self._voices: dict[str, list[tts.Voice]] = {}
        self._chosen: Mapping[str, str] = subentry.data.get(CONF_VOICES, {})
        self._missing: dict[str, str] = {}
        self._set_default_options(self._chosen)
        self._streams_input = False
        self._take_info(hass)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._take_info(self.hass)
        super()._handle_coordinator_update()

    def _take_info(self, hass: HomeAssistant) -> None:
        """Take over what the server last said it can speak."""
        info = self.coordinator.data
        if not info or not (program := tts_program(info)):
            return
        self._voices = voices_by_language(info)
        self._take_chosen_voices()
        self._streams_input = program.supports_synthesize_streaming
        self._attr_supported_languages = languages = tts_languages(info)
        if languages and self._attr_default_language not in languages:
            known = language_util.matches(hass.config.language, languages, hass.config.country)
            self._attr_default_language = (known or languages)[0]

    def _take_chosen_voices(self) -> None:
        """Speak each language with the voice chosen for it, as far as the server has it."""
        present: dict[str, str] = {}
        missing: dict[str, str] = {}
        for language, chosen in sorted(self._chosen.items()):
            known = {voice.voice_id for voice in self._voices.get(language, [])}
            (present if chosen in known else missing)[language] = chosen
        self._set_default_options(present)
        for language in missing.keys() - self._missing.keys():
            LOGGER.warning(
                "%s no longer has the voice %s; it chooses another one for %s",
                self.coordinator.name,
                missing[language],
                language,
            )
        self._missing = missing

    def _set_default_options(self, voices: Mapping[str, str]) -> None:
        """Say how this entity speaks unless a call says otherwise.

        Home Assistant adds these options to those of each call, and what comes of it is both what
        we are asked for and part of the key that it keeps the audio by. Hence the voices are there
        too: audio of a voice that has since been changed is not played again.
        """
        data = self.subentry.data
        options = {
            option: data[option]
            for option in (CONF_SPEED, CONF_VOLUME, CONF_SENTENCE_SILENCE)
            if option in data
        }
        self._attr_default_options = options | ({CONF_VOICES: dict(voices)} if voices else {})

    @callback
    @override
    def async_get_supported_voices(self, language: str) -> list[tts.Voice] | None:
        """Return the voices of a language: the one chosen for it, then the others by name.

        Home Assistant proposes the first one when it makes a pipeline.
        """
        voices = self._voices.get(language)
        chosen = self._chosen.get(language)
        return voices and sorted(voices, key=lambda voice: voice.voice_id != chosen)

    @override
    def async_supports_streaming_input(self) -> bool:
        """Return whether the server speaks the first sentence while the next is being written."""
        return self._streams_input

    @override
    async def async_speak(
        self,
        media_player_entity_id: list[str],
        message: str,
        cache: bool,
        language: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        """Speak via a media player.

        What is wrong with the options is told to the caller here: later there is only the log.
        """
        self._context_of(options or {})
        await super().async_speak(media_player_entity_id, message, cache, language, options)

    @override
    async def async_get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> tts.TtsAudioType:
        """Speak a whole message."""
        sounded = async_speaking(self.hass)
        context = self._context_of(options)
        try:
            audio = await synthesize(
                self.coordinator.server, message, _voice(language, options), context
            )
        except SpeechError as err:
            self._note(err)
            raise
        sounded()
        return "wav", audio

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        """Speak a message while it is being written."""
        sounded = async_speaking(self.hass)
        voice = _voice(request.language, request.options)
        context = self._context_of(request.options)
        try:
            audio = await stream(self.coordinator.server, request.message_gen, voice, context)
        except SpeechError as err:
            self._note(err)
            raise
        return TTSAudioResponse("wav", self._noting(audio, sounded))

    async def _noting(
        self, audio: AsyncGenerator[bytes], sounded: Callable[[], None]
    ) -> AsyncGenerator[bytes]:
        """Pass the audio on, a header first; tell of the first sound and if it breaks off."""
        try:
            is_header = True
            async for chunk in audio:
                if not is_header:
                    sounded()
                is_header = False
                yield chunk
        except SpeechError as err:
            self._note(err)
            raise
        finally:
            await audio.aclose()

    def _context_of(self, options: Mapping[str, Any]) -> dict[str, float] | None:
        """Return what the server is told of how to speak; see `speaking_context` for errors."""
        default = self.subentry.data.get(CONF_SPEED)
        if options.get(CONF_LENGTH_SCALE) is not None and options.get(CONF_SPEED) == default:
            # The other name for the pace: given in a call it takes the place of our default.
            options = {**options, CONF_SPEED: None}
        return speaking_context(options)

    def _note(self, err: SpeechError) -> None:
        if not isinstance(err, SpeechServerError):
            self.coordinator.mark_failed(err)


def _voice(language: str, options: Mapping[str, Any]) -> SynthesizeVoice:
    """Return the voice asked for, else the one chosen for the language, else leave it open."""
    voice = options.get(tts.ATTR_VOICE) or options.get(CONF_VOICES, {}).get(language)
    if not voice:
        return SynthesizeVoice(language=language)
    speaker = options.get(ATTR_SPEAKER)
    return SynthesizeVoice(name=voice, speaker=None if speaker is None else str(speaker))
