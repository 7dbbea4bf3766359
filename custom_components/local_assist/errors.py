"""What can go wrong, by what the person can do about it. Every message is a translation.

LocalAssistError               those of memory and knowledge are in errors.py of their folders
├── BackendError
│   ├── BackendRefusedError        nothing listens at the address, or the host is unknown
│   ├── BackendTimeoutError        no answer, no first token or no next token in time
│   ├── BackendAuthError           the server wants a key, or another one
│   ├── NotOllamaError             something answers there, but it is not an Ollama
│   ├── NotOpenAIError             something answers there, but without the OpenAI-compatible API
│   ├── ModelNotFoundError         the model is not on the server
│   ├── ModelUnsuitableError       the model cannot do what is asked (tools, thinking, images)
│   ├── ContextOverflowError       the prompt is longer than the model's window
│   ├── BackendBusyError           the server's queue is full
│   ├── ModelLoadingError          the model is not ready yet
│   ├── BackendRejectedError       the server refused the request and said why
│   ├── BackendServerError         the server failed
│   └── BackendStreamError         the answer broke off or made no sense
├── DownloadError                  a model could not be downloaded, and the server said why
│   ├── DownloadUnknownError       there is no such model
│   ├── DownloadOfflineError       the server cannot reach where models come from
│   ├── DownloadDiskFullError      the server's disk is full
│   ├── DownloadDamagedError       what came is not what was asked for
│   ├── DownloadBrokenOffError     the server went away meanwhile
│   └── DownloadCancelledError     the user did not want it any more
├── ToolRoundsError                the model kept calling tools and never answered
├── EmptyReplyError                the model answered with nothing
├── NothingSaidError               the model acted and then said nothing
├── NothingDoneError               the model claimed to have done what it did not do
├── OtherAgentError                another agent of Home Assistant had no answer
├── NoModelError                   the house has no language model
├── PromptTemplateError            the agent's prompt is a template that fails
├── LlmApiError                    an API of Home Assistant the agent was given is gone
├── TurnInterruptedError           the integration was unloaded while it answered
├── AttachmentError                an attachment is no image, or cannot be read
├── StructureError                 the answer to a task does not have the structure asked for
├── SpeakingValueError             an option of speaking is no number, or out of bounds
├── SpeakingPaceError              how fast to speak is said twice
└── SpeechError
    ├── SpeechConnectError         no speech server at the address
    ├── SpeechTimeoutError         the speech server stopped answering
    ├── SpeechClosedError          the speech server hung up before it was done
    ├── SpeechProtocolError        something answers there, but it is not the service asked for
    └── SpeechServerError          the speech server said what went wrong
"""

from typing import ClassVar

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN


class LocalAssistError(HomeAssistantError):
    """Root of all our errors.

    Attributes:
        key: the translation key under `exceptions`; also the error key of the config flows.
        placeholders: what the translated message names.
    """

    key: ClassVar[str] = "unexpected"

    def __init__(self, **placeholders: str) -> None:
        self.placeholders = placeholders
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=self.key,
            translation_placeholders=placeholders,
        )


class BackendError(LocalAssistError):
    """The language model could not answer. Placeholders of all: server.

    Attributes:
        retryable: whether the same request may succeed a moment later.
    """

    key = "backend_failed"
    retryable: ClassVar[bool] = False

    def __init__(self, *, server: str = "Ollama", **placeholders: str) -> None:
        super().__init__(server=server, **placeholders)


class BackendRefusedError(BackendError):
    """Nothing listens at the address, or the host is unknown. Placeholders: url."""

    key = "backend_refused"


class BackendTimeoutError(BackendError):
    """No connection, first token or next token in time. Placeholders: url."""

    key = "backend_timeout"
    retryable = True


class BackendAuthError(BackendError):
    """The server wants a key, or another one. Placeholders: url."""

    key = "backend_auth"


class NotOllamaError(BackendError):
    """Something answers at the address, but it is not an Ollama. Placeholders: url."""

    key = "not_ollama"


class NotOpenAIError(BackendError):
    """Something answers, but without the OpenAI-compatible API. Placeholders: url."""

    key = "not_openai"


class ModelNotFoundError(BackendError):
    """The model is not on the server. Placeholders: model."""

    key = "model_not_found"


class ModelUnsuitableError(BackendError):
    """The model cannot do what is asked of it. Placeholders: model, message."""

    key = "model_unsuitable"


class ContextOverflowError(BackendError):
    """The prompt is longer than the model's window. Placeholders: model."""

    key = "context_overflow"


class BackendBusyError(BackendError):
    """The server's queue is full. Placeholders: url."""

    key = "backend_busy"
    retryable = True


class ModelLoadingError(BackendError):
    """The model is still being loaded, or reads its instructions for the first time."""

    key = "model_loading"


class BackendRejectedError(BackendError):
    """The server refused the request and said why. Placeholders: message."""

    key = "backend_rejected"


class BackendServerError(BackendError):
    """The server failed. Placeholders: message."""

    key = "backend_server"
    retryable = True


class BackendStreamError(BackendError):
    """The answer broke off or made no sense. Placeholders: message."""

    key = "backend_stream"
    retryable = True


# After one of these there is no use in asking the server for anything just now.
SERVER_GONE = (
    BackendRefusedError,
    BackendTimeoutError,
    BackendAuthError,
    NotOllamaError,
    NotOpenAIError,
)


class DownloadError(LocalAssistError):
    """A model could not be downloaded. Placeholders: model, message."""

    key = "download_failed"


class DownloadUnknownError(DownloadError):
    """There is no such model. Placeholders: model."""

    key = "download_unknown"


class DownloadOfflineError(DownloadError):
    """The server cannot reach where models come from. Placeholders: model."""

    key = "download_offline"


class DownloadDiskFullError(DownloadError):
    """The server's disk is full. Placeholders: model."""

    key = "download_disk_full"


class DownloadDamagedError(DownloadError):
    """What came is not what was asked for. Placeholders: model."""

    key = "download_damaged"


class DownloadBrokenOffError(DownloadError):
    """The server went away meanwhile. Placeholders: model."""

    key = "download_broken_off"


class DownloadCancelledError(DownloadError):
    """The user did not want it any more. Placeholders: model."""

    key = "download_cancelled"


class ToolRoundsError(LocalAssistError):
    """The model kept calling tools and never answered. Placeholders: rounds."""

    key = "tool_rounds"


class EmptyReplyError(LocalAssistError):
    """The model answered with nothing."""

    key = "empty_reply"


class NothingSaidError(LocalAssistError):
    """The model acted and then said nothing."""

    key = "nothing_said"


class NothingDoneError(LocalAssistError):
    """The model claimed to have done what it did not do."""

    key = "nothing_done"


class OtherAgentError(LocalAssistError):
    """Another agent of Home Assistant had no answer. Placeholders: agent."""

    key = "other_agent"


class NoModelError(LocalAssistError):
    """The house has no language model."""

    key = "no_model"


class PromptTemplateError(LocalAssistError):
    """The agent's prompt is a template that fails. Placeholders: message."""

    key = "prompt_template"


class LlmApiError(LocalAssistError):
    """An API of Home Assistant the agent was given is gone."""

    key = "llm_api"


class TurnInterruptedError(LocalAssistError):
    """The integration was unloaded while it answered."""

    key = "turn_interrupted"


class AttachmentError(LocalAssistError):
    """An attachment is no image, or cannot be read. Placeholders: name."""

    key = "attachment"


class StructureError(LocalAssistError):
    """The answer to a task does not have the structure asked for."""

    key = "structure"


class SpeakingValueError(LocalAssistError, ServiceValidationError):
    """An option is no number, or out of bounds. Placeholders: option, minimum, maximum, value."""

    key = "speaking_value"


class SpeakingPaceError(LocalAssistError, ServiceValidationError):
    """Speed and length scale, which say the same, are both there."""

    key = "speaking_pace"


class SpeechError(LocalAssistError):
    """A speech server could not do its work. Placeholders of all: role, host, port."""

    key = "speech_failed"


class SpeechConnectError(SpeechError):
    """No speech server at the address."""

    key = "speech_connect"


class SpeechTimeoutError(SpeechError):
    """The speech server stopped answering."""

    key = "speech_timeout"


class SpeechClosedError(SpeechError):
    """The speech server hung up before it was done."""

    key = "speech_closed"


class SpeechProtocolError(SpeechError):
    """Something answers at the address, but it is not the service asked for."""

    key = "speech_protocol"


class SpeechServerError(SpeechError):
    """The speech server said what went wrong. Placeholders: code, message."""

    key = "speech_server"
