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

# Whether the page is in Home Assistant's sidebar; an option of the entry.
CONF_PAGE: Final = "page"
DEFAULT_PAGE: Final = True

# Subentry types.
SUBENTRY_AGENT: Final = "conversation"
SUBENTRY_AI_TASK: Final = "ai_task_data"
SUBENTRY_STT: Final = "stt"
SUBENTRY_TTS: Final = "tts"
# Another server of language models, for when the first cannot answer.
SUBENTRY_BACKEND: Final = "backend"

# A backend subentry: url, api_key and model as elsewhere, and which of these the server speaks.
CONF_KIND: Final = "kind"
KIND_OLLAMA: Final = "ollama"
KIND_OPENAI: Final = "openai"

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
CONF_NUM_PREDICT: Final = "num_predict"
CONF_KEEP_ALIVE: Final = "keep_alive"
# Absent unless set: what the model's maker recommends (agent/families.py) and the house needs
# (agent/windows.py).
CONF_TEMPERATURE: Final = "temperature"
CONF_TOP_P: Final = "top_p"
CONF_TOP_K: Final = "top_k"
CONF_MIN_P: Final = "min_p"
CONF_REPEAT_PENALTY: Final = "repeat_penalty"
CONF_SEED: Final = "seed"
CONF_NUM_CTX: Final = "num_ctx"
# An agent alone.
CONF_HOUSE_INTENTS: Final = "house_intents"
CONF_EMBEDDING_MODEL: Final = "embedding_model"
# Who answers when the model cannot, in this order: "backend:<subentry id>", or the entity id of
# another conversation agent. Home Assistant's own agent is always the last.
CONF_FALLBACKS: Final = "fallbacks"
FALLBACK_BACKEND: Final = "backend:"
# What an agent asks for before it does it (guard/rules.py): how, by kind; the hash of the PIN; and
# the ids of what the user marked.
CONF_GUARD_MODES: Final = "guard_modes"
CONF_GUARD_PIN: Final = "guard_pin"
CONF_GUARD_ENTITIES: Final = "guard_entities"
CONF_GUARD_AREAS: Final = "guard_areas"
CONF_GUARD_DOMAINS: Final = "guard_domains"
CONF_GUARD_LABELS: Final = "guard_labels"
GUARD_MARKS: Final = (CONF_GUARD_ENTITIES, CONF_GUARD_AREAS, CONF_GUARD_DOMAINS, CONF_GUARD_LABELS)
# Deadlines in seconds.
CONF_CONNECT_TIMEOUT: Final = "connect_timeout"
CONF_FIRST_TOKEN_TIMEOUT: Final = "first_token_timeout"  # noqa: S105
CONF_TOKEN_GAP_TIMEOUT: Final = "token_gap_timeout"  # noqa: S105

DEFAULT_AGENT_NAME: Final = "Local Assist"
DEFAULT_AI_TASK_NAME: Final = "Local Assist AI task"
DEFAULT_PROMPT: Final = (
    "You are the voice assistant of this house.\n"
    "Answer in plain spoken sentences, as short as the question allows: "
    "no lists, no markup, no emoji.\n"
    "Answer in the language you are spoken to."
)

# Deadlines in seconds.
CONNECT_TIMEOUT: Final = 3.0
# A whole short answer: version, list of models.
ANSWER_TIMEOUT: Final = 10.0
LOAD_TIMEOUT: Final = 180.0
FIRST_TOKEN_TIMEOUT: Final = 30.0
TOKEN_GAP_TIMEOUT: Final = 15.0

# What an agent does unless its subentry says otherwise.
AGENT_DEFAULTS: Final[dict[str, Any]] = {
    CONF_PROMPT: DEFAULT_PROMPT,
    CONF_THINK: "off",
    CONF_NUM_PREDICT: 512,
    # Seconds a model stays loaded after a turn; -1 is for ever.
    CONF_KEEP_ALIVE: -1,
    CONF_HOUSE_INTENTS: True,
    CONF_FALLBACKS: [],
    CONF_CONNECT_TIMEOUT: CONNECT_TIMEOUT,
    CONF_FIRST_TOKEN_TIMEOUT: FIRST_TOKEN_TIMEOUT,
    CONF_TOKEN_GAP_TIMEOUT: TOKEN_GAP_TIMEOUT,
}

# A task may write more than anybody would listen to.
TASK_DEFAULTS: Final[dict[str, Any]] = AGENT_DEFAULTS | {CONF_NUM_PREDICT: 4096}

MAX_TOOL_ROUNDS: Final = 8

# Fired at the end of each turn; what it carries is told at AgentEntity.
EVENT_TURN: Final = f"{DOMAIN}_turn"
EVENT_GUARD: Final = f"{DOMAIN}_guard"
