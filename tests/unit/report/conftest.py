"""A small stack with labels, and its results."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.measure.findings.finding import Finding
from cinecor.message import Message
from cinecor.report.composition import compose_results
from cinecor.report.results import Results
from cinecor.review import Body, Review, review_result
from cinecor.review.answers import Answer, finding_keys
from cinecor.study.audit import ImportAudit, LeftOut
from cinecor.study.cine_stack import CineStack, NiftiGrid, SourceFrame, StackGeometry


def small_labels(*, slices: int = 3, phases: int = 4, rows: int = 8, columns: int = 10) -> np.ndarray:
    """Every frame differs from every other, so that a swapped axis would show."""
    labels = np.zeros((slices, phases, rows, columns), dtype=np.uint8)
    for index in range(slices):
        for phase in range(phases):
            labels[index, phase, 1:7, 1 : 3 - (phase % 2)] = Label.RV
            labels[index, phase, 1:7, 4:9] = Label.MYO
            labels[index, phase, 2:6, 5 : 8 - (phase % 2)] = Label.LV
            labels[index, phase, 0, index] = Label.MYO
            labels[index, phase, 7, phase] = Label.MYO
    return labels


def small_stack(
    labels: np.ndarray,
    *,
    column_axis: tuple[float, float, float] = (1.0, 0.0, 0.0),
    row_axis: tuple[float, float, float] = (0.0, 1.0, 0.0),
    step_mm: tuple[float, float, float] = (0.0, 0.0, -8.0),
    origin_mm: tuple[float, float, float] = (-120.5, -98.25, 43.125),
    phase_times_ms: tuple[float, ...] | None = (0.0, 40.0, 80.0, 120.0),
    heart_rate_bpm: float | None = 60.0,
    files: tuple[tuple[str | None, ...], ...] | None = None,
    nifti: NiftiGrid | None = None,
) -> CineStack:
    slices, phases = labels.shape[:2]
    if files is None and nifti is None:
        files = tuple(tuple(f"sax/{s:02d}-{p:02d}.dcm" for p in range(phases)) for s in range(slices))
    frames = files and tuple(
        tuple(None if path is None else SourceFrame(path, None, None, None) for path in row) for row in files
    )
    spacing_mm = float(np.linalg.norm(step_mm))
    return CineStack(
        pixels=np.zeros(labels.shape, dtype=np.float32),
        geometry=StackGeometry(
            positions_mm=np.array(origin_mm) + np.arange(slices)[:, np.newaxis] * np.array(step_mm),
            column_axis=np.array(column_axis),
            row_axis=np.array(row_axis),
            pixel_spacing_mm=(1.25, 1.5),
            slice_spacing_mm=spacing_mm,
            slice_extent_mm=np.full(slices, spacing_mm),
        ),
        phase_times_ms=phase_times_ms,
        heart_rate_bpm=heart_rate_bpm,
        frames=frames,
        series_uids=("1.2.3",) if nifti is None else (),
        nifti=nifti,
    )


def composed(
    stack: CineStack,
    labels: np.ndarray,
    *,
    input_path: Path = Path("study"),
    confidence: float = 0.95,
    warnings: tuple[Message, ...] = (),
    doubts: tuple[Message, ...] = (),
    cautions: tuple[Message, ...] = (),
    left_out: tuple[LeftOut, ...] = (LeftOut("scout.dcm", Message("localiser", "localiser")),),
    accepted: Callable[[Finding], bool] = lambda _: False,
) -> Results:
    shape = labels.shape[:2]
    audit = ImportAudit(
        files_given=13,
        files_used=12,
        left_out=left_out,
        phase_order_tag="TriggerTime",
        complete=np.ones(shape, dtype=bool),
        warnings=warnings,
        doubts=doubts,
        cautions=cautions,
    )
    segmentation = Segmentation(
        labels,
        np.full(shape, confidence, dtype=np.float32),
        ModelIdentity("acdc-unet", "1.0", "ab" * 32, "fp32"),
        Runtime("auto", "CPUExecutionProvider", {"infer": 1.23456}),
        (),
    )
    review = Review(stack, audit, segmentation, body=Body(stack.heart_rate_bpm))
    result = review_result(review)
    assert result is not None
    found = result.quality.findings
    answers = {key: Answer.ACCEPTED for key, one in zip(finding_keys(found), found, strict=True) if accepted(one)}
    if answers:
        review = replace(review, answers=answers)
        result = review_result(review)
        assert result is not None
    return compose_results(review, result, input_path=input_path, seconds={"read": 0.5})


@pytest.fixture(scope="session")
def make_labels() -> Callable[..., np.ndarray]:
    return small_labels


@pytest.fixture(scope="session")
def make_stack() -> Callable[..., CineStack]:
    return small_stack


@pytest.fixture(scope="session")
def compose() -> Callable[..., Results]:
    return composed


@pytest.fixture
def labels() -> np.ndarray:
    return small_labels()


@pytest.fixture
def stack(labels: np.ndarray) -> CineStack:
    return small_stack(labels)


@pytest.fixture
def results(stack: CineStack, labels: np.ndarray) -> Results:
    return composed(stack, labels)
