"""The Wyoming protocol without I/O: framing, and what connection and session ask of each other."""
