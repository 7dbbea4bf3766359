"""The agent, beside Home Assistant's own `ollama` agent."""
