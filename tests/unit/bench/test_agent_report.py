"""What the agent's bench tells, and what it calls broken."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from bench.__main__ import main
from bench.agent import PARTS, homellm
from bench.agent import main as bench_main
from bench.agent.families import FAMILIES
from bench.agent.faults import SCENARIOS, Outcome, spoken
from bench.agent.faulty import Fault
from bench.agent.measured import Engine
from bench.agent.modelled import CORE, OURS, Compared, Session
from bench.agent.own import LLM_ONLY, Own
from bench.agent.policy import Turn
from bench.agent.recall import Recalled, Sentence
from bench.agent.report import AT_LEAST, AT_MOST, KEYS, Found, broken, results, tables
from bench.agent.sessions import Heard, Taken
from bench.agent.standin import Request

QUESTION = Turn("kitchen", "Is it on", ("light.a",))


def _taken(*evaluated: int, first: float = 1.0) -> Taken:
    requests = [Request(False, 1000, 1000 - read, 10, 900) for read in evaluated]
    return Taken(QUESTION, Heard(None, "Yes.", first, first, failed=False), [], requests)


def _session(*turns: Taken) -> Session:
    return Session(list(turns), started=900, failed=[], overflowed=0)


def _compared(size: int, evaluated: int, family: int = 0) -> Compared:
    ours, core = _session(_taken(evaluated)), _session(_taken(900, 100))
    return Compared(size, FAMILIES[family], ours, ours, core, {"kitchen": 1.0, "bedroom": 0.995})


@pytest.fixture(name="found")
def _found() -> Found:
    """Return measurements that keep every promise."""
    sentence = Sentence("en", "rooms", "On", frozenset({"light.a"}), "kitchen")
    times = {OURS: [5.0], LLM_ONLY: [4.0], CORE: [10.0]}
    return Found(
        sessions=[
            _compared(50, 80),
            _compared(200, 90),
            _compared(200, 85, 3),
            _compared(1000, 96),
        ],
        recall=[Recalled(sentence, ("light.a",), frozenset())],
        own=[Own(200, times), Own(1000, times)],
        faults=[Outcome(Fault("401"), SCENARIOS[0], "en", "It is not so.", 0.1, 0)],
        engine=Engine("llama.cpp", [_taken(50, first=1.0)], [_taken(900, first=10.0)]),
    )


def test_the_keys(found: Found):
    """As they are computed, and null where nothing was measured; JSON knows all of it."""
    told = results(found)
    assert told["evaluated_tokens_ratio_200"] == 0.09
    assert told["evaluated_tokens_median_200"] == 90
    assert told["evaluated_tokens_growth_1000_over_50"] == 1.2
    assert told["head_cached_share_min"] == 0.995
    assert told["state_question_rounds"] == 1
    assert told["ttft_ratio_engine_200"] == 0.1
    assert told["ttft_ratio_modelled_200"] == pytest.approx(
        (1.5 + 0.125) / (1000 / 60 + 11 / 8), 0.01
    )
    assert (told["own_ms_200"], told["own_ms_1000"]) == (5.0, 5.0)
    assert (told["fault_answered_share"], told["double_actions"]) == (1, 0)
    json.dumps(told, allow_nan=False)
    nothing = results(Found())
    assert [nothing[key] for part in PARTS for key in KEYS[part]] == [None] * 12


def test_promises_that_are_kept(found: Found):
    """Every one is about a key there is."""
    assert broken(found, PARTS) == []
    assert {*AT_MOST, *AT_LEAST} <= set(results(found))


def test_promises_that_are_not(found: Found):
    """Worse figures, and what was not measured; but not parts nobody asked for."""
    assert broken(Found(), ["own"]) == ["own_ms_200", "own_ms_1000"]
    worse = replace(found, faults=[replace(found.faults[0], language="de", actions=2)])
    assert broken(worse, PARTS) == ["fault_answered_share", "double_actions"]
    assert broken(worse, ["recall"]) == []


def test_no_engine_is_no_broken_promise(found: Found):
    """It is told why there is none."""
    without = replace(found, engine=None, no_engine="There is no compiler here.")
    assert broken(without, PARTS) == []
    assert results(without)["engine"] == "There is no compiler here."


def test_an_apology_is_no_quick_answer(found: Found):
    """The engine's figure is not kept when a turn failed."""
    assert found.engine is not None
    heard = replace(found.engine.ours[0].heard, failed=True, first=0.01)
    engine = replace(found.engine, ours=[replace(found.engine.ours[0], heard=heard)])
    assert broken(replace(found, engine=engine), PARTS) == ["ttft_ratio_engine_200"]


def test_the_tables(found: Found):
    """All of them can be printed."""
    written = Console(file=io.StringIO(), width=120)
    for table in tables(found):
        written.print(table)
    text = written.file.getvalue()  # type: ignore[attr-defined]
    assert "1000, qwen3" in text
    assert "200, llama3_ollama" in text


def test_the_command_line(
    found: Found, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """JSON at the end; exit code 1 if a promise is not kept."""

    async def measure(*_: object, **__: object) -> Found:
        return found

    monkeypatch.setattr(bench_main, "measure", measure)
    assert main(["agent", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["bench"] == "agent"
    assert told["results"]["retrieval_recall"] == 1
    found.recall[0] = replace(found.recall[0], things=())
    assert main(["agent", "--only", "recall"]) == 1
    with pytest.raises(SystemExit):
        main(["agent", "--only", "demo"])


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("The lamp is on", {"en"}),
        ("Die Lampe ist an", {"de"}),
        ("Die Antwort ist abgebrochen: the connection broke off", {"de", "en"}),
        ("", set()),
    ],
)
def test_languages_of_an_answer(text: str, languages: set[str]):
    """A German answer with an English tail is not all German."""
    assert spoken(text) == languages


def test_a_model_that_is_read_ahead_costs_what_is_left_of_it():
    """Two seconds are spoken meanwhile; what is read in them is not waited for."""
    ahead = Taken(QUESTION, _taken(60).heard, [Request(True, 240, 0, 1, 240)], _taken(60).asked)
    assert ahead.first_token == pytest.approx((240 / 60 - 2) + 1 + 1 / 8)


def test_the_other_peer_is_not_pretended():
    """Why home-llm is not measured is told."""
    assert "HACS" in homellm.runs()
