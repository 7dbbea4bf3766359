"""Tool calls of small models, made into what the tools take or refused with what to do instead."""

from .names import Names
from .repair import Refused, Repaired, ToolRepair

__all__ = ["Names", "Refused", "Repaired", "ToolRepair"]
