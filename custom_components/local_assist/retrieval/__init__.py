"""Which of a house's entities, areas and floors a sentence is about; knows no Home Assistant."""

from .house import Area, Floor, Found, Group, House, Thing
from .retriever import Retriever

__all__ = ["Area", "Floor", "Found", "Group", "House", "Retriever", "Thing"]
