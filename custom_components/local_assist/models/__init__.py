"""The models of an Ollama server, as a person manages them."""
