"""The tools by which a model remembers, recalls and forgets what it was told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, override

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.chat_session import current_session
from homeassistant.helpers.llm import LLMContext, Tool, ToolAnnotations, ToolInput, ToolResult
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..const import DOMAIN
from ..memory.embedder import async_vector
from ..memory.facts import HOUSEHOLD, Fact, Person
from ..memory.memory import DATA_MEMORY, Memory
from ..memory.people import async_speaker

# Facts in one result: what was found, and what is listed when all is asked for.
FOUND: Final = 5
LISTED: Final = 20
_PERSON: Final = "person"
_HOUSEHOLD: Final = "household"


class RememberTool(Tool):
    """Keeps a fact for later conversations."""

    name = f"{DOMAIN}__Remember"
    title = "Remember a fact"
    description = "Remembers a fact for later conversations. Call it when asked to remember."
    annotations = ToolAnnotations(
        read_only=False, destructive=False, idempotent=True, open_world=False
    )
    integration = DOMAIN
    parameters = probatio.Schema(
        {
            probatio.Required("fact", description="One whole sentence"): cv.string,
            probatio.Optional("whose", description="Who it concerns"): probatio.In(
                [_PERSON, _HOUSEHOLD]
            ),
            probatio.Optional("until", description="Date, if it ends then"): cv.string,
        }
    )

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Keep the fact: as the speaker's, unless it is the household's or nobody knows who speaks.

        Raises:
            LocalAssistError: it cannot be a fact, or the memory cannot be used.
            probatio.Invalid: an argument is not one of these.
        """
        wanted = self.parameters(tool_input.tool_args)
        person = await async_speaker(hass, llm_context.context)
        if wanted.get("whose") == _HOUSEHOLD:
            person = HOUSEHOLD
        expires = None
        if until := wanted.get("until", "").strip():
            expires = _end_of(until)
            if expires is None:
                return _failed(f"until must be a date such as 2026-12-24, not {until!r:.40}.")
        memory = hass.data[DATA_MEMORY]
        fact = await memory.async_remember(
            wanted["fact"], person=person, source=f"tool:{llm_context.platform}", expires=expires
        )
        memory.speak_of(_conversation(llm_context), [fact])
        told: JsonObjectType = {"remembered": fact.text, "whose": _whose(fact)}
        if fact.expires:
            told["until"] = dt_util.as_local(fact.expires).isoformat(timespec="minutes")
        return ToolResult(told)


class RecallTool(Tool):
    """Looks up what the speaker, or the household, told before."""

    name = f"{DOMAIN}__Recall"
    title = "Recall facts"
    description = "Looks up remembered facts. Without a query it lists what is known."
    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )
    integration = DOMAIN
    parameters = probatio.Schema({probatio.Optional("query"): cv.string})

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Return the facts nearest to the query; if there are none, the newest.

        Raises:
            LocalAssistError: the memory cannot be used.
            probatio.Invalid: an argument is no text, or not one of these.
        """
        memory, person = hass.data[DATA_MEMORY], await async_speaker(hass, llm_context.context)
        query = self.parameters(tool_input.tool_args).get("query", "").strip()
        told: JsonObjectType = {}
        facts: list[Fact] = []
        if query:
            vector, model = await async_vector(hass, query)
            found = await memory.async_recall(
                query,
                person=person,
                language=llm_context.language,
                limit=FOUND,
                vector=vector,
                model=model,
            )
            facts = [each.fact for each in found]
        if not facts:
            known = await memory.async_list(person)
            facts = known[:LISTED]
            if not facts:
                told["note"] = "Nothing is remembered."
            elif query:
                told["note"] = "Nothing matches the query. These are the newest facts."
            if len(known) > LISTED:
                told["not_listed"] = len(known) - LISTED
        await memory.async_used([fact.id for fact in facts])
        memory.speak_of(_conversation(llm_context), facts)
        return ToolResult(_by_owner(facts) | told)


class ForgetTool(Tool):
    """Forgets what was told before."""

    name = f"{DOMAIN}__Forget"
    title = "Forget a fact"
    description = "Forgets a remembered fact. Without a query, the one spoken of last."
    annotations = ToolAnnotations(
        read_only=False, destructive=True, idempotent=False, open_world=False
    )
    integration = DOMAIN
    parameters = probatio.Schema({probatio.Optional("query"): cv.string})

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Forget the fact that is meant; if it may be several, none, and return which.

        Raises:
            LocalAssistError: the memory cannot be used.
            probatio.Invalid: an argument is no text, or not one of these.
        """
        memory, person = hass.data[DATA_MEMORY], await async_speaker(hass, llm_context.context)
        query = self.parameters(tool_input.tool_args).get("query", "").strip()
        if query:
            sure, facts = await _meant(memory, query, person, llm_context.language)
        else:
            ids = memory.spoken_of(_conversation(llm_context))
            known = await memory.async_list(person)
            facts = [fact for fact in known if fact.id in ids]
            sure = len(facts) == 1
        if not facts:
            return _failed("No remembered fact matches. Recall lists them.")
        if sure:
            gone = await memory.async_forget([fact.id for fact in facts], person)
            return ToolResult({"forgotten": _texts(gone)})
        memory.speak_of(_conversation(llm_context), facts)
        return ToolResult(
            {
                "forgotten": [],
                "which": _texts(facts[:FOUND]),
                "note": "Nothing was forgotten yet. Ask which one is meant, then call again with "
                "its whole text as query.",
            }
        )


MEMORY_TOOLS: Final[tuple[Tool, ...]] = (RememberTool(), RecallTool(), ForgetTool())
"""The same objects for every turn and agent, for they know nothing of either."""


async def _meant(
    memory: Memory, query: str, person: Person, language: str | None
) -> tuple[bool, list[Fact]]:
    """Return whether it is clear which facts are meant, and which they are or may be."""
    said = _plain(query)
    # One may be known of the person and of the household.
    if same := [fact for fact in await memory.async_list(person) if _plain(fact.text) == said]:
        return True, same
    found = await memory.async_recall(query, person=person, language=language)
    strong = [each.fact for each in found if each.strong]
    return len(strong) == 1, strong or [each.fact for each in found]


def _plain(text: str) -> str:
    return " ".join(text.casefold().rstrip(" .!").split())


def _conversation(llm_context: LLMContext) -> str:
    """Return what stands for the conversation a tool is called in."""
    if session := current_session.get():
        return session.conversation_id
    speaker = llm_context.context.user_id if llm_context.context else None
    return f"{speaker} {llm_context.device_id}"


def _end_of(until: str) -> datetime | None:
    """Return a time, or when a date is over, in the house's zone; None if it is neither."""
    if date := dt_util.parse_date(until):
        return dt_util.start_of_local_day(date + timedelta(days=1))
    moment = dt_util.parse_datetime(until)
    if moment and moment.tzinfo is None:
        return moment.replace(tzinfo=dt_util.get_default_time_zone())
    return moment


def _whose(fact: Fact) -> str:
    return _HOUSEHOLD if fact.person is HOUSEHOLD else _PERSON


def _texts(facts: Sequence[Fact]) -> list[JsonValueType]:
    return [fact.text for fact in facts]


def _by_owner(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return facts as a model is told them: those of the person, and the household's."""
    told: dict[str, Any] = {}
    for fact in facts:
        told.setdefault(_whose(fact), []).append(fact.text)
    return told


def _failed(error: str) -> ToolResult:
    return ToolResult({"error": error}, error=True)
