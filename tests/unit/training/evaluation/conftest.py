"""Results of patients that never were, and runs that were never trained: enough to test what is made of them."""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from cinecor.study.cine_stack import CineStack, StackGeometry
from cinecor_training.acdc import find_cases, read_labels
from cinecor_training.config import TrainingConfig
from cinecor_training.evaluation.segmenter import Segmenter
from cinecor_training.network import UNet

GroundTruth = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@pytest.fixture(scope="session")
def geometry() -> Callable[..., StackGeometry]:
    def make(slices: int, *, pixel_mm: float = 1.5, slice_mm: float = 10.0) -> StackGeometry:
        return StackGeometry(
            positions_mm=np.arange(slices)[:, None] * np.array([0.0, 0.0, slice_mm]),
            column_axis=np.array([1.0, 0.0, 0.0]),
            row_axis=np.array([0.0, 1.0, 0.0]),
            pixel_spacing_mm=(pixel_mm, pixel_mm),
            slice_spacing_mm=slice_mm,
            slice_extent_mm=np.full(slices, slice_mm),
        )

    return make


@pytest.fixture(scope="session")
def reader_like(small_acdc: Path) -> Callable[[GroundTruth], Segmenter]:
    """Return a function that makes a segmenter: the reader's own labels, changed in a known way.

    A stack without files' paths cannot tell whose it is, so the images tell: each is the image of one case only.
    """
    from cinecor.study import read_nifti

    truth = {
        read_nifti(case.image)[0].pixels[:, 0].tobytes(): read_labels(case.labels) for case in find_cases(small_acdc)
    }

    def make(change: GroundTruth) -> Segmenter:
        def segmenter(stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
            assert tuple(phases) == tuple(range(stack.phases))
            return np.stack([change(truth[stack.pixels[:, phase].tobytes()]) for phase in phases], axis=1)

        return segmenter

    return make


@pytest.fixture(scope="session")
def untrained_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a run whose weights are as they were drawn."""
    folder = tmp_path_factory.mktemp("run")
    config = TrainingConfig(channels=(8, 8), size_px=64)
    torch.manual_seed(3)
    save_file(UNet(config.channels, inputs=2 * config.neighbours + 1).state_dict(), folder / "model.safetensors")
    folder.joinpath("config.json").write_text(config.model_dump_json())
    return folder
