"""Folders of results for tests, with labels of any making instead of a model's."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.app.save_study import write_study
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import Body, Review, review_result
from cinecor.study import open_input


def write_results_of(
    labels: NDArray[np.uint8], study: Path, out: Path, *, name: str, model: str = "cinecor-sax"
) -> Path:
    """Write the results of a study as the application does after an outline, and return their folder.

    `labels` are (slice, phase, row, column).
    """
    stack, audit = open_input(study)
    segmentation = Segmentation(
        labels,
        np.full(labels.shape[:2], 0.9, np.float32),
        ModelIdentity(model, "1", "ab" * 32, "fp32"),
        Runtime("auto", "CPUExecutionProvider"),
        (),
    )
    review = Review(stack, audit, segmentation, body=Body(stack.heart_rate_bpm))
    result = review_result(review)
    assert result is not None
    return write_study(review, result, input_path=study, out_dir=out, name=name).folder.path
