"""Speech-to-text with the demo model and nothing stood in for."""

import json
import logging
import re
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from tqdm import tqdm
from wyoming.asr import Transcribe

from tests.unit.services.speaking import Audio, hear, say
from tests.unit.services.wire import Wire
from wyoming_services.catalog.whisper import LANGUAGES
from wyoming_services.config import SttConfig, TtsConfig
from wyoming_services.errors import BadRequestError, EngineError, NotFoundError
from wyoming_services.stt import decoding
from wyoming_services.stt.decoding import Reading
from wyoming_services.stt.service import SttService
from wyoming_services.stt.whisper import WhisperEngine
from wyoming_services.tts.service import TtsService

SENTENCE = "turn on the kitchen light"


def test_what_a_voice_says_is_understood(stt: SttService, tts: TtsService) -> None:
    """Text to speech to text."""
    audio = say(tts, SENTENCE).at(16000)
    assert hear(stt, *audio.events(), language="en") == {"text": SENTENCE, "language": "en"}


@pytest.mark.parametrize("language", ["en-US", "EN", "en_GB"])
def test_a_regional_language_is_its_language(
    stt: SttService, tts: TtsService, language: str
) -> None:
    """Whisper knows no regions."""
    assert hear(stt, *say(tts, SENTENCE).events(), language=language)["language"] == "en"


@pytest.mark.parametrize("asked", [{}, {"language": "auto"}])
def test_the_language_is_detected_when_none_is_given(
    stt: SttService, tts: TtsService, asked: dict[str, str]
) -> None:
    """And told."""
    assert hear(stt, *say(tts, SENTENCE).events(), **asked) == {"text": SENTENCE, "language": "en"}


@pytest.mark.parametrize("text", ["schalte das licht in der küche ein", "wie spät ist es"])
def test_german_is_understood(
    stt: SttService, voices_folder: Path, tmp_path: Path, text: str
) -> None:
    """Spoken by the demo voice with German sounds."""
    shutil.copy(voices_folder / "en_US-demo-low.onnx", tmp_path / "de_DE-demo-low.onnx")
    config = json.loads((voices_folder / "en_US-demo-low.onnx.json").read_text())
    config["espeak"]["voice"] = "de"
    (tmp_path / "de_DE-demo-low.onnx.json").write_text(json.dumps(config))
    german = TtsService(TtsConfig(voice="de_DE-demo-low", data_dirs=(tmp_path,)))
    heard = hear(stt, *say(german, text).events(), language="de")
    assert heard == {"text": text, "language": "de"}


def test_the_configured_language_holds_when_none_is_given(
    whisper_folder: Path, tts: TtsService
) -> None:
    """A client's own choice comes before it."""
    service = SttService(SttConfig(models=(str(whisper_folder),), languages=("de",)))
    audio = say(tts, SENTENCE).events()
    assert hear(service, *audio)["language"] == "de"
    assert hear(service, *audio, language="en") == {"text": SENTENCE, "language": "en"}


@pytest.mark.parametrize(
    ("rate", "width", "channels"), [(44100, 4, 2), (48000, 2, 2), (8000, 2, 1), (22050, 2, 1)]
)
def test_other_formats_are_understood(
    stt: SttService, tts: TtsService, rate: int, width: int, channels: int
) -> None:
    """They are converted first."""
    events = say(tts, SENTENCE).at(rate).events(width, channels)
    assert hear(stt, *events, language="en")["text"] == SENTENCE


@pytest.mark.parametrize("loudness", [0, 3])
def test_silence_is_no_text(stt: SttService, loudness: int) -> None:
    """Also with the faint noise of a quiet room."""
    noise = np.random.default_rng(1).normal(0, loudness, 48000).astype("<i2")
    assert hear(stt, *Audio(noise, 16000).events(), language="en")["text"] == ""


@pytest.mark.parametrize("sure", [decoding._SURE, 0.0])
def test_expected_words_do_not_get_in_the_way(
    stt: SttService, tts: TtsService, monkeypatch: pytest.MonkeyPatch, sure: float
) -> None:
    """A house full of names throws the demo model off; what it hears without them is likelier."""
    monkeypatch.setattr(decoding, "_SURE", sure)
    heard = hear(
        stt,
        *say(tts, SENTENCE).events(),
        language="en",
        transcript_names=["kitchen", *(f"lamp {number}" for number in range(300))],
        transcript_terms=["dim"],
        context={"initial_prompt": "turn off the bedroom light"},
    )
    assert heard["text"] == SENTENCE


@pytest.mark.parametrize(("before", "after"), [(0, 40), (40, 0), (20, 20)])
def test_speech_is_found_in_long_silence(
    stt: SttService, tts: TtsService, before: int, after: int
) -> None:
    """More seconds of it than Whisper hears at once."""
    one = say(tts, SENTENCE).at(16000).samples
    samples = np.pad(one, (16000 * before, 16000 * after))
    assert hear(stt, *Audio(samples, 16000).events(), language="en")["text"] == SENTENCE


def test_speech_longer_than_a_window(
    stt: SttService, tts: TtsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after the first 30 s is heard as well."""
    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # its thread would outlive the test
    one = say(tts, SENTENCE).at(16000).samples
    samples = np.concatenate([one, np.zeros(16000 * 31 - len(one), one.dtype), one])
    heard = hear(stt, *Audio(samples, 16000).events(), language="en")
    assert SENTENCE in str(heard["text"])


@pytest.mark.parametrize(("names", "tokens"), [((), 223), (("Bella",), 63)])
def test_the_last_words_of_a_long_prompt_are_kept(
    stt: SttService, names: tuple[str, ...], tokens: int
) -> None:
    """As many as Whisper takes beside the names to expect."""
    prompt = " ".join(["kitchen", *["light"] * 300])
    request = stt._engine.request(None, "en", names=names, prompt=prompt)
    with stt._engine.models["whisper-demo"].use() as model:
        manner = stt._engine._manner(model, request)
        assert manner.prompt == model.hf_tokenizer.encode(" light").ids * tokens
    assert manner.words == (", ".join(names) or None)


def test_a_distilled_model_is_not_told_what_to_expect(
    whisper_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Words before the utterance break those; the log says why they are left out."""
    shutil.copytree(whisper_folder, tmp_path / "distil-demo")
    engine = WhisperEngine(SttConfig(models=(str(tmp_path / "distil-demo"),)))
    request = engine.request(None, "en", names=("Bella",))
    caplog.set_level(logging.INFO)
    with engine.models["distil-demo"].use() as model:
        assert engine._manner(model, request).words is None
    assert "distil-demo is distilled and writes nonsense after a prompt" in caplog.text


@pytest.mark.parametrize(
    ("listed", "asked", "may_be"),
    [
        ((), None, ()),
        ((), "de-DE", ("de",)),
        (("de",), None, ("de",)),
        (("de",), "en", ("en",)),
        (("en", "de"), None, ("en", "de")),
        (("en", "de"), "de", ("en", "de")),
        (("en", "fr"), "de", ("de",)),
        (("en", "fr"), None, ("en",)),
    ],
)
def test_listed_languages_are_told_apart(
    whisper_folder: Path, listed: tuple[str, ...], asked: str | None, may_be: tuple[str, ...]
) -> None:
    """Whatever a client names, for Home Assistant always names one."""
    engine = WhisperEngine(SttConfig(models=(str(whisper_folder),), languages=listed))
    assert engine.request(None, asked).languages == may_be


def test_a_phantom_is_no_text(stt: SttService, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Whisper writes for noise is dropped; what may be meant is kept when it was clear."""
    readings = {
        ("Thanks for watching!", -0.2, 0.0, True): "",
        ("Thank you.", -0.2, 0.0, True): "Thank you.",
        ("Thank you.", -0.2, 0.9, True): "",
        ("Thank you.", -0.2, 0.0, False): "",
        ("Turn on the light.", -0.2, 0.9, False): "Turn on the light.",
        ("Turn on the light.", -1.2, 0.9, True): "",
    }
    for (written, average, no_speech, clear), text in readings.items():
        reading = Reading(written, "en", average, no_speech, sound=True)
        monkeypatch.setattr(decoding, "read", lambda *_, reading=reading: iter([reading]))
        request = stt._engine.request(None, "en")
        (heard,) = stt._engine.transcribe(bytes(32000), 16000, request, clear=clear)
        assert heard is not None
        assert heard.text == text


def test_two_models_by_name(whisper_folder: Path, tmp_path: Path, tts: TtsService) -> None:
    """The first is the default; the second is loaded when first asked for."""
    second = tmp_path / "second"
    shutil.copytree(whisper_folder, second)
    service = SttService(SttConfig(models=(str(whisper_folder), str(second))))
    assert [model.name for model in service.info().asr[0].models] == ["whisper-demo", "second"]
    audio = say(tts, SENTENCE).events()
    for name in (None, "second", "whisper-demo"):
        assert hear(service, *audio, name=name, language="en")["text"] == SENTENCE


def test_a_model_is_found_by_name_in_a_data_directory(whisper_folder: Path) -> None:
    """No path, no network."""
    config = SttConfig(models=("whisper-demo",), data_dirs=(whisper_folder.parent,))
    service = SttService(config)
    service.load()
    assert service.info().asr[0].models[0].languages == ["en", "de"]


def test_several_utterances_at_once(
    whisper_folder: Path, tts: TtsService, caplog: pytest.LogCaptureFixture
) -> None:
    """One model serves several threads, and is loaded once."""
    service = SttService(SttConfig(models=(str(whisper_folder),), parallel=2))
    texts = [SENTENCE, "turn off the bedroom light"] * 2
    spoken = [say(tts, text).events() for text in texts]
    heard: dict[int, object] = {}

    def listen(number: int) -> None:
        heard[number] = hear(service, *spoken[number], language="en")["text"]

    caplog.set_level(logging.INFO)
    threads = [threading.Thread(target=listen, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [heard[number] for number in range(4)] == texts
    assert caplog.text.count("Loaded Whisper model") == 1


@pytest.mark.parametrize(
    ("asked", "kind", "text"),
    [
        ({"name": "large"}, NotFoundError, "no model 'large' here; there is whisper-demo"),
        ({"language": "klingon"}, BadRequestError, "knows no language 'klingon'"),
        ({"language": "fr"}, NotFoundError, "does not speak 'fr', only en, de"),
    ],
)
def test_what_is_not_here_is_refused(
    stt: SttService, asked: dict[str, str], kind: type[Exception], text: str
) -> None:
    """With a text that says what there is."""
    with pytest.raises(kind, match=text):
        Wire(stt.session()).client_sends(Transcribe(**asked).event())


def test_the_service_describes_itself_before_it_is_loaded(whisper_folder: Path) -> None:
    """Home Assistant reads the languages of installed models once."""
    program = SttService(SttConfig(models=(str(whisper_folder), "auto", "tiny.en"))).info().asr[0]
    assert program.installed
    assert not program.requires_external_vad
    assert program.supports_transcript_streaming
    described = {model.name: tuple(model.languages) for model in program.models}
    assert described == {"whisper-demo": ("en", "de"), "auto": LANGUAGES, "tiny.en": ("en",)}
    assert all(model.installed for model in program.models)


def test_a_model_that_is_not_here_says_what_to_do(tmp_path: Path) -> None:
    """When the network may not be used."""
    config = SttConfig(models=("tiny",), data_dirs=(tmp_path,), local_files_only=True)
    with pytest.raises(NotFoundError, match=r"'tiny' is not on this machine\. Give"):
        SttService(config).load()


@pytest.mark.parametrize("file", ["model.bin", "config.json", "tokenizer.json"])
def test_a_broken_model_names_its_folder(whisper_folder: Path, tmp_path: Path, file: str) -> None:
    """A download cut short, for instance."""
    broken = tmp_path / "broken"
    shutil.copytree(whisper_folder, broken)
    (broken / file).write_bytes(b"\0" * 100)
    with pytest.raises(EngineError, match=re.escape(f"model in {broken} cannot be loaded")):
        SttService(SttConfig(models=(str(broken),))).load()
