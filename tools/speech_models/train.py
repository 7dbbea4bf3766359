"""Stage `train`: the only part that needs torch."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.speech_models import weights
from tools.speech_models.batches import Batch, Batches, Source
from tools.speech_models.corpus import Corpus
from tools.speech_models.network import Network
from tools.speech_models.schedule import Phase
from tools.speech_models.targets import IGNORED
from tools.speech_models.tokenizer import Tokens
from tools.speech_models.weights import Shape

SEED = 0
REPORT_EVERY = 50
CHECKPOINT_EVERY = 500


def train(
    corpora: Sequence[Corpus],
    tokens: Tokens,
    shape: Shape,
    *,
    schedule: Sequence[Phase],
    threads: int,
    path: Path,
    report: Callable[[str], None],
) -> None:
    """Train a model and write its weights, every few hundred steps and at the end.

    Args:
        corpora: what is said.
        tokens: of the model's tokenizer.
        shape: of the model.
        schedule: phases, one after another.
        threads: of torch. Two wait for each other: on a busy machine one is faster.
        path: file of the weights.
        report: gets a line now and then.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(SEED)
    network = Network(shape)
    for number, phase in enumerate(schedule, 1):
        batches = Batches(corpora, tokens, phase.variation, SEED)
        run = _Run(network, batches, phase)
        groups = batches.draw()
        for step in range(phase.steps):
            run.step(step, next(groups))
            if step % REPORT_EVERY == 0 or step == phase.steps - 1:
                report(f"phase {number} step {step + 1}/{phase.steps} {run.averages}")
            if step % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1:
                _save(network, path)
        _save(network, path)


def _save(network: Network, path: Path) -> None:
    weights.save({name: value.numpy() for name, value in network.state_dict().items()}, path)


class _Run:
    """One phase under way."""

    def __init__(self, network: Network, batches: Batches, phase: Phase) -> None:
        self._network = network
        self._batches = batches
        self._phase = phase
        self._averages: npt.NDArray[np.float64] | None = None
        matrices: list[nn.Parameter] = []
        others: list[nn.Parameter] = []
        for name, parameter in network.named_parameters():
            is_matrix = parameter.ndim >= 2 and "positions" not in name
            (matrices if is_matrix else others).append(parameter)
        self._optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}],
            betas=(0.9, 0.98),
        )

    @property
    def averages(self) -> str:
        """Running averages of both losses, and of the share of right tokens."""
        if self._averages is None:
            return "not begun"
        return "loss {:.3f} spelling {:.3f} right {:.3f}".format(*self._averages)

    def step(self, step: int, sources: Sequence[Source]) -> None:
        """Learn from one batch."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._phase.rate(step)
        batch = self._batches.assemble(sources, full=self._phase.full_length(step))
        loss, spelling, right = self._losses(batch)
        self._optimizer.zero_grad()
        total = loss + self._phase.spelling_weight(step) * spelling
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        values = np.array([loss.item(), spelling.item(), right.item()])
        before = values if self._averages is None else self._averages
        self._averages = 0.97 * before + 0.03 * values

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss of tokens, that of spelling (CTC), and the share of right tokens."""
        answers = torch.from_numpy(batch.answers)
        with torch.autocast("cpu", torch.bfloat16):
            heard, bias = self._network.encode(torch.from_numpy(batch.mel))
            logits = self._network.decode(torch.from_numpy(batch.given), heard, bias)
            characters = self._network.characters(heard)
        loss = functional.cross_entropy(
            logits.float().flatten(0, 1),
            answers.flatten(),
            ignore_index=IGNORED,
            label_smoothing=0.02,
        )
        likelihoods = functional.log_softmax(characters.float(), -1).transpose(0, 1)
        spelling = functional.ctc_loss(
            likelihoods,
            torch.tensor([number for row in batch.spelling for number in row]),
            torch.full((len(batch.spelling),), len(likelihoods)),
            torch.tensor([len(row) for row in batch.spelling]),
            zero_infinity=True,
        )
        asked = answers != IGNORED
        right = (logits.argmax(-1) == answers)[asked].float().mean()
        return loss, spelling, right
