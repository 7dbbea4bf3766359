"""Makes demo/utterances: sentences for the demo house, in voices its speech model never heard.

Needs espeak-ng, and the packages of the tests: python tools/make_demo_utterances.py [FOLDER]
"""

import json
import sys
import wave
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.speech_models.audio import SAMPLE_RATE, Audio
from tools.speech_models.espeak import HELD_OUT_VOICES, EspeakError, speak

FOLDER = Path(__file__).resolve().parents[1] / "demo" / "utterances"
LEAD = 0.3  # seconds of silence before speech
TRAIL = 0.5
PEAK = 0.5


class Sentence(NamedTuple):
    """What is said: name of its file, kind of sentence, and the words."""

    name: str
    kind: str
    text: str


SENTENCES = (
    Sentence("all-lights-off", "all lights", "turn off all the lights"),
    Sentence("back-door-lock", "lock", "lock the back door"),
    Sentence("bathroom-lamp-red", "color", "make the bathroom lamp red"),
    Sentence("bathroom-lights", "lights of a room", "turn on the lights in the bathroom"),
    Sentence("bedroom-temperature", "measurement", "what is the temperature in the bedroom"),
    Sentence("dining-room-fan", "fan", "turn on the fan in the dining room"),
    Sentence(
        "dining-room-thermostat",
        "thermostat",
        "set the dining room thermostat to twenty four degrees",
    ),
    Sentence("garage-door-close", "door", "close the garage door"),
    Sentence("hallway-brightness", "brightness", "dim the hallway light to fifty percent"),
    Sentence("living-room-curtains", "cover", "close the curtains in the living room"),
    Sentence("living-room-lamp-state", "state", "is the living room lamp on"),
    Sentence("living-room-television", "media", "switch on the living room television"),
    Sentence("shopping-list-cheese", "shopping list", "add cheese to the shopping list"),
    Sentence("time", "time", "what time is it"),
    Sentence("vacuum-cleaner-start", "vacuum", "start the vacuum cleaner"),
    Sentence("where-is-anna", "person", "where is anna"),
    Sentence("front-door-unlock", "guarded lock", "unlock the front door"),
)


def _write(path: Path, speech: Audio) -> None:
    """Write 16-bit mono, at half of full scale, with silence around."""
    silence = (round(LEAD * SAMPLE_RATE), round(TRAIL * SAMPLE_RATE))
    samples = np.pad(speech * (PEAK / np.abs(speech).max()), silence)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples * 32767).round().astype("<i2").tobytes())


def make(folder: Path) -> None:
    """Write all utterances, and utterances.json with what is said in which.

    Raises:
        EspeakError: espeak-ng is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for sentence, voice in zip(SENTENCES, cycle(HELD_OUT_VOICES), strict=False):
        file = f"{sentence.name}.wav"
        _write(folder / file, speak(sentence.text, voice))
        index.append({"file": file, "kind": sentence.kind, "text": sentence.text, "voice": voice})
    (folder / "utterances.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Make the utterances in the named folder, or in demo/utterances; return the exit code."""
    try:
        make(Path(arguments[0]) if arguments else FOLDER)
    except EspeakError as err:
        print(err, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
