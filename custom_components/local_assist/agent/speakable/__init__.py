"""Take what a model streams apart into what is spoken, what is thought and what is a tool call."""

from .cleaner import Speakable
from .pieces import CallText, Piece, Speech, Thought

__all__ = ["CallText", "Piece", "Speakable", "Speech", "Thought"]
