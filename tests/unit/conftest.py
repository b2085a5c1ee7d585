"""Tiny data sets in the layouts that data sets are published in, made of discs and rings."""

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cinecor.inference.package.contract import (
    CONTRACT_VERSION,
    EXPECTED_LABELS,
    InputContract,
    ModelContract,
    TrainingRecord,
)

AFFINE = np.diag([-1.5, -1.5, 10.0, 1.0])


def heart(seed: int, *, radius: float = 12.0) -> tuple[np.ndarray, np.ndarray]:
    """An image and its labels in our numbers, (row, column)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:90, :100]
    distance = np.hypot(y - 45 - seed % 3, x - 55)
    labels = np.zeros((90, 100), np.uint8)
    labels[np.hypot(y - 45, x - 33) < radius] = 1
    labels[distance < radius + 6] = 2
    labels[distance < radius] = 3
    return np.array([60.0, 200.0, 90.0, 220.0])[labels] + random.normal(0, 8, labels.shape), labels


def save_volume(path: Path, plane: np.ndarray, *, slices: int = 3) -> None:
    """Write (row, column) as a NIfTI of equal slices; (phase, row, column) as a cine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = np.uint8 if path.name.endswith("_gt.nii.gz") else np.float32
    # .T turns (phase, row, column) into (x, y, phase); the slices go between.
    volume = np.repeat(plane.T[:, :, np.newaxis], slices, axis=2).astype(kind)
    nib.save(nib.Nifti1Image(volume, AFFINE), path)


def write_patient(folder: Path, number: int, *, seed: int | None = None) -> Path:
    """One patient in ACDC's layout."""
    patient = folder / f"patient{number:03d}"
    patient.mkdir(parents=True)
    patient.joinpath("Info.cfg").write_text("ED: 1\nES: 8\nGroup: NOR\nHeight: 170\nNbFrame: 20\nWeight: 70\n")
    for frame, radius in ((1, 14), (8, 10)):
        image, labels = heart(number if seed is None else seed, radius=radius)
        stem = patient / f"{patient.name}_frame{frame:02d}"
        save_volume(stem.with_name(f"{stem.name}.nii.gz"), image)
        save_volume(stem.with_name(f"{stem.name}_gt.nii.gz"), labels)
    return patient


@pytest.fixture(scope="session")
def small_acdc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("acdc")
    for number in (1, 2, 5):
        write_patient(folder, number)
    return folder


@pytest.fixture(scope="session")
def acdc_patient_writer() -> Callable[..., Path]:
    return write_patient


@pytest.fixture(scope="session")
def draw_heart() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    return heart


@pytest.fixture(scope="session")
def write_volume() -> Callable[..., None]:
    return save_volume


@pytest.fixture(scope="session")
def write_graph() -> Callable[[Path, Path], Path]:
    """Return a function that writes the bare fp32 graph of a run, without gates."""
    from cinecor_export.fp32_graph import fp32_graph
    from cinecor_export.sealing import sealed
    from cinecor_training.loop import load_network

    def write(run: Path, path: Path) -> Path:
        network, config = load_network(run)
        contract = ModelContract(
            contract_version=CONTRACT_VERSION,
            id="bare",
            version="1",
            precision="fp32",
            input=InputContract(spacing_mm=config.spacing_mm, size_px=config.size_px, neighbours=config.neighbours),
            labels=EXPECTED_LABELS,
            training=TrainingRecord(data="discs", licence="CC0-1.0", patients=0, figures={}),
        )
        path.write_bytes(sealed(fp32_graph(network, contract.input), contract))
        return path

    return write


@pytest.fixture(scope="session")
def phantom_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small phantom as a scanner with one series a slice writes it."""
    from cinecor_phantom import Acquisition, make_phantom, write_dicom

    folder = tmp_path_factory.mktemp("phantom") / "study"
    acquisition = Acquisition(slices=11, phases=5, rows=96, columns=112, pixel_spacing_mm=2.2)
    write_dicom(make_phantom(acquisition=acquisition), folder, style="siemens")
    return folder


@pytest.fixture(scope="session")
def write_true_results() -> Callable[[Path, Path], Path]:
    """Return a function from a phantom's study to a folder of results with its true labels, written without a model."""
    return _write_true_results


@pytest.fixture(scope="session")
def segmented_phantom(phantom_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of `phantom_study` with the true labels."""
    return _write_true_results(phantom_study, tmp_path_factory.mktemp("results"))


def _write_true_results(study: Path, out_dir: Path) -> Path:
    from cinecor.app.save_study import write_study
    from cinecor.app.study_run import body_of
    from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
    from cinecor.review import Review, review_result
    from cinecor.study import open_input
    from cinecor_phantom import Acquisition, make_phantom

    stack, audit = open_input(study)
    labels = make_phantom(
        acquisition=Acquisition(
            slices=stack.slices,
            phases=stack.phases,
            rows=stack.rows,
            columns=stack.columns,
            pixel_spacing_mm=stack.geometry.pixel_spacing_mm[0],
        ),
        pictures=False,
    ).labels
    segmentation = Segmentation(
        labels,
        np.full(labels.shape[:2], 0.95, dtype=np.float32),
        ModelIdentity("truth", "1.0", "ab" * 32, "fp32"),
        Runtime("auto", "CPUExecutionProvider", {}),
        (),
    )
    review = Review(stack, audit, segmentation, body=body_of(stack, study))
    result = review_result(review)
    assert result is not None
    return write_study(review, result, input_path=study, out_dir=out_dir, name="study").folder.path
