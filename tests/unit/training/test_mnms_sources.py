"""Rules of M&Ms and M&Ms-2, on trees in their published layout: whose numbers, which phase, what is missing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor_training.data.case import Source
from cinecor_training.data.mnms2_source import Mnms2Source
from cinecor_training.data.mnms_source import MnmsSource

THEIRS = np.array([0, 3, 2, 1], np.uint8)  # our RV, MYO, LV in their numbers: 1 LV, 2 MYO, 3 RV


@pytest.fixture
def mnms(tmp_path: Path, draw_heart: Callable[..., tuple], write_volume: Callable[..., None]) -> Path:
    """Two patients, five phases, labelled in phases 1 (ED) and 3 (ES) alone, as published."""
    rows = ["ignored,External code,VendorName,Vendor,Centre,ED,ES,Age,Pathology,Sex,Height,Weight"]
    for number, code in enumerate(("A0S9V9", "Z9Y8X7")):
        phases = [draw_heart(10 * number + phase, radius=14 - phase) for phase in range(5)]
        images = np.stack([image for image, _ in phases])
        labels = np.stack([THEIRS[mask] if phase in (1, 3) else 0 * mask for phase, (_, mask) in enumerate(phases)])
        place = tmp_path / "Training" / "Labeled" / code
        write_volume(place / f"{code}_sa.nii.gz", images)
        write_volume(place / f"{code}_sa_gt.nii.gz", labels)
        rows.append(f"{number},{code},Siemens,A,1,1,3,50,HCM,F,170,70")
    (tmp_path / "211230_M&Ms_Dataset_information_diagnosis_opendataset.csv").write_text("\n".join(rows), "utf-8-sig")
    return tmp_path


@pytest.fixture
def mnms2(tmp_path: Path, draw_heart: Callable[..., tuple], write_volume: Callable[..., None]) -> Path:
    rows = ["SUBJECT_CODE,DISEASE,VENDOR,SCANNER,FIELD"]
    for number in (1, 12):
        code = f"{number:03d}"
        for moment, radius in (("ED", 14), ("ES", 10)):
            image, labels = draw_heart(number, radius=radius)
            write_volume(tmp_path / "dataset" / code / f"{code}_SA_{moment}.nii.gz", image)
            write_volume(tmp_path / "dataset" / code / f"{code}_SA_{moment}_gt.nii.gz", THEIRS[labels])
            write_volume(tmp_path / "dataset" / code / f"{code}_LA_{moment}.nii.gz", image)
        rows.append(f"{number},TRI,GE MEDICAL SYSTEMS,Signa,1.5")
    (tmp_path / "dataset_information.csv").write_text("\n".join(rows))
    return tmp_path


def _source(kind: str, request: pytest.FixtureRequest) -> Source:
    return MnmsSource(request.getfixturevalue("mnms")) if kind == "mnms" else Mnms2Source(request.getfixturevalue(kind))


@pytest.mark.parametrize(("kind", "patients"), [("mnms", {"A0S9V9", "Z9Y8X7"}), ("mnms2", {"001", "012"})])
def test_that_both_moments_of_every_patient_are_found(
    kind: str, patients: set[str], request: pytest.FixtureRequest
) -> None:
    found = _source(kind, request).find()
    assert {(case.patient, case.moment) for case in found.cases} == {(p, m) for p in patients for m in ("ED", "ES")}
    assert found.bad == ()


@pytest.mark.parametrize("kind", ["mnms", "mnms2"])
def test_that_the_ventricles_are_told_apart_by_the_data_sets_own_numbers(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """The left ventricle lies inside the ring of myocardium, the right one beside it, at smaller columns."""
    for case in _source(kind, request).find().cases:
        labels = case.read().labels
        columns = {label: float(np.nonzero(labels == label)[2].mean()) for label in Label if label}
        assert columns[Label.RV] < columns[Label.MYO]
        assert columns[Label.LV] == pytest.approx(columns[Label.MYO], abs=3)


def test_that_pixels_and_labels_of_mnms_are_those_of_the_phase_in_the_table(
    mnms: Path, draw_heart: Callable[..., tuple]
) -> None:
    for case, phase in zip(MnmsSource(mnms).find().cases[:2], (1, 3), strict=True):
        frames = case.read()
        image, labels = draw_heart(phase, radius=14 - phase)
        np.testing.assert_allclose(frames.pixels[0], image, rtol=1e-5)
        np.testing.assert_array_equal(frames.labels[2], labels)
        assert case.group == "HCM"


def test_that_a_table_without_the_published_columns_is_refused(mnms: Path) -> None:
    next(mnms.glob("*.csv")).write_text("code,ED\nA0S9V9,1\n")
    with pytest.raises(InputError, match="External code, ED, ES"):
        MnmsSource(mnms).find()


def test_that_unlabelled_patients_and_absent_folders_of_mnms_are_listed(mnms: Path) -> None:
    (mnms / "Training" / "Labeled" / "A0S9V9" / "A0S9V9_sa_gt.nii.gz").unlink()
    table = next(mnms.glob("*.csv"))
    table.write_text(table.read_text("utf-8-sig") + "\n9,GONE01,GE,C,3,0,7,50,NOR,F,170,70")
    found = MnmsSource(mnms).find()
    assert {case.patient for case in found.cases} == {"Z9Y8X7"}
    assert {(bad.patient, bad.reason) for bad in found.bad} == {
        ("A0S9V9", "A0S9V9_sa_gt.nii.gz is missing."),
        ("GONE01", "GONE01_sa.nii.gz is missing."),
    }


def test_that_a_phase_beyond_the_file_is_an_error_of_that_case(mnms: Path) -> None:
    table = next(mnms.glob("*.csv"))
    table.write_text(table.read_text("utf-8-sig").replace(",1,3,50", ",1,30,50"))
    with pytest.raises(InputError, match="phase 30 is not among the 5 phases"):
        MnmsSource(mnms).find().cases[1].read()


def test_that_a_missing_file_of_mnms2_is_listed(mnms2: Path) -> None:
    (mnms2 / "dataset" / "012" / "012_SA_ES_gt.nii.gz").unlink()
    found = Mnms2Source(mnms2).find()
    assert len(found.cases) == 3
    assert [(bad.patient, bad.moment, bad.reason) for bad in found.bad] == [
        ("012", "ES", "012_SA_ES_gt.nii.gz missing.")
    ]


def test_that_mnms2_is_read_from_its_dataset_folder_too(mnms2: Path) -> None:
    found = Mnms2Source(mnms2 / "dataset").find()
    assert {case.group for case in found.cases} == {"TRI"}


def test_that_a_folder_without_mnms2_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No M&Ms-2 patients"):
        Mnms2Source(tmp_path).find()
