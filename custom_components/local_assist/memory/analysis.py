"""What the tokens of a text depend on, so that a file knows whether its own are out of date."""

import unicodedata
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ..retrieval import text as folding
from . import tables, text


def _fingerprint() -> str:
    """Return a digest of the word tables, the code that reads texts, and what it calls.

    It goes by what is in the files, not by a number somebody would have to raise: that a comment
    renews the tokens as well costs a few seconds, tokens that fit no query cost every answer.
    """
    modules = [Path(str(module.__file__)) for module in (text, tables, folding)]
    digest = blake2b(digest_size=16)
    for path in (*modules, *sorted(tables.FOLDER.glob("*.toml"))):
        digest.update(path.read_bytes())
    digest.update(f"{version('snowballstemmer')} {unicodedata.unidata_version}".encode())
    return digest.hexdigest()


FINGERPRINT: Final = _fingerprint()
"""Of the analysis of this release; read once, at import."""
