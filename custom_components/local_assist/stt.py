"""Speech-to-text through a Wyoming server."""

from collections.abc import AsyncIterable
from typing import override

from homeassistant.components import stt
from homeassistant.components.stt.models import SpeechAudioProcessing
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import language as language_util

from .const import LOGGER, SUBENTRY_STT
from .entity import SpeechEntity
from .errors import SpeechError, SpeechServerError
from .runtime import LocalAssistConfigEntry
from .speech.programs import asr_languages, asr_program
from .speech.recognizer import transcribe
from .turns.recording import Listening

# The server queues what it cannot do at once.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: LocalAssistConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each speech-to-text server."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_STT):
        async_add_entities(
            [LocalAssistSttEntity(entry, subentry)], config_subentry_id=subentry.subentry_id
        )


class LocalAssistSttEntity(SpeechEntity, stt.SpeechToTextEntity):
    """A speech-to-text server."""

    _attr_translation_key = "recognizer"

    @property
    @override
    def supported_languages(self) -> list[str]:
        """Return the languages of the server; none as long as it was never there."""
        info = self.coordinator.data
        return asr_languages(info) if info else []

    @property
    @override
    def supported_formats(self) -> list[stt.AudioFormats]:
        return [stt.AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        return [stt.AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        return [stt.AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        return [stt.AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[stt.AudioChannels]:
        return [stt.AudioChannels.CHANNEL_MONO]

    @property
    @override
    def audio_processing(self) -> SpeechAudioProcessing:
        """Return what the server wants done to the audio, and who finds the utterance's end."""
        info = self.coordinator.data
        if not info or not (program := asr_program(info)):
            return super().audio_processing
        return SpeechAudioProcessing(
            requires_external_vad=program.requires_external_vad,
            prefers_auto_gain_enabled=program.prefers_auto_gain_enabled,
            prefers_noise_reduction_enabled=program.prefers_noise_reduction_enabled,
        )

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Transcribe an utterance."""
        # The server may know "en" where Home Assistant says "en-US".
        known = language_util.matches(metadata.language, self.supported_languages)
        listening = Listening()
        try:
            text = await transcribe(
                self.coordinator.server,
                listening.audio(stream),
                next(iter(known), None),
                self.entry.runtime_data.names.async_get(),
            )
        except SpeechError as err:
            if isinstance(err, SpeechServerError):
                LOGGER.warning("%s: %s", self.coordinator.name, err)
            else:
                self.coordinator.mark_failed(err)
            return stt.SpeechResult(None, stt.SpeechResultState.ERROR)
        listening.done()
        return stt.SpeechResult(text, stt.SpeechResultState.SUCCESS)
