"""The peer runs by its own code; needs its wheel and scikit-image, which this project does not install."""

import os
from pathlib import Path

import numpy as np
import pytest

from cinecor.study import read_nifti
from cinecor_training.acdc import find_cases
from cinecor_training.evaluation.peer import PeerSegmenter, open_peer


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> PeerSegmenter:
    wheel = os.environ.get("CINECOR_PEER_WHEEL")
    if not wheel:
        pytest.skip("the peer is not here: set CINECOR_PEER_WHEEL to the wheel of myopari 0.1.6")
    pytest.importorskip("skimage", reason="the peer needs scikit-image: pip install 'cinecor[peer]'")
    return open_peer(Path(wheel), folder=tmp_path_factory.mktemp("peer"))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_that_the_peer_labels_the_phases_asked_for_on_our_grid(peer: PeerSegmenter, small_acdc: Path) -> None:
    stack, _ = read_nifti(find_cases(small_acdc)[0].image)
    labels = peer(stack, phases=(0,))
    assert labels.shape == stack.pixels.shape
    assert labels.dtype == np.uint8
    assert labels.max() <= 3
    assert not peer(stack, phases=()).any()


def test_that_the_peer_says_which_file_it_is(peer: PeerSegmenter) -> None:
    assert peer.identity.version == "0.1.6"
    assert len(peer.identity.sha256) == 64
