"""Names and defaults shared by the whole integration."""

import logging
from typing import Any, Final

DOMAIN: Final = "local_assist"
LOGGER = logging.getLogger(__package__)

# The config entry: one house. `url` is absent in a house without Ollama.
CONF_URL: Final = "url"
CONF_API_KEY: Final = "api_key"
# The Assist pipeline that set-up promised and that is still to be made.
CONF_PIPELINE: Final = "pipeline"
CONF_LANGUAGE: Final = "language"
CONF_PREFERRED: Final = "preferred"
DEFAULT_OLLAMA_PORT: Final = 11434
# The unique id of a house without Ollama.
NO_OLLAMA: Final = "no-ollama"

# Subentry types.
SUBENTRY_AGENT: Final = "conversation"
SUBENTRY_AI_TASK: Final = "ai_task_data"
SUBENTRY_STT: Final = "stt"
SUBENTRY_TTS: Final = "tts"

# A speech subentry: one Wyoming server.
CONF_HOST: Final = "host"
CONF_PORT: Final = "port"
DEFAULT_STT_PORT: Final = 10300
DEFAULT_TTS_PORT: Final = 10200

# How a text-to-speech server speaks unless a call says otherwise; what is absent it settles itself.
CONF_SPEED: Final = "speed"
CONF_VOLUME: Final = "volume"
CONF_SENTENCE_SILENCE: Final = "sentence_silence"
# Language to voice, both as the server calls them.
CONF_VOICES: Final = "voices"

# An agent or an AI task.
CONF_MODEL: Final = "model"
CONF_PROMPT: Final = "prompt"
CONF_LLM_HASS_API: Final = "llm_hass_api"
CONF_THINK: Final = "think"
CONF_NUM_CTX: Final = "num_ctx"
CONF_NUM_PREDICT: Final = "num_predict"
CONF_TEMPERATURE: Final = "temperature"
CONF_KEEP_ALIVE: Final = "keep_alive"

DEFAULT_AGENT_NAME: Final = "Local Assist"
DEFAULT_AI_TASK_NAME: Final = "Local Assist AI task"
DEFAULT_PROMPT: Final = (
    "You are the voice assistant of this house.\n"
    "Answer in plain spoken sentences, as short as the question allows: "
    "no lists, no markup, no emoji.\n"
    "Answer in the language you are spoken to."
)

# What an agent does unless its subentry says otherwise.
AGENT_DEFAULTS: Final[dict[str, Any]] = {
    CONF_PROMPT: DEFAULT_PROMPT,
    CONF_THINK: "off",
    CONF_NUM_CTX: 8192,
    CONF_NUM_PREDICT: 512,
    CONF_TEMPERATURE: 0.7,
    # Seconds a model stays loaded after a turn; -1 is for ever.
    CONF_KEEP_ALIVE: -1,
}

# A task may write more than anybody would listen to.
TASK_DEFAULTS: Final[dict[str, Any]] = AGENT_DEFAULTS | {CONF_NUM_PREDICT: 4096}

# Deadlines in seconds.
CONNECT_TIMEOUT: Final = 3.0
# A whole short answer: version, list of models.
ANSWER_TIMEOUT: Final = 10.0
LOAD_TIMEOUT: Final = 180.0
FIRST_TOKEN_TIMEOUT: Final = 30.0
TOKEN_GAP_TIMEOUT: Final = 15.0

MAX_TOOL_ROUNDS: Final = 8

# Fired at the end of each turn; what it carries is told at AgentEntity.
EVENT_TURN: Final = f"{DOMAIN}_turn"
