"""The small ACDC as a run's data, and a small phantom."""

from pathlib import Path

import pytest

from cinecor_phantom import Acquisition, Phantom, make_phantom
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.canvas import Canvas
from cinecor_training.data.run_data import RunData, find_data, prepare
from cinecor_training.data.settings import SplitSettings, UsedSource
from cinecor_training.data.store_folder import SourcedCase


@pytest.fixture(scope="session")
def small_cases(small_acdc: Path) -> tuple[SourcedCase, ...]:
    return tuple(SourcedCase("acdc", case) for case in AcdcSource(small_acdc).find().cases)


@pytest.fixture(scope="session")
def small_data(small_acdc: Path, tmp_path_factory: pytest.TempPathFactory) -> RunData:
    """The small ACDC on a small canvas: patients 1 and 2 train, patient 5 validates."""
    found = find_data([UsedSource(AcdcSource(small_acdc), "split")])
    return prepare(found, split=SplitSettings(), canvas=Canvas(1.5, 80), folder=tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def small_phantom() -> Phantom:
    """A beating heart on few and coarse pixels."""
    return make_phantom(acquisition=Acquisition(slices=12, phases=2, rows=96, columns=96, pixel_spacing_mm=3.0))
