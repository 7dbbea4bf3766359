"""Configured models are loaded when needed and freed when nobody needs them."""

import ctypes
import logging
import platform
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.unit.services.stt.listening import opened
from wyoming_services import memory
from wyoming_services.config import SttConfig
from wyoming_services.machine import this_machine
from wyoming_services.stt.models import ConfiguredModel


@pytest.fixture
def model(whisper_folder: Path) -> Iterator[ConfiguredModel]:
    """The demo model, not loaded yet."""
    one = ConfiguredModel(str(whisper_folder), "demo", SttConfig())
    yield one
    one.unload()


def test_it_is_loaded_once(model: ConfiguredModel, caplog: pytest.LogCaptureFixture):
    """By whichever thread comes first; the log says on what it runs and why."""
    caplog.set_level(logging.INFO)
    assert not model.loaded
    got: list[Any] = []
    threads = [threading.Thread(target=lambda: got.append(opened(model))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert model.loaded
    assert len({id(each) for each in got}) == 1
    (line,) = caplog.messages
    expected = r"cpu, int8_float32, \d+ threads?, beam size \d; no CUDA device, "
    assert re.search(expected + re.escape(str(this_machine())), line)


def test_what_is_used_is_not_unloaded(model: ConfiguredModel):
    """Not before its last user is done, however long that takes."""
    with ExitStack() as users:
        whisper = users.enter_context(model.use())
        with model.use() as other:
            assert other is whisper
        assert not model.unload_if_idle(0)
        assert model.loaded
    assert model.unload_if_idle(0)
    assert not model.loaded
    assert not model.unload_if_idle(0)  # there is nothing left to free


def test_a_user_that_fails_is_gone_all_the_same(model: ConfiguredModel):
    """The model can be unloaded."""
    with pytest.raises(ZeroDivisionError), model.use():
        raise ZeroDivisionError
    assert model.unload_if_idle(0)


def test_it_stays_until_its_time_has_come(model: ConfiguredModel):
    """Every use begins it anew."""
    opened(model)
    assert not model.unload_if_idle(3600)
    assert model.loaded


def test_it_is_loaded_again(model: ConfiguredModel):
    """As often as it takes."""
    for _ in range(3):
        with model.use() as whisper:
            assert whisper.model.model_is_loaded
        assert model.unload_if_idle(0)


def test_loading_is_not_waited_for(model: ConfiguredModel):
    """Whoever looks for idle models has others to look after."""
    with model._lock:
        assert not model.unload_if_idle(0)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others keep no freed memory")
def test_memory_goes_back_to_the_system():
    """Also what lies freed beneath something that is still in use."""
    process = psutil.Process()
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    size, count = 100_000, 500
    blocks = [libc.malloc(size) for _ in range(count)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    *freed, kept = blocks
    for block in freed:
        libc.free(ctypes.c_void_p(block))
    before = process.memory_info().rss
    memory.give_back()
    assert before - process.memory_info().rss > size * count / 2
    libc.free(ctypes.c_void_p(kept))


class _OnACard:
    """What CTranslate2's model of a CUDA device does when it is moved, without the device."""

    device = "cuda"

    def __init__(self) -> None:
        self.model_is_loaded = True
        self.room = True

    def unload_model(self, *, to_cpu: bool) -> None:
        """Move the weights off the card."""
        assert to_cpu
        self.model_is_loaded = False

    def load_model(self) -> None:
        """Move them back."""
        if not self.room:
            raise RuntimeError("CUDA failed with error out of memory")
        self.model_is_loaded = True


def test_on_a_card_the_weights_move(model: ConfiguredModel):
    """They stay in the machine's memory, and are read from the disk again only if they must be."""
    whisper = opened(model)
    real, whisper.model = whisper.model, _OnACard()
    assert model.unload_if_idle(0)
    assert not model.loaded
    assert opened(model) is whisper
    assert model.loaded
    assert model.unload_if_idle(0)
    whisper.model.room = False
    assert opened(model) is not whisper
    assert real.device == "cpu"
