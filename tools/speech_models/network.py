"""The speech-to-text network, a Whisper that is cheap to train on a CPU.

faster-whisper pads every spectrum with zeros to 30 s, 1500 positions of the encoder. Here all
positions from `Shape.positions` on share one vector, and convolutions of zeros are constant, so
that these positions carry the same state in every layer. Attention over n equal keys is attention
over one key whose logit is greater by log(n): one position stands for all of them. What is exported
is an ordinary model that computes the same (exactly, when `positions` are used up).

Parameters are named as in `weights`.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.speech_models.audio import MEL_BANDS
from tools.speech_models.weights import CHARACTERS, DECODER_POSITIONS, ENCODER_POSITIONS, Shape


class Attention(nn.Module):
    """Multi-head attention."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._heads = shape.heads
        self.query = nn.Linear(shape.width, shape.width)
        self.key = nn.Linear(shape.width, shape.width, bias=False)
        self.value = nn.Linear(shape.width, shape.width)
        self.output = nn.Linear(shape.width, shape.width)

    def forward(
        self, states: Tensor, attended: Tensor, bias: Tensor | None = None, *, causal: bool = False
    ) -> Tensor:
        """Attend. Shapes (batch, time, width); the bias is added to the logits."""
        query, key, value = (
            layer(source).unflatten(-1, (self._heads, -1)).transpose(1, 2).float()
            for layer, source in (
                (self.query, states),
                (self.key, attended),
                (self.value, attended),
            )
        )
        # In bfloat16 the backward pass of attention is slow on a CPU.
        with torch.autocast("cpu", enabled=False):
            mask = None if bias is None else bias.float()
            mixed = functional.scaled_dot_product_attention(
                query, key, value, attn_mask=mask, is_causal=causal
            )
        output: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return output


class Layer(nn.Module):
    """What encoder and decoder layers share: self-attention, and a feed-forward block."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention = Attention(shape)
        self.attention_norm = nn.LayerNorm(shape.width)
        self.expand = nn.Linear(shape.width, shape.feed_forward)
        self.contract = nn.Linear(shape.feed_forward, shape.width)
        self.feed_forward_norm = nn.LayerNorm(shape.width)

    def feed_forward(self, states: Tensor) -> Tensor:
        """Apply the feed-forward block and add what went in."""
        hidden = functional.gelu(self.expand(self.feed_forward_norm(states)))
        output: Tensor = states + self.contract(hidden)
        return output


class EncoderLayer(Layer):
    """One layer of the encoder."""

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """Let every position attend to every other."""
        normed = self.attention_norm(states)
        return self.feed_forward(states + self.attention(normed, normed, bias))


class DecoderLayer(Layer):
    """One layer of the decoder."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.cross_attention = Attention(shape)
        self.cross_attention_norm = nn.LayerNorm(shape.width)

    def forward(self, states: Tensor, heard: Tensor, bias: Tensor) -> Tensor:
        """Let every token attend to those before it, then to what was heard."""
        normed = self.attention_norm(states)
        states = states + self.attention(normed, normed, causal=True)
        normed = self.cross_attention_norm(states)
        return self.feed_forward(states + self.cross_attention(normed, heard, bias))


def _sinusoids(positions: int, width: int) -> Tensor:
    """Return Whisper's position vectors, shape (positions, width)."""
    step = math.log(10_000) / (width // 2 - 1)
    rates = torch.exp(-step * torch.arange(width // 2).float())
    angles = torch.arange(positions).float()[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


class Network(nn.Module):
    """The whole model, with an auxiliary head that spells what the encoder heard (CTC)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.convolution_1 = nn.Conv1d(MEL_BANDS, width, 3, padding=1)
        self.convolution_2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(_sinusoids(shape.positions, width))
        self.padding_position = nn.Parameter(torch.zeros(width))
        self.encoder = nn.ModuleList(EncoderLayer(shape) for _ in range(shape.encoder_layers))
        self.encoder_norm = nn.LayerNorm(width)
        self.embedding = nn.Embedding(shape.vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.decoder_positions = nn.Parameter(torch.randn(DECODER_POSITIONS, width) * 0.02)
        self.decoder = nn.ModuleList(DecoderLayer(shape) for _ in range(shape.decoder_layers))
        self.decoder_norm = nn.LayerNorm(width)
        self.characters = nn.Linear(width, len(CHARACTERS) + 1)

    def encode(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Return what was heard, and the bias of attention to it.

        Args:
            mel: shape (batch, frames, 80), padded with zeros: an even number of frames, the last
                four of every row zeros.
        """
        states = functional.gelu(self.convolution_1(mel.transpose(1, 2)))
        states = functional.gelu(self.convolution_2(states)).transpose(1, 2)
        count = min(states.shape[1], len(self.positions))
        padding = states[:, -1:] + self.padding_position
        states = torch.cat([states[:, :count] + self.positions[:count], padding], 1)
        bias = torch.zeros(1, 1, 1, count + 1)
        bias[..., -1] = math.log(ENCODER_POSITIONS - count)
        for layer in self.encoder:
            states = layer(states, bias)
        return self.encoder_norm(states), bias

    def decode(self, tokens: Tensor, heard: Tensor, bias: Tensor) -> Tensor:
        """Return the logits of the token after each, shape (batch, tokens, vocabulary)."""
        states = self.embedding(tokens) + self.decoder_positions[: tokens.shape[1]]
        for layer in self.decoder:
            states = layer(states, heard, bias)
        return functional.linear(self.decoder_norm(states), self.embedding.weight)
