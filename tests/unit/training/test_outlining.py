"""Rules of the graph's end: what decides a label, however it is computed."""

import numpy as np
import torch

from cinecor_training.network import UNet, with_stem, without_stem
from cinecor_training.outlining import Outlining


@torch.no_grad()
def _network() -> UNet:
    torch.manual_seed(2)
    network = UNet((8, 8), inputs=3)
    for _ in range(10):
        network(torch.randn(4, 3, 32, 32).cumsum(2))
    network.eval()
    network.head.weight.normal_(std=4.0)
    logits = network(torch.randn(4, 3, 32, 32).cumsum(2))
    network.head.bias -= logits.mean(dim=(0, 2, 3)).repeat_interleave(4)  # so that every label wins somewhere
    return network


@torch.no_grad()
def test_that_labels_are_those_of_interpolated_probabilities() -> None:
    """The statement of it in numpy: softmax, two matrices, background is the rest, the largest wins."""
    network, random = _network(), np.random.default_rng(3)
    frames = random.gamma(2.0, 80.0, (5, 3, 32, 32)).astype(np.float32)
    to_rows, to_columns = (random.dirichlet(np.full(32, 0.1), n).astype(np.float32) * 0.98 for n in (21, 27))
    labels, confidence = Outlining(network)(*map(torch.from_numpy, (frames, to_rows, to_columns)))

    logits = network(torch.from_numpy(frames)).numpy().astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    placed = to_rows @ shares[:, 1:] @ to_columns.T
    every = np.concatenate([1 - placed.sum(axis=1, keepdims=True), placed], axis=1)
    best = np.sort(every, axis=1)
    clear = best[:, -1] - best[:, -2] > 1e-5
    assert clear.mean() > 0.99
    assert set(np.unique(labels.numpy())) == {0, 1, 2, 3}
    np.testing.assert_array_equal(labels.numpy()[clear], every.argmax(axis=1)[clear])
    assert np.abs(confidence.numpy() - every.max(axis=1) * 255).max() <= 0.51


@torch.no_grad()
def test_that_certainty_beyond_what_a_float_holds_is_certainty() -> None:
    network = _network()
    network.head.weight.zero_()
    network.head.bias.copy_(torch.tensor([0.0, 0.0, 300.0, 500.0]).repeat_interleave(4))
    labels, confidence = Outlining(network)(torch.randn(1, 3, 32, 32), torch.eye(32), torch.eye(32))
    assert (confidence >= 127).all()
    assert (labels >= 2).all()


@torch.no_grad()
def test_that_log_odds_are_the_logits_less_the_backgrounds() -> None:
    network, frames = _network(), torch.randn(2, 3, 32, 32) * 50
    logits = network(frames)
    odds = network.log_odds(frames)
    for row in range(2):
        for column in range(2):
            expected = (logits[:, 1:] - logits[:, :1])[:, :, row::2, column::2]
            torch.testing.assert_close(odds[:, :, row, column], expected, rtol=1e-4, atol=1e-4)


def test_that_the_stem_comes_out_of_the_first_convolution_again() -> None:
    weight = torch.randn(8, 12, 3, 3)
    assert torch.equal(without_stem(with_stem(weight)), weight)
