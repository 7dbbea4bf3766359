"""Twenty turns of a household, from three rooms, while the house goes on changing."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from homeassistant.components import conversation
from homeassistant.components.conversation import async_get_chat_log, async_prepare_agent
from homeassistant.core import Context
from homeassistant.helpers import chat_session

from bench.agent.entities import Contact
from bench.agent.home import Agent, Home
from bench.agent.houses import House
from bench.agent.policy import Call, Known, Turn
from bench.agent.standin import READ, WRITE

SPEAKING = 2.0
"""Seconds a person speaks, while what was prepared can be read."""
_CHANGES = 5
"""How many things change between two turns."""


def turns(house: House) -> list[Turn]:
    """Return what is said. Every house has what it is about."""
    lamps = tuple(
        thing.entity_id
        for thing in house.things
        if thing.area == "living_room" and thing.kind.domain == "light"
    )
    name = {thing.entity_id: thing.names[0] for thing in house.things}

    def order(
        room: str, text: str, tool: str, *things: str, says: str = "Done.", **more: Any
    ) -> Turn:
        calls = tuple(Call(tool, {"name": name[thing]} | more) for thing in things)
        return Turn(room, text, things, calls, says)

    kitchen, living, bedroom = "kitchen", "living_room", "bedroom"
    return [
        order(kitchen, "I can hardly see what I am chopping, could you do something about the "
              "counter light", "HassTurnOn", "light.kitchen_counter",
              says="The counter light is on."),
        Turn(living, "Has anybody thought of letting the blind down in here",
             ("cover.living_room_blind",), says="Somebody has, the blind is down."),
        Turn(bedroom, "What would a thermometer show in here right now",
             ("sensor.bedroom_temperature",), says="It is pleasantly warm."),
        Turn(kitchen, "Is that coffee machine still running",
             ("switch.kitchen_coffee",), says="No, the coffee machine is off."),
        order(kitchen, "Then get it going, somebody is about to wake up", "HassTurnOn",
              "switch.kitchen_coffee", says="The coffee machine is warming up."),
        order(living, "We are all set for movie night, make it so", "HassTurnOn", "scene.movie",
              says="Enjoy the film."),
        order(bedroom, "I am going to read, give me just a little of Anna's lamp", "HassLightSet",
              "light.bedroom_bedside_left", brightness=30, says="Her lamp is at thirty percent."),
        Turn(living, "How warm does the thermostat say it is",
             ("climate.living_room_radiator",), says="It is a little cool."),
        Turn(kitchen, "What goes well with basil", says="Tomatoes and mozzarella, of course."),
        Turn(bedroom, "Is the window in here shut, I feel a draught",
             ("binary_sensor.bedroom_window",), says="Yes, the bedroom window is shut."),
        Turn(living, "Is anything still on the television",
             ("media_player.living_room_tv",), says="No, it is off."),
        order(living, "Nobody is watching, so put an end to it", "HassTurnOff",
              "media_player.living_room_tv", says="The television is off."),
        Turn(kitchen, "I have had the oven on for hours, how hot has it become in the kitchen",
             ("sensor.kitchen_temperature",), says="It is rather hot."),
        order(bedroom, "I do not want to see the street lamps, draw the curtains", "HassTurnOff",
              "cover.bedroom_curtain", says="The curtains are drawn."),
        Turn(bedroom, "Did I lock up, I mean the front door", ("lock.hall_front_door",),
             says="Yes, the front door is locked."),
        order(kitchen, "The floor is full of crumbs, let Rosie have a go", "HassVacuumStart",
              "vacuum.hall_robot", says="Rosie is on her way."),
        Turn(living, "Which of the lights in this room did we forget", lamps,
             says="Only the floor lamp is on."),
        order(kitchen, "Bring both the counter light and the ceiling light in here down to a third",
              "HassLightSet", "light.kitchen_counter", "light.kitchen_ceiling", brightness=33,
              says="Both lights are at a third."),
        Turn(living, "Why is the sky red in the evening",
             says="Because blue light is scattered on its long way through the air."),
        Turn(bedroom, "Is it warmer in the bedroom than in the kitchen",
             ("sensor.bedroom_temperature", "sensor.kitchen_temperature"),
             says="No, the kitchen is warmer."),
    ]  # fmt: skip


def truth(home: Home, entity_id: str) -> Known:
    """Return what a thing is called and what its state may be told as."""
    state = home.hass.states.get(entity_id)
    assert state is not None
    told = [state.state]
    if isinstance(home.entities[entity_id], Contact):
        told.append("open" if state.state == "on" else "closed")
    if state.domain == "climate":
        told = [str(state.attributes["current_temperature"])]
    told += [one.removesuffix(".0") for one in told if one.endswith(".0")]
    told += [one.replace(".", ",") for one in told if "." in one]
    return Known(home.house.by_id[entity_id].names, tuple(told), state.domain)


def live(home: Home, number: int) -> None:
    """Let things change by themselves, the same ones before the same turn."""
    pick = random.Random(number)
    for entity in pick.sample(list(home.entities.values()), _CHANGES):
        entity.vary(pick.randrange(60))


class Asked(Protocol):
    """A chat a server answered, in tokens."""

    warm_up: bool
    evaluated: int
    written: int


class Server(Protocol):
    """A server that writes down what it was asked."""

    @property
    def requests(self) -> Sequence[Asked]:
        """Return what it was asked so far, in order."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a turn, in seconds of this machine: to the first words, and to the end."""

    conversation_id: str | None
    text: str
    first: float
    took: float
    failed: bool


@dataclass
class Taken:
    """A turn and the requests it took, besides those before it was said."""

    turn: Turn
    heard: Heard
    prepared: list[Asked] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def evaluated(self) -> int:
        """Return the tokens that were read while somebody waited for the answer."""
        return sum(request.evaluated for request in self.asked)

    @property
    def warmed(self) -> int:
        """Return the tokens that were read ahead."""
        return sum(request.evaluated for request in self.prepared)

    @property
    def first_token(self) -> float:
        """Return when the first word of the answer comes, on the clock of the stand-in.

        Whatever is read ahead is read while the person speaks, and what is left of it then, after.
        """
        if not self.asked:
            return 0.0
        ahead = max(self.warmed / READ - SPEAKING, 0.0)
        calls = sum(request.written for request in self.asked[:-1])
        return ahead + self.evaluated / READ + (calls + 1) / WRITE


async def run(
    home: Home,
    agent: Agent,
    server: Server,
    said: Sequence[Turn],
    *,
    in_real_time: bool = False,
) -> list[Taken]:
    """Hold a session: each room has its conversation, and is listened to before it is answered.

    Args:
        home: where.
        agent: who is asked.
        server: its model's.
        said: what is said.
        in_real_time: the person takes time to speak; else what is prepared is always done by then.
    """
    home.reset()
    conversations: dict[str, str | None] = {}
    taken = []
    for number, turn in enumerate(said):
        live(home, number)
        await home.settle()
        before = len(server.requests)
        await async_prepare_agent(home.hass, agent.entity_id, "en")
        await (asyncio.sleep(SPEAKING) if in_real_time else home.settle())
        begun = len(server.requests)
        heard = await ask(home, agent, turn, conversations.get(turn.room))
        done = len(server.requests)
        await home.settle()
        conversations[turn.room] = heard.conversation_id
        new = list(server.requests[before:])
        asked = [one for one in server.requests[begun:done] if not one.warm_up]
        taken.append(Taken(turn, heard, [one for one in new if one not in asked], asked))
    return taken


async def ask(
    home: Home, agent: Agent, turn: Turn, conversation_id: str | None = None, language: str = "en"
) -> Heard:
    """Ask as a pipeline does, and note when the first words come."""
    start = time.perf_counter()
    first: list[float] = []

    def hear(_: conversation.ChatLog, delta: dict[str, Any]) -> None:
        if delta.get("content") and not first:
            first.append(time.perf_counter() - start)

    context, device = Context(), home.satellites[turn.room]
    with chat_session.async_get_chat_session(home.hass, conversation_id) as session:
        given = conversation.ConversationInput(
            text=turn.text,
            context=context,
            conversation_id=session.conversation_id,
            device_id=device,
            satellite_id=None,
            language=language,
            agent_id=agent.entity_id,
        )
        with async_get_chat_log(home.hass, session, given, chat_log_delta_listener=hear):
            result = await conversation.async_converse(
                home.hass,
                turn.text,
                session.conversation_id,
                context,
                language=language,
                agent_id=agent.entity_id,
                device_id=device,
            )
    took = time.perf_counter() - start
    speech = result.response.speech.get("plain", {}).get("speech", "")
    failed = result.response.response_type.value == "error"
    return Heard(result.conversation_id, speech, first[0] if first else took, took, failed)
