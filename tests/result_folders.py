"""Folders of results for tests, with labels of any making instead of a model's."""

import json
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.app.save_study import write_study
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.report.binding import bound_anew, ef_beside_models, signed_part, status_facts
from cinecor.report.results import Results
from cinecor.report.verification import read_labels
from cinecor.review import Body, Review, review_result
from cinecor.review.ledger import Act, Person, appended, written_ledger
from cinecor.review.standing import Standing, signature_facts
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


def signed_copy(
    results: Path, folder: Path, *, organisation: str, name: str = "Wall^Ada", comment: str = "ZZQCOMMENT"
) -> Path:
    """Return a copy of results with a signature, its ledger and its comment."""
    shutil.copytree(results, folder)
    read = Results.model_validate_json((folder / "results.json").read_bytes())
    assert read.status is not None
    assert read.status.bound is not None
    facts = signature_facts(
        version=1, comment=comment, reasons={}, bound=signed_part(read.status.bound), ef=ef_beside_models(read)
    )
    entry = appended(None, Act("sign", facts=facts), person=Person(name, organisation, "ada"), model="", belongs_to="x")
    standing = Standing(1, (entry,), "x")
    status = status_facts(read, read_labels(folder / "segmentation.nii.gz", read), standing)
    (folder / "results.json").write_text(read.model_copy(update={"status": status}).to_json())
    (folder / "ledger.jsonl").write_bytes(written_ledger((entry,)))
    return folder


def with_facts(results: Path, folder: Path, **facts: dict[str, object]) -> Path:
    """Return a copy of results, bound anew, some of whose facts are others."""
    shutil.copytree(results, folder)
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for name, values in facts.items():
        content[name] |= values
    path.write_text(bound_anew(Results.model_validate(content)).to_json(), encoding="utf-8")
    return folder
