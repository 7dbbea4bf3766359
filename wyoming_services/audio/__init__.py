"""Raw PCM audio: sample formats and rates. Pure: bytes and arrays in, bytes and arrays out."""
