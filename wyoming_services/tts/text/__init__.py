"""From text as language models write it to text as people say it. Pure."""

from wyoming_services.tts.text.markup import Markup
from wyoming_services.tts.text.spoken import spoken

__all__ = ["SpeechText"]


class SpeechText:
    """Cleans the pieces of one text, in order: a code block may reach over several of them.

    Args:
        language: the voice's, like `en_US`; without one, no sign is put in words.
    """

    def __init__(self, language: str = "") -> None:
        self._language = language.replace("-", "_")
        self._markup = Markup()

    def clean(self, piece: str) -> str:
        """Return what to say of a piece of text; empty when nothing of it can be said."""
        plain = self._markup.clean(piece)
        said = spoken(plain, self._language) if self._language else plain
        return " ".join(said.split())
