"""Rules of evaluating a run before its export."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinecor.errors import InputError, ModelRefused
from cinecor.inference.device.model_session import open_model
from cinecor.inference.outline.pipeline import segment
from cinecor.study import read_nifti
from cinecor_training.acdc import find_cases
from cinecor_training.evaluation.trained_run import open_run, open_subject


def test_that_a_run_and_its_export_outline_alike(
    untrained_run: Path, small_acdc: Path, write_graph: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    exported = write_graph(untrained_run, tmp_path / "model.onnx")
    run, session = open_run(untrained_run, device="cpu"), open_model(exported, device="cpu")
    assert run.input_contract == session.input_contract
    stack, _ = read_nifti(find_cases(small_acdc)[0].image)
    differing = np.count_nonzero(segment(stack, run).labels != segment(stack, session).labels)
    assert differing <= stack.pixels.size * 1e-4


def test_that_a_run_says_what_it_is(untrained_run: Path) -> None:
    identity = open_run(untrained_run, device="cpu").identity
    assert (identity.id, identity.version, identity.precision) == (untrained_run.name, "checkpoint", "fp32")
    assert len(identity.sha256) == 64


def test_that_what_is_neither_run_nor_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished training run"):
        open_subject(tmp_path)
    with pytest.raises(ModelRefused):
        open_subject(tmp_path / "missing.onnx")
