"""Orders, and claims that they were carried out."""


def is_command(sentence: str, language: str) -> bool:
    """Return whether a sentence orders something done in the house; when in doubt, not."""
    del sentence, language
    return False


def claims_done(text: str, language: str) -> bool:
    """Return whether a reply says that something was done; when in doubt, not."""
    del text, language
    return False
