"""A phantom of many slices, whose rings are known, and its review."""

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import Review
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack
from cinecor_phantom import Acquisition, Phantom, make_phantom
from cinecor_phantom.planted import Planted

PROTOCOL = Acquisition(phases=8, slices=16, slice_thickness_mm=8.0, slice_gap_mm=0.0)


@pytest.fixture(scope="package")
def phantom() -> Phantom:
    return make_phantom(acquisition=PROTOCOL, planted=Planted(wobble=0.0), pictures=False)


@pytest.fixture(scope="package")
def plain(phantom: Phantom) -> Review:
    shape = phantom.labels.shape
    stack = CineStack(
        np.broadcast_to(np.float32(0), shape), phantom.geometry, phantom.phase_times_ms, phantom.heart_rate_bpm, None,
        ("1.2",),
    )  # fmt: skip
    audit = ImportAudit(1, 1, (), None, np.ones(shape[:2], dtype=bool), ())
    made = Segmentation(
        phantom.labels, np.ones(shape[:2], dtype=np.float32), ModelIdentity("m", "1", "ab" * 32, "fp32"),
        Runtime("auto", "CPUExecutionProvider", {}), (),
    )  # fmt: skip
    return Review(stack, audit, made)
