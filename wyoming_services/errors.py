"""What can go wrong on a connection, and the code a client is told.

ServiceError
├── BadRequestError      the client sent what makes no sense; saying it again will not help
├── TooLargeError        a frame, an utterance or a text is over its limit
├── BusyError            no capacity now; the same request may succeed later
├── DeadlineError        the client or the work took too long
├── NotFoundError        a model, voice, speaker or language that is not here
├── EngineError          the model failed on this request; others are not affected
├── ShuttingDownError    the server is being stopped; the same request may succeed later
└── InternalError        a defect of ours; the server's log has the details

ConfigError              a setting that makes no sense: nothing is started
StartError               a server that cannot start: its address is taken, say
"""


class ServiceError(Exception):
    """An error that is told to the client as a Wyoming `error` event.

    Attributes:
        code: stable, machine-readable, in kebab case.
    """

    code = "error"


class BadRequestError(ServiceError):
    """The client sent an event or a value that cannot be served."""

    code = "bad-request"


class TooLargeError(ServiceError):
    """A frame, an utterance or a text is over its limit."""

    code = "too-large"


class BusyError(ServiceError):
    """The server is at its limit of connections or queued work."""

    code = "busy"


class DeadlineError(ServiceError):
    """The client or the work took longer than allowed."""

    code = "timeout"


class NotFoundError(ServiceError):
    """A model, voice, speaker or language this server does not have."""

    code = "not-found"


class EngineError(ServiceError):
    """The speech engine failed on this request."""

    code = "engine-failed"


class ShuttingDownError(ServiceError):
    """The server is being stopped."""

    code = "shutting-down"


class InternalError(ServiceError):
    """Something failed in a way nobody foresaw; the details are logged, never sent."""

    code = "internal"


class ConfigError(Exception):
    """A setting, or the environment variable behind it, has a value that cannot be used."""


class StartError(Exception):
    """A server could not be started; the message says what to do."""
