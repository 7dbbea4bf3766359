"""The guard in one turn: it holds back what needs a person's word, and asks for it."""

import copy
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, Self

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm

from ..guard.actions import effects_of_action
from ..guard.consent import Judged, Request, Speaker
from ..guard.effects import Call, Effect, Foreseen
from ..guard.guard import Guard
from ..guard.intents import effects_of_tool
from ..guard.rules import Mode
from ..guard.sentences import ANYTHING, async_effects, async_effects_later
from . import surroundings
from .outside_text import MAX_NAME, one_line
from .wording import async_spoken_text

type Act = Callable[
    [Guarding, conversation.ConversationInput, conversation.ChatLog],
    Awaitable[conversation.ConversationResult],
]

# Who answered, where the guard did.
GUARD: Final = "guard"
# Targets that are named in a question; nobody listens to more.
NAMED: Final = 5
_WAITING: Final = "Nothing was done yet: the person is being asked to agree to this."
_NOBODY: Final = "Nothing was done: this needs a person's word, and nobody can be asked here."


class HeldError(HomeAssistantError):
    """A tool was about to do what needs a person's word."""


class Guarding:
    """What is held back in one turn, and what was agreed to.

    Args:
        hass: Home Assistant.
        guard: the agent's.
        user_input: what was said; None for a task, where nobody can be asked.
        conversation_id: of the chat log.
        permitted: what the person agreed to in this turn.

    Attributes:
        outcome: what came of the last guarded request of the turn, if there was one.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        guard: Guard[Act],
        user_input: conversation.ConversationInput | None,
        conversation_id: str,
        permitted: Collection[Effect] = frozenset(),
    ) -> None:
        self.hass = hass
        self.guard = guard
        self._user_input = user_input
        self._permitted = permitted
        self._held = Judged()
        self._calls: list[llm.ToolInput] = []
        self._not_later = False
        self.outcome: str | None = None
        self.speaker = Speaker(
            conversation_id,
            user_input.context.user_id if user_input else None,
            user_input.device_id if user_input else None,
        )

    def permitting(self, effects: Collection[Effect]) -> Self:
        """Return the guard of this turn after the person agreed to something."""
        conversation_id = self.speaker.conversation
        return type(self)(self.hass, self.guard, self._user_input, conversation_id, effects)

    @property
    def context(self) -> Context:
        """Return the context of what is done."""
        return self._user_input.context if self._user_input else Context()

    async def review(
        self, api: llm.APIInstance, calls: Sequence[llm.ToolInput]
    ) -> dict[str, llm.ToolResult]:
        """Return results in the place of the calls that are held back, by their id.

        A call that does harmless things along with guarded ones leaves open what was meant: then
        all that act are held back, and asked for together.
        """
        judged = {call.id: await self._judge(api, call) for call in calls}
        ambiguous = any(each.guarded and each.harmless for each in judged.values())
        held = {}
        for call in calls:
            each = judged[call.id]
            if each.guarded or (ambiguous and each.harmless):
                held[call.id] = self._hold(each, call)
        return held

    async def gate(self, call: llm.ToolInput, action: Call, _context: Context | None) -> bool:
        """Let a tool do something, as it is about to.

        Raises:
            HeldError: that needs a person's word.
        """
        judged = self._judged(
            await effects_of_action(self.hass, action.domain, action.service, action.data)
        )
        if judged.guarded:
            self._hold(judged, call)
            raise HeldError(_WAITING)
        return True

    def holds(self, call: llm.ToolInput) -> llm.ToolResult | None:
        """Return the result in the place of a call that was held back while it ran."""
        return self._result() if call in self._calls else None

    async def settle(self, act: Callable[[Sequence[llm.ToolInput]], Act]) -> str | None:
        """Return what is said instead of going on; None if nothing was held back.

        `act` makes what is done once the person agreed, from the calls that were held back.
        """
        held, calls = self._held, tuple(self._calls)
        self._held, self._calls = Judged(), []
        names = ", ".join(call.tool_name.rpartition("__")[2] for call in calls)
        return await self._ask(held, act(calls), names) if held.guarded else None

    async def foresee(
        self, user_input: conversation.ConversationInput, *, strict: bool
    ) -> Foreseen:
        """Return what Home Assistant's own agent would do with a sentence.

        Args:
            user_input: the sentence.
            strict: whether it goes only by sentences that it understands word for word.
        """
        sentence = replace(user_input, conversation_id=self.speaker.conversation)
        area = surroundings.area_id(self.hass, user_input)
        return await async_effects(self.hass, sentence, area, strict=strict)

    async def review_sentence(self, foreseen: Foreseen, sentence: str, act: Act) -> str | None:
        """Return what is said instead of acting on a sentence; None if nothing speaks against it.

        Args:
            foreseen: what would be done.
            sentence: what was said.
            act: does it once the person agreed.
        """
        judged = await self._judge_foreseen(foreseen)
        if foreseen.unknown:
            judged = judged.with_(self._judged((ANYTHING,)))
        return await self._ask(judged, act, sentence) if judged.guarded else None

    async def _judge(self, api: llm.APIInstance, call: llm.ToolInput) -> Judged:
        tool = next((tool for tool in api.tools if tool.name == call.tool_name), None)
        if tool is None:
            return Judged()
        foreseen = await effects_of_tool(self.hass, tool, copy.deepcopy(call), api.llm_context)
        return await self._judge_foreseen(foreseen)

    async def _judge_foreseen(self, foreseen: Foreseen) -> Judged:
        judged = self._judged(foreseen.effects)
        if not foreseen.later:
            return judged
        effects: Collection[Effect] = (ANYTHING,)
        if user_input := self._user_input:
            area = surroundings.area_id(self.hass, user_input)
            effects = await async_effects_later(self.hass, user_input, area, foreseen.later)
        later = self._judged(effects)
        self._not_later |= bool(later.guarded)
        return judged.with_(later)

    def _judged(self, effects: Collection[Effect]) -> Judged:
        return self.guard.judge(effects, permitted=self._permitted)

    def _hold(self, judged: Judged, call: llm.ToolInput) -> llm.ToolResult:
        self._held = self._held.with_(judged)
        self._calls.append(call)
        return self._result()

    def _result(self) -> llm.ToolResult:
        text = _WAITING if self._user_input else _NOBODY
        return llm.ToolResult({"error": "NeedsConsent", "error_text": text}, error=True)

    async def _ask(self, judged: Judged, act: Act, otherwise: str) -> str | None:
        """Ask for a person's word, or say why it cannot be had.

        `otherwise` is named if no target is known.
        """
        guard, mode = self.guard, self.guard.rules.strictest(judged.kinds)
        if self._user_input is None:
            self.report("unattended", judged)
            return None
        targets = self._names(judged) or one_line(otherwise, MAX_NAME)
        if mode is Mode.NEVER:
            self.report("never", judged)
            return await self.spoken("guard_never", targets=targets)
        if self._not_later:
            self.report("not_later", judged)
            return await self.spoken("guard_not_later", targets=targets)
        if mode is Mode.PIN and not guard.has_pin:
            self.report("no_pin", judged)
            return await self.spoken("guard_no_pin", targets=targets)
        if mode is Mode.PIN and (seconds := guard.attempts.wait):
            self.report("locked_out", judged)
            return await self.spoken("guard_locked_out", seconds=str(seconds))
        guard.pending.ask(Request(self.speaker, judged, mode, act, guard.clock()))
        self.report("asked", judged)
        return await self.spoken(_question(judged, mode), targets=targets)

    def report(self, outcome: str, judged: Judged) -> None:
        """Tell the house what came of a guarded request."""
        self.outcome = outcome
        self.guard.report(outcome, judged, self.speaker, self.context)

    async def spoken(self, key: str, **placeholders: str) -> str:
        """Return a text in the person's language."""
        language = self._user_input.language if self._user_input else self.hass.config.language
        return await async_spoken_text(self.hass, key, language, **placeholders)

    async def hear_pin(self, pin: str) -> bool:
        """Return whether it is the PIN; a wrong one counts as an attempt."""
        attempts = self.guard.attempts
        right = attempts.begin() and await self.guard.is_pin(pin)
        if right:
            attempts.succeed()
        return right

    async def pin_question(self, judged: Judged, *, wrong: bool) -> str:
        """Return the question for the PIN, asked once more."""
        question = await self.spoken("guard_pin", targets=self._names(judged))
        return f"{await self.spoken('guard_wrong_pin')} {question}" if wrong else question

    def _names(self, judged: Judged) -> str:
        states = [self.hass.states.get(target) for target in judged.targets]
        names = dict.fromkeys(one_line(state.name, MAX_NAME) for state in states if state)
        more = len(names) - NAMED
        return ", ".join([*list(names)[:NAMED], *([f"+ {more}"] if more > 0 else [])])


def _question(judged: Judged, mode: Mode) -> str:
    """Return the key of the question for consent."""
    if mode is Mode.PIN:
        return "guard_pin"
    if judged.harmless:
        return "guard_ask_all"
    kinds = judged.kinds
    return f"guard_ask_{kinds[0] if len(kinds) == 1 else 'marked'}"
