"""Text-to-speech with the demo voices and nothing stood in for."""

import json
import logging
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from tests.unit.services.speaking import hear, say
from tests.unit.services.wire import converse, types
from wyoming_services.config import TtsConfig
from wyoming_services.errors import NotFoundError
from wyoming_services.protocol.session import Service
from wyoming_services.stt.service import SttService
from wyoming_services.tts.engine import VoiceChoice
from wyoming_services.tts.piper import LoadedVoices
from wyoming_services.tts.service import TtsService

PLAIN = "en_US-demo-low"
DUO = "en_US-demo_duo-low"
STILL = {"noise_scale": 0.0, "noise_w_scale": 0.0}
TEXT = "Turn on the kitchen light."


@pytest.fixture
def own_voices(voices_folder: Path, tmp_path: Path) -> Path:
    """A copy of the voices folder that a test may spoil."""
    return Path(shutil.copytree(voices_folder, tmp_path / "voices"))


def speak(tts: Service, text: str = TEXT, **request: object) -> bytes:
    """Return the audio of a text, spoken without random variation unless asked for."""
    request["context"] = STILL | request.get("context", {})
    sent = converse(tts.session(), Synthesize.from_event(synthesize(text, **request)).event())
    assert types(sent)[-1] == "audio-stop", sent
    return b"".join(event.payload or b"" for event in sent)


def synthesize(text: str, **request: object):
    """Make a request from plain data."""
    event = Synthesize(text=text).event()
    event.data.update(request)
    return event


def error_of(tts: Service, **request: object) -> tuple[str, str]:
    """Return code and text of the error a request is answered with."""
    sent = converse(tts.session(), synthesize(TEXT, **request))
    assert [event.type for event in sent] == ["error"]
    return sent[0].data["code"], sent[0].data["text"]


def test_the_voices_are_described(tts: Service) -> None:
    """Each speaker once more as a voice of its own."""
    program = tts.info().tts[0]
    assert program.installed
    assert program.supports_synthesize_streaming
    names = [voice.name for voice in program.voices]
    assert names == [PLAIN, DUO, f"{DUO}#low", f"{DUO}#high"]
    assert all(voice.installed and voice.languages == ["en_US"] for voice in program.voices)
    speakers = program.voices[1].speakers
    assert speakers is not None
    assert [speaker.name for speaker in speakers] == ["low", "high"]


@pytest.mark.parametrize(
    ("asked", "voice", "speaker"),
    [
        ({}, PLAIN, None),
        ({"language": "en"}, PLAIN, None),
        ({"language": "en-US"}, PLAIN, None),
        ({"language": "en_GB"}, PLAIN, None),
        ({"name": DUO}, DUO, None),
        ({"name": DUO, "speaker": "high"}, DUO, 1),
        ({"name": DUO, "speaker": "0"}, DUO, 0),
        ({"name": f"{DUO}#high"}, DUO, 1),
        ({"name": f"{DUO}#low", "speaker": "high"}, DUO, 1),
    ],
)
def test_a_voice_is_chosen(
    tts: TtsService, asked: dict[str, str], voice: str, speaker: int | None
) -> None:
    """By name, speaker or language."""
    chosen = tts._engine.choose(VoiceChoice(**asked))
    assert (chosen.voice, chosen.speaker) == (voice, speaker)


def test_speakers_sound_different(tts: Service) -> None:
    """The choice reaches the voice; of its own it takes the first."""
    low, high = (speak(tts, voice={"name": DUO, "speaker": who}) for who in ("low", "high"))
    assert speak(tts, voice={"name": DUO}) == low != high


def test_the_configured_speaker_holds(voices_folder: Path, tts: Service) -> None:
    """Given either way; a request's own comes before it."""
    high = speak(tts, voice={"name": f"{DUO}#high"})
    for config in (
        TtsConfig(voice=DUO, speaker="high", data_dirs=(voices_folder,)),
        TtsConfig(voice=f"{DUO}#high", data_dirs=(voices_folder,)),
    ):
        assert speak(TtsService(config)) == high
        assert speak(TtsService(config), voice={"name": DUO, "speaker": "low"}) != high


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ({"name": "nobody"}, f"no voice 'nobody' here; there is {PLAIN}, {DUO}."),
        ({"name": "../voices/" + PLAIN}, "There is no voice"),
        ({"name": "/etc/passwd"}, "There is no voice"),
        ({"language": "de"}, f"no voice for 'de' here; there is {PLAIN}, {DUO}."),
        ({"name": DUO, "speaker": "5"}, "no speaker '5'; it has low, high."),
        ({"name": PLAIN, "speaker": "low"}, "no speaker 'low'; it has only one."),
    ],
)
def test_a_voice_that_is_not_here_is_refused(
    tts: Service, voice: dict[str, str], text: str
) -> None:
    """With a text that says what there is; a name is never a path."""
    code, told = error_of(tts, voice=voice)
    assert code == "not-found"
    assert text in told


def test_the_pace_and_the_volume_can_be_set(tts: Service) -> None:
    """For one request."""
    usual = np.frombuffer(speak(tts), "<i2")
    slow = np.frombuffer(speak(tts, context={"length_scale": 2.0}), "<i2")
    quiet = np.frombuffer(speak(tts, context={"volume": 0.5}), "<i2")
    assert len(slow) > 1.7 * len(usual)
    assert np.abs(quiet).max() == pytest.approx(np.abs(usual).max() / 2, abs=2)


def test_the_configured_pace_holds(voices_folder: Path, tts: Service) -> None:
    """Where a request says nothing."""
    slow = TtsService(TtsConfig(voice=PLAIN, length_scale=2.0, data_dirs=(voices_folder,)))
    assert speak(slow) == speak(tts, context={"length_scale": 2.0})
    assert speak(slow, context={"length_scale": 1.0}) == speak(tts)


@pytest.mark.parametrize("text", ["Done. Lights are on.", "Done. 3 lights are on."])
def test_silence_between_sentences(tts: Service, text: str) -> None:
    """Whoever finds the boundary, we or the voice; none after the last."""
    added = len(speak(tts, text, context={"sentence_silence": 0.5})) - len(speak(tts, text))
    assert added == 22050


@pytest.mark.parametrize(
    ("context", "text"),
    [
        ({"length_scale": 0}, "'length_scale' must be a number from 0.25 to 4."),
        ({"volume": "loud"}, "'volume' must be a number from 0 to 2."),
        ({"noise_scale": float("nan")}, "'noise_scale' must be a number"),
        ({"sentence_silence": 1e9}, "'sentence_silence' must be a number from 0 to 10."),
        ({"noise_w_scale": True}, "'noise_w_scale' must be a number"),
    ],
)
def test_a_setting_out_of_bounds_is_refused(
    tts: Service, context: dict[str, object], text: str
) -> None:
    """With a text that says the bounds."""
    code, told = error_of(tts, context=context)
    assert code == "bad-request"
    assert text in told


def test_streamed_speech_is_understood(tts: Service, stt: SttService) -> None:
    """Streaming text to speech to text."""
    events = converse(
        tts.session(),
        SynthesizeStart().event(),
        *(
            SynthesizeChunk(text=text).event()
            for text in ("**Turn on** the", " kitchen light ", "✅")
        ),
        SynthesizeStop().event(),
    )
    audio = [event for event in events if event.type.startswith("audio-")]
    assert hear(stt, *audio, language="en")["text"] == "turn on the kitchen light"


def test_a_voice_copied_in_is_offered_at_once(own_voices: Path) -> None:
    """And one taken away no longer; one that is replaced is loaded anew."""
    service = TtsService(TtsConfig(voice=PLAIN, data_dirs=(own_voices,)))
    before = speak(service)
    for ending in (".onnx", ".onnx.json"):
        shutil.copy(own_voices / f"{PLAIN}{ending}", own_voices / f"de_DE-new-low{ending}")
    assert "de_DE-new-low" in {voice.name for voice in service.info().tts[0].voices}
    assert speak(service, voice={"name": "de_DE-new-low"}) == before
    (own_voices / "de_DE-new-low.onnx").unlink()
    assert error_of(service, voice={"name": "de_DE-new-low"})[0] == "not-found"
    config = json.loads((own_voices / f"{PLAIN}.onnx.json").read_text())
    config["inference"]["length_scale"] = 2.0
    (own_voices / f"{PLAIN}.onnx.json").write_text(json.dumps(config))
    assert len(speak(service)) > 1.7 * len(before)


def test_a_broken_voice_harms_no_other(own_voices: Path) -> None:
    """Its error names the file."""
    model = own_voices / f"{DUO}.onnx"
    content = bytearray(model.read_bytes())
    content[1000:-1000] = bytes(len(content) - 2000)
    model.write_bytes(content)
    service = TtsService(TtsConfig(voice=PLAIN, data_dirs=(own_voices,)))
    service.load()
    code, text = error_of(service, voice={"name": DUO})
    assert (code, f"{DUO}.onnx is broken" in text) == ("engine-failed", True)
    assert str(own_voices) not in text
    assert speak(service)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"audio": {}}', "\x00"])
def test_a_voice_with_a_broken_description_is_left_out(
    own_voices: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once in the log, not at every look."""
    (own_voices / f"{DUO}.onnx.json").write_text(content)
    service = TtsService(TtsConfig(voice=PLAIN, data_dirs=(own_voices,)))
    for _ in range(3):
        assert [voice.name for voice in service.info().tts[0].voices] == [PLAIN]
    assert len([record for record in caplog.records if DUO in record.message]) == bool(content)


def test_voices_are_dropped_when_others_are_used_more(voices_folder: Path) -> None:
    """The one used longest ago first."""
    service = TtsService(TtsConfig(voice=PLAIN, cached_voices=1, data_dirs=(voices_folder,)))
    loaded: LoadedVoices = service._engine._loaded
    installed = service._engine.voices()
    first = loaded.get(installed[PLAIN], None)
    assert loaded.get(installed[PLAIN], None) is first
    loaded.get(installed[DUO], None)
    assert loaded.get(installed[PLAIN], None) is not first


def test_voices_are_prepared_before_they_are_used(voices_folder: Path, tmp_path: Path) -> None:
    """One at a time, also a voice that comes later."""
    folder = tmp_path / "voices"
    folder.mkdir()
    service = TtsService(TtsConfig(voice=PLAIN, data_dirs=(folder,)))
    for name in (PLAIN, DUO):
        for end in ("", ".json"):
            shutil.copy(voices_folder / f"{name}.onnx{end}", folder)
        for _ in range(2):
            service.tend()
        assert (folder / f".{name}.onnx.parts" / "parts.json").exists()


def test_what_is_heard_is_what_the_whole_voice_gives(voices_folder: Path) -> None:
    """Within a step of 16-bit audio, however it is cut in windows."""
    service = TtsService(TtsConfig(voice=PLAIN, data_dirs=(voices_folder,), cache_bytes=0))
    text = "The light in the kitchen is on, and the door to the garden is open. Shall I shut it?"
    whole, pieces = rendered(service, text)
    for _ in service.info().tts[0].voices:
        service.tend()
    windowed, windows = rendered(service, text)
    assert pieces == 2
    assert windows > 4
    assert len(whole) == len(windowed)
    assert np.abs(whole - windowed).max() <= 1


def rendered(service: TtsService, text: str) -> tuple[np.ndarray, int]:
    """Return the samples of a text, and in how many pieces they came."""
    engine = service._engine
    speech = engine.choose(VoiceChoice(settings=STILL))
    pieces = list(engine.speak(text, speech))
    return np.frombuffer(b"".join(pieces), "<i2").astype(int), len(pieces)


def test_a_voice_that_was_split_meanwhile_is_loaded_once(voices_folder: Path) -> None:
    """In parts, in place of the whole one; and a text then sounds early."""
    engine = TtsService(TtsConfig(voice=PLAIN, data_dirs=(voices_folder,)))._engine
    speech = engine.choose(VoiceChoice())
    assert len(list(engine.speak(TEXT, speech))) == 1
    assert not engine.sounds_early(speech)
    for _ in engine.voices():
        engine.prepare()
    assert engine.sounds_early(speech)
    assert len(list(engine.speak("And now in parts.", speech))) > 1
    assert len(engine._loaded._slots) == 1


def test_many_clients_at_once_hear_what_one_hears(voices_folder: Path) -> None:
    """Neither Piper nor espeak mixes them up, and the voice is loaded once."""
    service = TtsService(TtsConfig(voice=PLAIN, data_dirs=(voices_folder,), cache_bytes=0))
    texts = [f"Lamp {number} is on, it is {number} degrees." for number in range(8)]
    heard: dict[str, bytes] = {}

    def listen(text: str) -> None:
        heard[text] = speak(service, text)

    threads = [threading.Thread(target=listen, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {text: speak(service, text) for text in texts}
    assert len(set(heard.values())) == len(texts)


def test_another_voice_speaks_while_the_configured_one_is_missing(
    voices_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A house without a network is not left mute, and the log says what to do."""
    config = TtsConfig(data_dirs=(voices_folder,), local_files_only=True)
    service = TtsService(config)
    service.load()
    assert say(service, TEXT).seconds > 1
    assert "'en_US-lessac-medium' is not on this machine. Copy en_US-lessac-medium.onnx" in (
        caplog.text
    )


def test_no_voice_at_all_says_what_to_do(tmp_path: Path) -> None:
    """At start, and to a client."""
    service = TtsService(TtsConfig(data_dirs=(tmp_path,), local_files_only=True))
    with pytest.raises(NotFoundError, match=r"Copy en_US-lessac-medium\.onnx and"):
        service.load()
    assert error_of(service) == (
        "not-found",
        "There is no voice 'en_US-lessac-medium' here; no voice is installed.",
    )


def test_no_text_is_logged(tts: Service, stt: SttService, caplog: pytest.LogCaptureFixture) -> None:
    """What is said in a house is nobody's business; only DEBUG shows it."""
    caplog.set_level(logging.INFO)
    audio = say(tts, "What is the temperature in the office?")
    hear(stt, *audio.events(), language="en", transcript_names=["office"])
    error_of(tts, voice={"name": "nobody"})
    assert "office" not in caplog.text
    assert "temperature" not in caplog.text
