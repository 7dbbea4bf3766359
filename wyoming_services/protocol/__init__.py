"""The Wyoming protocol without I/O: framing, and the contract between a connection and its session."""
