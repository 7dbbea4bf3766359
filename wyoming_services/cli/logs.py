"""Logging to standard error: plain lines, nothing a peer sends can forge one."""

import logging

from wyoming_services.errors import ConfigError

DEFAULT_FORMAT = "%(levelname)s %(message)s"

_LONGEST = 2000


class OneLineFormatter(logging.Formatter):
    """Keeps a message, which may quote a peer, to one printable line; tracebacks stay."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Format the record with its message made harmless."""
        message = record.message[:_LONGEST]
        record.message = "".join(each if each.isprintable() else " " for each in message)
        return super().formatMessage(record)


def set_up_logging(*, debug: bool, log_format: str) -> None:
    """Log our own lines from INFO, others' from WARNING, or everything.

    Raises:
        ConfigError: the format is not one of Python's logging module.
    """
    try:
        formatter = OneLineFormatter(log_format)
        formatter.format(logging.makeLogRecord({}))
    except (ValueError, KeyError) as error:
        raise ConfigError(f"log-format '{log_format}' cannot be used: {error}") from error
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, handlers=[handler])
    logging.getLogger("wyoming_services").setLevel(logging.DEBUG if debug else logging.INFO)
