"""Flags, environment variables and exit codes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wyoming_services import __version__
from wyoming_services.cli import app as cli
from wyoming_services.cli.app import app, execute
from wyoming_services.cli.foreign import REASONS
from wyoming_services.config import SttConfig, TtsConfig, VoiceSettings
from wyoming_services.server.server import SpeechServer

ROOT = Path(__file__).parents[4]
MODEL = ROOT / "demo" / "models" / "whisper-demo"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[SpeechServer]:
    """Collect the servers a command line makes, instead of running them."""
    servers: list[SpeechServer] = []
    monkeypatch.setattr(cli, "_serve", lambda make, _: servers.extend(make()))
    monkeypatch.setattr(cli, "set_up_logging", lambda **_: None)
    return servers


def configs(servers: list[SpeechServer]) -> list[SttConfig | TtsConfig]:
    """Return the configurations of the services."""
    return [server.service._config for server in servers]


def test_defaults_are_loopback_and_announced(made: list[SpeechServer]):
    """Nothing is open to the network unless asked for."""
    assert execute(["serve"]) == 0
    assert [str(server.address) for server in made] == [
        "tcp://127.0.0.1:10300",
        "tcp://127.0.0.1:10200",
    ]
    assert configs(made) == [SttConfig(), TtsConfig()]
    assert {server.listen.zeroconf for server in made} == {""}


def test_the_flags_of_wyoming_faster_whisper(made: list[SpeechServer], tmp_path: Path):
    """Those of its README's command."""
    line = (
        f"stt --uri tcp://0.0.0.0:10300 --zeroconf --model {MODEL} --model base --language de-DE "
        f"--data-dir {tmp_path}/a --data-dir {tmp_path}/b --download-dir {tmp_path}/c --device cpu "
        "--compute-type int8 --beam-size 2 --cpu-threads 3 --initial-prompt Hello "
        "--local-files-only --debug --log-format %(message)s"
    )
    assert execute(line.split()) == 0
    assert configs(made) == [
        SttConfig(
            models=(str(MODEL), "base"),
            languages=("de",),
            data_dirs=(tmp_path / "c", tmp_path / "a", tmp_path / "b"),
            device="cpu",
            compute_type="int8",
            beam_size=2,
            cpu_threads=3,
            initial_prompt="Hello",
            local_files_only=True,
        )
    ]
    assert made[0].listen.zeroconf == ""


def test_the_flags_of_wyoming_piper(made: list[SpeechServer], tmp_path: Path):
    """Those of its README's command."""
    line = (
        f"tts --zeroconf attic --voice en_US-demo-low --speaker 1 --data-dir {tmp_path} "
        "--length-scale 1.2 --noise-scale 0.5 --noise-w 0.6 --sentence-silence 0.2"
    )
    assert execute(line.split()) == 0
    assert configs(made) == [
        TtsConfig(
            voice="en_US-demo-low",
            speaker="1",
            data_dirs=(tmp_path,),
            length_scale=1.2,
            noise_scale=0.5,
            noise_w_scale=0.6,
            sentence_silence=0.2,
        )
    ]
    assert made[0].listen.zeroconf == "attic"


def test_the_flags_of_serve(made: list[SpeechServer], tmp_path: Path):
    """Those of both, as each has them alone."""
    settings = tmp_path / "voices.toml"
    settings.write_text("[en_US-demo-low]\nspeed = 2\n")
    line = (
        f"serve --model base --language en,de --beam-size 2 --voice a --speaker b --speed 1.5 "
        f"--noise-scale 0.5 --noise-w-scale 0.6 --volume 0.7 --sentence-silence 0.2 "
        f"--voice-for de=c#d --voice-for en_GB=e --voice-settings {settings} --cache-bytes 1 "
        f"--cache-dir {tmp_path} --cache-disk-bytes 2 --local-files-only --zeroconf attic"
    )
    assert execute(line.split()) == 0
    assert configs(made) == [
        SttConfig(models=("base",), languages=("en", "de"), beam_size=2, local_files_only=True),
        TtsConfig(
            voice="a",
            speaker="b",
            speed=1.5,
            noise_scale=0.5,
            noise_w_scale=0.6,
            volume=0.7,
            sentence_silence=0.2,
            languages={"de": "c#d", "en-gb": "e"},
            voices={"en_US-demo-low": VoiceSettings(speed=2)},
            cache_bytes=1,
            cache_dir=tmp_path,
            cache_disk_bytes=2,
            local_files_only=True,
        ),
    ]
    assert [server.listen.zeroconf for server in made] == ["attic-stt", "attic-tts"]


def test_voices_by_language_from_the_environment(
    made: list[SpeechServer], monkeypatch: pytest.MonkeyPatch
):
    """With spaces between them."""
    monkeypatch.setenv("LOCAL_ASSIST_TTS_VOICE_FOR", "de=one fr-CA=two")
    assert execute(["tts"]) == 0
    assert configs(made) == [TtsConfig(languages={"de": "one", "fr-ca": "two"})]


def test_environment_variables(made: list[SpeechServer], monkeypatch: pytest.MonkeyPatch):
    """They stand for flags that are not given; the flag wins."""
    monkeypatch.setenv("LOCAL_ASSIST_STT_MODEL", f"{MODEL} base")
    monkeypatch.setenv("LOCAL_ASSIST_STT_BEAM_SIZE", "4")
    monkeypatch.setenv("LOCAL_ASSIST_STT_URI", "tcp://127.0.0.1:1")
    monkeypatch.setenv("LOCAL_ASSIST_NO_ZEROCONF", "1")
    assert execute(["stt", "--beam-size", "3"]) == 0
    assert configs(made) == [SttConfig(models=(str(MODEL), "base"), beam_size=3)]
    assert str(made[0].address) == "tcp://127.0.0.1:1"
    assert made[0].listen.zeroconf is None


@pytest.mark.parametrize("command", ["stt", "tts", "serve"])
def test_help_names_a_variable_for_every_flag(command: str):
    """But for --help itself."""
    text = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
    flags = re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)
    assert len(flags) > 10
    assert " ".join(text.split()).count("env var:") == len(flags) - 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("stt --beam-size 99", "beam-size"),
        ("stt --beam-size x", "beam-size"),
        ("stt --cpu-threads -1", "cpu-threads"),
        ("stt --parallel 0", "parallel"),
        ("stt --max-audio-seconds nan", "max-audio-seconds"),
        ("stt --device gpu", "device"),
        ("stt --compute-type int3", "compute-type"),
        ("stt --language klingon", "language"),
        ("stt --model /nowhere/at/all", "/nowhere/at/all"),
        ("stt --model=", "model"),
        (f"stt --data-dir {__file__}", "data-dir"),
        ("stt --uri 10300", "uri"),
        ("stt --uri tcp://127.0.0.1", "uri"),
        ("stt --uri tcp://127.0.0.1:70000", "uri"),
        ("stt --uri unix://relative", "uri"),
        ("stt --uri http://127.0.0.1:1", "uri"),
        ("stt --uri stdio://", "stdio"),
        ("stt --health-uri 10380", "health-uri"),
        ("tts --health-uri unix:///tmp/health", "health-uri"),
        ("stt --zeroconf a.b", "zeroconf"),
        ("stt --log-format %(nonsense)s", "log-format"),
        ("stt --log-format {x", "log-format"),
        ("stt --nonsense", "--nonsense"),
        ("tts --speed 9", "speed"),
        ("tts --speed 2 --length-scale 0.5", "speed and length-scale say the same"),
        ("tts --length-scale 0", "length-scale"),
        ("serve --volume 3", "volume"),
        ("serve --volume nan", "volume"),
        ("tts --cache-bytes -1", "cache-bytes"),
        ("tts --cache-disk-bytes -1", "cache-disk-bytes"),
        ("tts --voice-settings /nowhere/at/all.toml", "voice-settings '/nowhere/at/all.toml'"),
        ("tts --voice-for de", "voice-for"),
        ("serve --voice-for German=x", "voice-for"),
        ("tts --voice-for de=x --voice-for DE=y", "voice-for gives de two voices: 'x' and 'y'"),
        ("tts --noise-scale 9", "noise-scale"),
        ("tts --noise-w-scale -1", "noise-w-scale"),
        ("tts --sentence-silence 99", "sentence-silence"),
        ("tts --cached-voices 0", "cached-voices"),
        ("tts --max-text-length 0", "max-text-length"),
        ("tts --voice=", "voice"),
        ("serve --tts-uri nowhere", "uri"),
        ("nonsense", "nonsense"),
        ("stt --vad-endpointing 0.5", "see --endpointing"),
        *((f"stt {flag} 1", flag) for flag in REASONS),
    ],
)
def test_a_value_that_makes_no_sense_is_one_line(
    line: str, named: str, capsys: pytest.CaptureFixture[str]
):
    """It names the flag; the exit code is 2."""
    assert execute(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert named in captured.err


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the real program."""
    return subprocess.run(
        [sys.executable, "-m", "wyoming_services", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version():
    """On its own."""
    result = run("--version")
    assert (result.returncode, result.stdout.strip()) == (0, __version__)


@pytest.mark.parametrize("line", [(), ("voices",)])
def test_without_a_command_the_help_is_shown(line: tuple[str, ...]):
    """As it is for --help."""
    result = run(*line)
    assert result.stdout == run(*line, "--help").stdout
    assert "Commands:" in result.stdout
    assert (result.returncode, result.stderr) == (0, "")


def test_a_model_that_is_nowhere_ends_the_start(tmp_path: Path):
    """Exit code 3, and what to do, without a traceback."""
    result = run(
        *("stt", "--uri", "tcp://127.0.0.1:0", "--model", "base", "--data-dir", str(tmp_path)),
        *("--local-files-only", "--no-zeroconf"),
        HF_HOME=str(tmp_path),
    )
    assert result.returncode == 3
    assert "--data-dir" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_help_loads_no_engine():
    """Nor numpy: it must be quick."""
    code = (
        "import sys; from wyoming_services.cli.app import execute; execute(['stt', '--help']);"
        "heavy = {'numpy', 'onnxruntime', 'ctranslate2', 'faster_whisper', 'piper', 'zeroconf'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_onnx_runtime_reports_nothing():
    """The variable is there before anything of ours could import it."""
    code = "import os, wyoming_services; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    env = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.stdout == "1\n"
