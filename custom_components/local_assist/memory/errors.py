"""What can go wrong with what the house was told, by what the person can do about it.

MemoryUnavailableError         what the house was told cannot be read or written
MemoryFieldError               a fact cannot be what it was to be
├── MemoryEmptyError           there is nothing in it
├── MemoryTooLongError         it is too long
├── MemoryPastError            it would be forgotten at once
├── MemoryPersonError          nobody is called that
├── MemoryForeignError         it is somebody else's
├── MemoryIdError              there is no such fact
└── MemoryImportError          what was exported cannot be taken in
"""

from homeassistant.exceptions import ServiceValidationError

from ..errors import LocalAssistError


class MemoryUnavailableError(LocalAssistError):
    """What the house was told cannot be read or written just now. Placeholders: message."""

    key = "memory_unavailable"


class MemoryFieldError(LocalAssistError, ServiceValidationError):
    """A fact cannot be what it was to be. Placeholders of all: field."""

    key = "memory_field"


class MemoryEmptyError(MemoryFieldError):
    """There is nothing in it."""

    key = "memory_empty"


class MemoryTooLongError(MemoryFieldError):
    """It is too long. Placeholders: limit."""

    key = "memory_too_long"


class MemoryPastError(MemoryFieldError):
    """It would be forgotten at once. Placeholders: value."""

    key = "memory_past"


class MemoryPersonError(MemoryFieldError):
    """Nobody is called that. Placeholders: value."""

    key = "memory_person"


class MemoryForeignError(MemoryFieldError):
    """It is somebody else's, and who asks is no administrator."""

    key = "memory_foreign"


class MemoryIdError(MemoryFieldError):
    """There is no such fact, or none of theirs who ask. Placeholders: value."""

    key = "memory_id"


class MemoryImportError(MemoryFieldError):
    """What was exported cannot be taken in; nothing was. Placeholders: problems."""

    key = "memory_import"
