"""What can be wrong with a file of the knowledge folder, by what the person can do about it.

KnowledgeFileError             a file of the knowledge folder cannot be looked up in
├── KnowledgeKindError         it is neither Markdown nor plain text nor PDF
├── KnowledgeOutsideError      it is a link that leads out of the folder
├── KnowledgeTooLargeError     it is too large to be opened
├── KnowledgeUnreadableError   the system does not let us read it
├── KnowledgeNotTextError      it is called a text and is none
├── KnowledgeEncryptedError    it is a PDF that wants a password
├── KnowledgeDamagedError      it is no PDF, or a damaged one
├── KnowledgeSlowError         it is a PDF that takes too long to read
├── KnowledgeNoTextError       there is no text in it, as in a scan
├── KnowledgeFullError         there is no room for it among the others
├── KnowledgeTooManyError      there are too many files before it
├── KnowledgePagesError        not all of its pages could be read
└── KnowledgePartError         only its beginning was read
"""

from ..errors import LocalAssistError


class KnowledgeFileError(LocalAssistError):
    """A file of the knowledge folder cannot be looked up in, or not in all of it."""

    key = "knowledge_file"


class KnowledgeKindError(KnowledgeFileError):
    """It is neither Markdown nor plain text nor PDF. Placeholders: suffix."""

    key = "knowledge_kind"


class KnowledgeOutsideError(KnowledgeFileError):
    """It is a link that leads out of the folder."""

    key = "knowledge_outside"


class KnowledgeTooLargeError(KnowledgeFileError):
    """It is too large to be opened. Placeholders: size, limit."""

    key = "knowledge_too_large"


class KnowledgeUnreadableError(KnowledgeFileError):
    """The system does not let us read it. Placeholders: message."""

    key = "knowledge_unreadable"


class KnowledgeNotTextError(KnowledgeFileError):
    """It is called a text and is none."""

    key = "knowledge_not_text"


class KnowledgeEncryptedError(KnowledgeFileError):
    """It is a PDF that wants a password."""

    key = "knowledge_encrypted"


class KnowledgeDamagedError(KnowledgeFileError):
    """It is no PDF, or a damaged one, or one that takes too much memory to read."""

    key = "knowledge_damaged"


class KnowledgeSlowError(KnowledgeFileError):
    """It is a PDF that takes too long to read. Placeholders: seconds."""

    key = "knowledge_slow"


class KnowledgeNoTextError(KnowledgeFileError):
    """There is no text in it, as in a scan."""

    key = "knowledge_no_text"


class KnowledgeFullError(KnowledgeFileError):
    """There is no room for it among the others. Placeholders: limit."""

    key = "knowledge_full"


class KnowledgeTooManyError(KnowledgeFileError):
    """There are too many files before it, by name. Placeholders: limit."""

    key = "knowledge_too_many"


class KnowledgePagesError(KnowledgeFileError):
    """Not all of its pages could be read; the others can be found. Placeholders: pages, total."""

    key = "knowledge_pages"


class KnowledgePartError(KnowledgeFileError):
    """Only its beginning was read, and can be found. Placeholders: part."""

    key = "knowledge_part"
