"""What a model is sent in a turn: the head that never changes, and what this sentence needs."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm
from homeassistant.util import dt as dt_util

from ..backends.base import Message
from ..const import CONF_LLM_HASS_API, CONF_PROMPT, DOMAIN
from ..knowledge.knowledge import DATA_KNOWLEDGE
from ..knowledge.store import Passage
from ..memory.facts import Fact, Person
from ..memory.memory import DATA_MEMORY
from ..retrieval import Found, House
from . import citing, prompt, recalling, surroundings
from .convert import async_messages, told, tool_specifications
from .embeddings import Embeddings
from .house import HouseIndex
from .house_api import async_api, notes
from .outside_text import MAX_RESULT, lines
from .persona import split
from .states import context_lines
from .tokens import TokenEstimate
from .tool_repair import Names, ToolRepair

# Tokens of the context block's lines about things, and of the house's overview in the head.
CONTEXT_TOKENS = 450
OVERVIEW_TOKENS = 600
# Conversations of which is known who speaks and of what; each ends after minutes of silence anyway.
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Head:
    """What all requests of an agent begin with.

    Attributes:
        system: the system text.
        tools: their specifications, as the model is told of them.
        repair: mends the calls of these tools.
        api: what the tools belong to; None without tools.
    """

    system: str
    tools: tuple[dict[str, Any], ...]
    repair: ToolRepair | None
    api: llm.APIInstance | None


@dataclass(frozen=True, slots=True)
class Composed:
    """The prompt of a turn, and what it was made from.

    Attributes:
        found: what of the house the sentence is about; None without a house.
        recalled: what the house was told about that.
        knowledge: what the documents of the house say about it.
    """

    head: Head
    messages: tuple[Message, ...]
    found: Found | None
    recalled: tuple[Fact, ...] = ()
    knowledge: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kit:
    """Tools, and what was made of them for a house."""

    house: House
    tools: Sequence[llm.Tool]
    specifications: tuple[dict[str, Any], ...]
    repair: ToolRepair


class Composer:
    """Composes the prompts of one agent."""

    def __init__(
        self,
        hass: HomeAssistant,
        index: HouseIndex,
        settings: Mapping[str, Any],
        embeddings: Embeddings | None = None,
    ) -> None:
        self._hass = hass
        self._index = index
        self._embeddings = embeddings
        self._api_ids: list[str] = settings.get(CONF_LLM_HASS_API) or []
        # Of the house it is told only if it may control it.
        self._knows_house = llm.LLM_API_ASSIST in self._api_ids
        self._fixed, self._changing = split(settings[CONF_PROMPT])
        # Not that of a model: the overview must not change with what is learned of one.
        self._estimate = TokenEstimate()
        self._kit: _Kit | None = None
        self._last: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        # Who speaks in a conversation, and since which of its contents.
        self._speakers: OrderedDict[str, tuple[Person, int]] = OrderedDict()
        # Passages a conversation was told lately, the last first.
        self._cited: OrderedDict[str, tuple[Passage, ...]] = OrderedDict()

    def hear(self, sentence: str) -> None:
        """Begin with what composing will need, while something else is tried."""
        if self._embeddings is None:
            return
        self._embeddings.hear(sentence, self._index.async_get())
        memory = self._hass.data[DATA_MEMORY]
        self._embeddings.learn("memory", memory, memory.changes)
        knowledge = self._hass.data[DATA_KNOWLEDGE]
        self._embeddings.learn("knowledge", knowledge, knowledge.changes)

    async def prepare(self, language: str) -> None:
        """Get ready for a sentence in a language."""
        self.hear("")
        await self._index.async_retriever(language)

    async def head(self, llm_context: llm.LLMContext) -> Head:
        """Return the head, the same for every context.

        Raises:
            LlmApiError: an API the agent was given is gone.
            PromptTemplateError: the persona is a template that fails.
        """
        api: llm.APIInstance | None = None
        overview = ""
        if self._api_ids:
            api = await async_api(self._hass, self._index, self._api_ids).async_get_api_instance(
                llm_context
            )
            if self._knows_house:
                overview = self._index.overview(
                    max_tokens=OVERVIEW_TOKENS, count=self._estimate.count
                )
        persona = surroundings.render(self._hass, self._fixed, {})
        system = prompt.head(persona, api.api_prompt if api else "", overview)
        specifications, repair = self._tools(api)
        return Head(system, specifications, repair, api)

    async def compose(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> Composed:
        """Return the prompt for what the person just said.

        Raises:
            LlmApiError: an API the agent was given is gone.
            PromptTemplateError: the persona is a template that fails.
            AttachmentError: an image cannot be read.
        """
        llm_context = user_input.as_llm_context(DOMAIN)
        head = await self.head(llm_context)
        chat_log.llm_api = head.api
        chat_log.llm_input_provided_index = len(chat_log.content)
        chat_log.extra_system_prompt = (
            user_input.extra_system_prompt or chat_log.extra_system_prompt
        )
        chat_log.content[0] = conversation.SystemContent(content=head.system)
        persona = await surroundings.async_persona(self._hass, self._changing, user_input)
        recalled, passages, found = await self._look_up(user_input, chat_log)
        cited = self._cited.get(chat_log.conversation_id, ())
        context = prompt.context_block(
            dt_util.now(),
            user_input.language,
            surroundings.room(self._hass, user_input),
            [
                lines(persona, MAX_RESULT),
                *(notes(self._hass, llm_context) if self._knows_house else ()),
                lines(chat_log.extra_system_prompt or ""),
                *self._lines(found),
                *recalling.lines(recalled),
                *citing.lines(passages, cited),
            ],
        )
        history = await async_messages(self._hass, self._own(user_input, chat_log), head.api)
        if passages:
            _keep(self._cited, chat_log.conversation_id, citing.latest(passages, cited))
        messages = prompt.lay_out(head.system, history, context)
        return Composed(head, messages, found, recalled, passages)

    def _own(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> Sequence[conversation.Content]:
        """Return the conversation since this person speaks.

        Before that somebody else may have been told what is remembered of them.
        """
        key, now = chat_log.conversation_id, len(chat_log.content) - 1
        person, start = self._speakers.get(key, (user_input.context.user_id, 1))
        if person != user_input.context.user_id or start > now:
            start = now
        _keep(self._speakers, key, (user_input.context.user_id, start))
        return chat_log.content[start:]

    async def _look_up(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> tuple[tuple[Fact, ...], tuple[Passage, ...], Found | None]:
        """Return what was told and is written about the sentence, and what of the house it is."""
        if not self._knows_house:
            return (), (), None
        # What is on disk is read beside the event loop while the house is looked through.
        recalled, passages, found = await asyncio.gather(
            recalling.async_facts(self._hass, user_input, self._embeddings, self._estimate.count),
            citing.async_found(self._hass, user_input, self._embeddings),
            self._find(user_input, chat_log),
        )
        if recalled:
            self._hass.data[DATA_MEMORY].speak_of(chat_log.conversation_id, recalled)
        return recalled, passages, found

    def _tools(
        self, api: llm.APIInstance | None
    ) -> tuple[tuple[dict[str, Any], ...], ToolRepair | None]:
        """Return the specifications of the tools and what mends calls, kept while they hold."""
        if api is None:
            return (), None
        house, kit = self._index.async_get(), self._kit
        if kit is None or kit.house is not house or not _same(kit.tools, api.tools):
            specifications = tool_specifications(api)
            repair = ToolRepair(specifications, Names.of(house))
            compact = tuple(map(told, specifications))
            kit = self._kit = _Kit(house, api.tools, compact, repair)
        return kit.specifications, kit.repair

    async def _find(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> Found:
        key = chat_log.conversation_id
        recent = tuple(_targets(chat_log)) or self._last.get(key, ())
        near = None
        if self._embeddings:
            near = self._embeddings.near(user_input.text, self._index.async_get())
        retriever = await self._index.async_retriever(user_input.language)
        found = retriever.find(
            user_input.text,
            room=surroundings.area_id(self._hass, user_input),
            recent=recent,
            similar=near,
        )
        _keep(self._last, key, found.things[:3] or recent)
        return found

    def _lines(self, found: Found | None) -> list[str]:
        if found is None:
            return []
        return context_lines(
            self._hass,
            self._index.async_get(),
            found,
            max_tokens=CONTEXT_TOKENS,
            count=self._estimate.count,
        )


def _keep[T](kept: OrderedDict[str, T], conversation_id: str, what: T) -> None:
    """Remember something of a conversation, and let go of the oldest."""
    kept[conversation_id] = what
    kept.move_to_end(conversation_id)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _same(ours: Sequence[llm.Tool], theirs: Sequence[llm.Tool]) -> bool:
    return len(ours) == len(theirs) and all(map(is_, ours, theirs, strict=True))


def _targets(chat_log: conversation.ChatLog) -> Iterator[str]:
    """Yield the entities that were acted on in the turn before."""
    for content in reversed(chat_log.content[:-1]):
        if isinstance(content, conversation.UserContent):
            return
        if isinstance(content, conversation.ToolResultContent):
            data = content.result.data.get("data")
            success = data.get("success") if isinstance(data, dict) else None
            for target in success if isinstance(success, list) else ():
                if isinstance(target, dict) and target.get("type") == "entity" and target.get("id"):
                    yield str(target["id"])
