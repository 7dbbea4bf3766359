"""Fixtures of the memory's tests."""

from pathlib import Path

import pytest

from tests.unit.memory.memory_facts import fact, opened


@pytest.fixture(scope="module")
def store_of_three(tmp_path_factory: pytest.TempPathFactory):
    """A store with a fact of the household's, one of Anna's and one of Ben's."""
    store = opened(Path(tmp_path_factory.mktemp("three")) / "memory.db")
    store.add(
        fact(1, "The bins go out on Tuesday"),
        fact(2, "My passport is in the safe", "anna"),
        fact(3, "I am allergic to nuts and AND OR NOT", "ben"),
    )
    yield store
    store.close()
