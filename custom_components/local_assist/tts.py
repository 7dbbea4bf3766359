"""Text-to-speech through a Wyoming server."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any, Final, override

from homeassistant.components import tts
from homeassistant.components.tts.entity import TTSAudioRequest, TTSAudioResponse
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import language as language_util
from wyoming.tts import SynthesizeVoice

from .const import SUBENTRY_TTS
from .entity import SpeechEntity
from .errors import SpeechError, SpeechServerError
from .runtime import LocalAssistConfigEntry
from .speech.programs import tts_languages, tts_program, tts_voices
from .speech.synthesizer import stream, synthesize

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
        self._attr_supported_options = [tts.ATTR_VOICE, ATTR_SPEAKER]
        self._attr_default_language = hass.config.language
        self._attr_supported_languages = []
        self._voices: dict[str, list[tts.Voice]] = {}
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
        voices = defaultdict(list)
        for voice in tts_voices(info):
            for language in voice.languages:
                voices[language].append(tts.Voice(voice.name, voice.description or voice.name))
        self._voices = voices
        self._streams_input = program.supports_synthesize_streaming
        self._attr_supported_languages = languages = tts_languages(info)
        if languages and self._attr_default_language not in languages:
            known = language_util.matches(hass.config.language, languages, hass.config.country)
            self._attr_default_language = (known or languages)[0]

    @callback
    @override
    def async_get_supported_voices(self, language: str) -> list[tts.Voice] | None:
        """Return the voices of a language, in the server's order."""
        return self._voices.get(language)

    @override
    def async_supports_streaming_input(self) -> bool:
        """Return whether the server speaks the first sentence while the next is being written."""
        return self._streams_input

    @override
    async def async_get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> tts.TtsAudioType:
        """Speak a whole message."""
        try:
            return "wav", await synthesize(
                self.coordinator.server, message, _voice(language, options)
            )
        except SpeechError as err:
            self._note(err)
            raise

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        """Speak a message while it is being written."""
        voice = _voice(request.language, request.options)
        try:
            audio = await stream(self.coordinator.server, request.message_gen, voice)
        except SpeechError as err:
            self._note(err)
            raise
        return TTSAudioResponse("wav", self._noting(audio))

    async def _noting(self, audio: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Pass the audio on and tell the coordinator if it breaks off."""
        try:
            async for chunk in audio:
                yield chunk
        except SpeechError as err:
            self._note(err)
            raise
        finally:
            await audio.aclose()

    def _note(self, err: SpeechError) -> None:
        if not isinstance(err, SpeechServerError):
            self.coordinator.mark_failed(err)


def _voice(language: str, options: dict[str, Any]) -> SynthesizeVoice:
    """Return the voice asked for; without one the server picks a voice of the language."""
    if voice := options.get(tts.ATTR_VOICE):
        return SynthesizeVoice(name=voice, speaker=options.get(ATTR_SPEAKER))
    return SynthesizeVoice(language=language)
