"""Makes the speech models in demo/models from nothing, on a CPU.

Stages, each on what the one before left in the folder: `voices` (Piper voices), `corpus` (spoken
sentences), `train` (speech to text), `export` (for faster-whisper), `evaluate` (word error rates).
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.speech_models import corpus, evaluate, export, schedule, tokenizer, voices, weights
from tools.speech_models.espeak import EspeakError

DEFAULT_OUT = Path(__file__).resolve().parents[1] / "build" / "speech-models"
QUICK_STEPS = 40
QUICK_CORPUS_SHARE = 0.02
QUICK_UTTERANCES = 5
UTTERANCES = 120


class StageError(RuntimeError):
    """A stage cannot run yet, or not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to make, and where.

    Attributes:
        out: folder of the models, with the corpus and the weights in `work`.
        steps: of training, shared between its phases as in the recipe; None: the recipe's.
        quick: whether to make just enough of everything to see that every stage runs.
        processes: that record the corpus, and threads that train.
    """

    out: Path
    steps: int | None
    quick: bool
    processes: int

    @property
    def parts(self) -> tuple[corpus.Part, ...]:
        """Parts of the corpus."""
        share = QUICK_CORPUS_SHARE if self.quick else 1
        return tuple(replace(part, count=round(part.count * share)) for part in corpus.PARTS)

    @property
    def model(self) -> Path:
        """Folder of the speech-to-text model."""
        return self.out / "whisper-demo"

    @property
    def voice_files(self) -> list[Path]:
        """The voices.

        Raises:
            StageError: there are none yet.
        """
        paths = [self.out / "voices" / f"{name}.onnx" for name in voices.VOICES]
        return [_existing(path, made_by="voices") for path in paths]

    @property
    def corpus(self) -> Path:
        """Folder of the corpus."""
        return self.out / "work" / "corpus"

    @property
    def weights(self) -> Path:
        """File of the weights."""
        return self.out / "work" / "weights.npz"


def _existing(path: Path, *, made_by: str) -> Path:
    if not path.exists():
        raise StageError(f"{path} is not there: run the stage '{made_by}' first.")
    return path


def make_voices(options: Options) -> None:
    """Make the Piper voices."""
    for path in voices.build(options.out / "voices"):
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


def make_corpus(options: Options) -> None:
    """Record the corpus; parts that are there already stay."""
    for part in options.parts:
        corpus.make(part, options.corpus, options.voice_files, processes=options.processes)
        hours = len(corpus.load(part, options.corpus).mel) / 360_000
        print(f"{part.name}: {part.count} recordings, {hours:.2f} h", flush=True)


def make_weights(options: Options) -> None:
    """Train the speech-to-text model."""
    try:
        from tools.speech_models import train  # noqa: PLC0415 - only this stage needs torch
    except ModuleNotFoundError as err:
        raise StageError(
            f"'{err.name}' is not installed: this stage runs in the environment of "
            "requirements/tools.txt (docs/speech-models.md)."
        ) from err
    _existing(options.corpus, made_by="corpus")
    corpora = [corpus.load(part, options.corpus) for part in options.parts]
    made = tokenizer.build_for_grammar()
    shape = weights.Shape(vocabulary=made.get_vocab_size())
    steps = QUICK_STEPS if options.quick else options.steps
    train.train(
        corpora,
        tokenizer.Tokens(made),
        shape,
        schedule=schedule.phases(steps),
        threads=options.processes,
        path=options.weights,
        report=lambda line: print(line, flush=True),
    )


def make_model(options: Options) -> None:
    """Export the trained model for faster-whisper."""
    made = tokenizer.build_for_grammar()
    shape = weights.Shape(vocabulary=made.get_vocab_size())
    trained = weights.load(_existing(options.weights, made_by="train"))
    export.export(trained, shape, made, options.model)
    size = sum(path.stat().st_size for path in options.model.iterdir())
    print(f"{options.model}: {size / 1e6:.2f} MB")


def print_table(options: Options) -> None:
    """Measure the models."""
    model = evaluate.load(_existing(options.model, made_by="export"))
    count = QUICK_UTTERANCES if options.quick else UTTERANCES
    evaluate.table(model, options.voice_files, count, lambda line: print(line, flush=True))


STAGES: dict[str, Callable[[Options], None]] = {
    "voices": make_voices,
    "corpus": make_corpus,
    "train": make_weights,
    "export": make_model,
    "evaluate": print_table,
}


def _parse(arguments: list[str] | None) -> tuple[list[str], Options]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", nargs="?", choices=["all", *STAGES], default="all")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--steps", type=int, help="of training, instead of the recipe's 5370")
    parser.add_argument(
        "--quick", action="store_true", help="two minutes, to see that every stage runs"
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        help="that record, and threads that train; give 1 on a busy machine",
    )
    parsed = parser.parse_args(arguments)
    options = Options(
        out=parsed.out, steps=parsed.steps, quick=parsed.quick, processes=parsed.processes
    )
    return list(STAGES) if parsed.stage == "all" else [parsed.stage], options


def main(arguments: list[str] | None = None) -> int:
    """Run one stage, or all of them; return the exit code."""
    stages, options = _parse(arguments)
    for stage in stages:
        started = time.monotonic()
        print(f"{stage} ...", flush=True)
        try:
            STAGES[stage](options)
        except (EspeakError, StageError) as err:
            print(f"{stage}: {err}", file=sys.stderr)
            return 1
        print(f"{stage}: {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
