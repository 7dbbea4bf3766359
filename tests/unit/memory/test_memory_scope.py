"""A person's facts never reach anybody else, whatever is asked for and however."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.local_assist.memory.facts import Scope
from custom_components.local_assist.memory.store import MemoryStore
from tests.unit.memory.memory_facts import NOW, Clock, fact, opened

PEOPLE = (None, "anna", "ben", "", "@anna", "%", "null")
WORDS = ("bins", "Tuesday", "passport", "safe", "coffee", "Müll", "allergic", "nuts")
SYNTAX = ('"', "NEAR(", "*", "^", "tokens:", "AND", "OR", "NOT", "{a b}:", "-", "+", ")", "\x00")
people = st.sampled_from(PEOPLE)
scopes = st.frozensets(people, max_size=3)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
queries = st.lists(st.sampled_from(WORDS + SYNTAX) | st.text(max_size=6), max_size=6).map(" ".join)
facts = st.lists(st.tuples(texts, people, st.sampled_from((None, -1, 1))), max_size=12)
steps = st.lists(
    st.tuples(st.sampled_from(("move", "forget", "vectors")), st.integers(0, 11), scopes, people),
    max_size=6,
)
VECTORS = np.eye(12, dtype=np.float32)


def _returned(store: MemoryStore, query: str, scope: Scope, number: int) -> list:
    """Return every fact that any method gives for a scope."""
    found = store.search(query, scope, limit=20)
    found += store.search(query, scope, vector=VECTORS[number], model="m", limit=20)
    one = store.get(str(number), scope)
    return [
        *(hit.fact for hit in found),
        *([one] if one else []),
        *store.all(scope),
        *store.missing_vectors("m", scope),
        *store.missing_vectors("n", scope),
    ]


@settings(max_examples=80, deadline=None)
@given(told=facts, done=steps, query=queries, scope=scopes, number=st.integers(0, 11))
def test_nothing_out_of_the_scope_ever_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    told: list,
    done: list,
    query: str,
    scope: Scope,
    number: int,
):
    """After any changes, whatever is asked."""
    clock = Clock()
    store = opened(Path(tmp_path_factory.mktemp("scope")) / "memory.db", clock)
    for place, (text, person, hours) in enumerate(told):
        expires = None if hours is None else NOW + timedelta(hours=hours)
        store.add(fact(place, text, person, expires=expires))
    for what, place, seen, person in done:
        before = store.get(str(place), seen)
        if what == "move":
            changed = store.change(str(place), seen, person=person)
            assert (changed is None) == (before is None)
        elif what == "forget":
            assert store.forget([str(place)], seen) == (before is not None)
        else:
            store.put_vectors("m", {str(place): VECTORS[place]})
            _returned(store, query, seen, place)
    for moment in (0, 2):
        clock.now = NOW + timedelta(hours=moment)
        for given_back in _returned(store, query, scope, number):
            assert given_back.person in scope
            assert given_back.expires is None or given_back.expires > clock.now
    store.close()


@settings(max_examples=300, deadline=None)
@given(query=queries | st.text(max_size=40), language=st.sampled_from((None, "en", "de-AT", "xx")))
def test_no_query_is_syntax(store_of_three: MemoryStore, query: str, language: str | None):
    """Operators of full-text search are words like any other, and quotes are nothing."""
    found = store_of_three.search(query, frozenset({"anna"}), language=language)
    assert all(hit.fact.person == "anna" for hit in found)
