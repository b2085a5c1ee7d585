"""Rules of corrected studies: the application's own results folders, joined with the images they were drawn on."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from cinecor.app.save_study import write_study
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import Body, DropSlice, Edit, Moment, Review, ToggleSlice, review_result
from cinecor.study import open_input
from cinecor_phantom import Phantom, write_dicom
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.corrected_source import CorrectedCase, CorrectedSource
from cinecor_training.data.run_data import find_data
from cinecor_training.data.settings import UsedSource


def _write_corrected(study: Path, labels: np.ndarray, out: Path, name: str, *edits: Edit) -> None:
    """What the application writes after a correction."""
    stack, audit = open_input(study)
    shape = labels.shape[:2]
    segmentation = Segmentation(
        labels,
        np.full(shape, 0.9, np.float32),
        ModelIdentity("cinecor-sax", "1", "ab" * 32, "fp32"),
        Runtime("auto", "CPUExecutionProvider"),
        (),
    )
    review = Review(stack, audit, segmentation, body=Body(stack.heart_rate_bpm))
    for edit in edits:
        review = edit.apply(review)
    result = review_result(review)
    assert result is not None
    write_study(review, result, input_path=study, out_dir=out, name=name)


@pytest.fixture
def corrected(tmp_path: Path, small_phantom: Phantom) -> Path:
    write_dicom(small_phantom, tmp_path / "studies" / "7", style="siemens")
    _write_corrected(tmp_path / "studies" / "7", small_phantom.labels, tmp_path / "corrected", "7")
    return tmp_path / "corrected"


def test_that_end_diastole_and_end_systole_come_with_the_readers_labels(
    corrected: Path, small_phantom: Phantom
) -> None:
    cases = CorrectedSource(corrected, signed_only=False).find().cases
    assert [case.moment for case in cases] == ["ED", "ES"]
    for phase, case in enumerate(cases):
        frames = case.read()
        np.testing.assert_array_equal(frames.labels, small_phantom.labels[:, phase])
        np.testing.assert_allclose(frames.pixels, small_phantom.pixels[:, phase], atol=1)
        assert (frames.known == 0b1110).all()


@pytest.mark.parametrize("all_phases", [False, True])
def test_that_of_a_slice_that_does_not_count_nothing_is_known(
    tmp_path: Path, small_phantom: Phantom, all_phases: bool
) -> None:
    write_dicom(small_phantom, tmp_path / "studies" / "7", style="siemens")
    edits = (DropSlice(3), ToggleSlice(4, Moment.ED), ToggleSlice(5, Moment.ES))
    _write_corrected(tmp_path / "studies" / "7", small_phantom.labels, tmp_path / "corrected", "7", *edits)
    cases = CorrectedSource(tmp_path / "corrected", all_phases=all_phases, signed_only=False).find().cases
    for case, left_out in zip(cases, ([3, 4], [3, 5]), strict=True):
        frames = case.read()
        assert sorted(frames.left_out) == left_out
        assert not frames.known[left_out].any()
        assert (np.delete(frames.known, left_out) == 0b1110).all()


def test_that_all_phases_come_when_asked_for(corrected: Path) -> None:
    assert len(CorrectedSource(corrected, all_phases=True, signed_only=False).find().cases) == 2


def test_that_images_are_found_where_they_were_moved_to(corrected: Path, tmp_path: Path) -> None:
    (tmp_path / "studies").rename(tmp_path / "archive")
    absent = CorrectedSource(corrected, signed_only=False).find()
    assert absent.cases == ()
    assert "name their folder as `images`" in absent.bad[0].reason
    assert len(CorrectedSource(corrected, images=tmp_path / "archive", signed_only=False).find().cases) == 2


def _bare(results: Path) -> None:
    """Write the results as from a desktop elsewhere: the input's name alone, and a digest of no path here."""
    facts = json.loads((results / "results.json").read_text())
    facts |= {"input": Path(facts["input"]).name, "input_id": "0" * 64}
    (results / "results.json").write_text(json.dumps(facts))


def test_that_another_study_of_the_same_name_is_not_taken(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, place in (("7", "archive/2026/7/DICOM"), ("8", "archive/2025/8/DICOM"), ("7-again", "here/DICOM")):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / "studies" / name).rename(tmp_path / place)
    for name in ("7", "8"):
        facts = json.loads((three / name / "results.json").read_text())
        (three / name / "results.json").write_text(json.dumps({**facts, "input": "DICOM", "input_id": "0" * 64}))
    monkeypatch.chdir(tmp_path / "here")  # holds a DICOM folder too, of another series than that of 8
    found = CorrectedSource(three, images=tmp_path / "archive", signed_only=False).find()
    assert {case.folder.name: case.images for case in found.cases if isinstance(case, CorrectedCase)}[
        "8"
    ] == tmp_path / "archive" / "2025" / "8" / "DICOM"


@pytest.fixture
def nifti(tmp_path: Path, small_phantom: Phantom) -> Path:
    """Results of a NIfTI file whose place nobody knows any more."""
    _write_nifti(small_phantom, tmp_path / "then" / "cine.nii.gz")
    _write_corrected(tmp_path / "then" / "cine.nii.gz", small_phantom.labels, tmp_path / "corrected", "7")
    _bare(tmp_path / "corrected" / "7")
    return tmp_path / "corrected"


def _write_nifti(phantom: Phantom, path: Path, *, slice_mm: float = 10.0) -> None:
    path.parent.mkdir(parents=True)
    voxels = np.ascontiguousarray(phantom.pixels.astype(np.float32).transpose(3, 2, 0, 1))
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([-2.0, -2.0, slice_mm, 1.0])), path)


def test_that_nothing_is_learnt_from_one_of_several_files_of_a_name(
    nifti: Path, tmp_path: Path, small_phantom: Phantom
) -> None:
    source = CorrectedSource(nifti, images=tmp_path / "then", signed_only=False)
    assert (source.find().cases[0].read().known == 0b1110).all()
    _write_nifti(small_phantom, tmp_path / "now" / "other" / "cine.nii.gz")
    (tmp_path / "then").rename(tmp_path / "now" / "once")
    found = CorrectedSource(nifti, images=tmp_path / "now", signed_only=False).find()
    assert found.cases == ()
    assert "2 places hold images called cine.nii.gz" in found.bad[0].reason


def test_that_a_file_of_the_same_name_on_another_grid_is_not_learnt_from(
    nifti: Path, tmp_path: Path, small_phantom: Phantom
) -> None:
    _write_nifti(small_phantom, tmp_path / "now" / "cine.nii.gz", slice_mm=8.0)
    (case, _) = CorrectedSource(nifti, images=tmp_path / "now", signed_only=False).find().cases
    with pytest.raises(InputError, match="other phases or spacings"):
        case.read()


def test_that_images_that_changed_since_make_a_bad_case(corrected: Path, tmp_path: Path) -> None:
    case = CorrectedSource(corrected, signed_only=False).find().cases[0]
    files = sorted((tmp_path / "studies" / "7").rglob("*.dcm"))
    for number, file in enumerate(files):
        file.rename(file.with_name(f"renamed{number}.dcm"))
    with pytest.raises(InputError, match="not the files that it was corrected on"):
        case.read()


@pytest.fixture
def three(corrected: Path, tmp_path: Path, small_phantom: Phantom) -> Path:
    """Results of two studies of one patient and of one of another, side by side as `cinecor batch` writes them."""
    other = replace(small_phantom, seed=99)
    for name, phantom in (("7-again", small_phantom), ("8", other)):
        write_dicom(phantom, tmp_path / "studies" / name, style="siemens")
        _write_corrected(tmp_path / "studies" / name, phantom.labels, corrected, name)
    return corrected


def test_that_studies_of_one_patient_are_one_patients_wherever_they_lie(three: Path) -> None:
    cases = CorrectedSource(three, signed_only=False).find().cases
    (twice, four), (once, two) = Counter(case.patient for case in cases).most_common()
    assert (four, two) == (4, 2)
    assert [case.moment for case in cases if case.patient == twice] == ["7 ED", "7 ES", "7-again ED", "7-again ES"]
    assert [case.moment for case in cases if case.patient == once] == ["ED", "ES"]
    assert "CINECOR" not in twice + once  # as the phantoms' PatientIDs begin
    (three / "8").rename(three / "later")
    assert {case.patient for case in CorrectedSource(three, signed_only=False).find().cases} == {twice, once}


def test_that_studies_in_one_folder_are_one_patients(three: Path, tmp_path: Path) -> None:
    (three / "Anna").mkdir()
    for name in ("7", "8"):
        (three / name).rename(three / "Anna" / name)
    cases = CorrectedSource(three, signed_only=False).find().cases
    assert {case.patient for case in cases} == {"7-again"}  # who is in one of Anna's two folders


def test_that_a_sites_patients_are_dealt_so_that_more_may_come(corrected: Path, small_acdc: Path) -> None:
    sources = (CorrectedSource(corrected, signed_only=False), AcdcSource(small_acdc))
    (growing,) = find_data([UsedSource(source, "split") for source in sources]).growing
    assert growing.startswith("corrected/")


def test_that_a_damaged_results_file_is_listed_with_the_field(corrected: Path) -> None:
    path = corrected / "7" / "results.json"
    path.write_text(path.read_text().replace('"slices": 12', '"slices": "many"', 1))
    found = CorrectedSource(corrected, signed_only=False).find()
    assert "stack.slices" in found.bad[0].reason


def test_that_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No corrected studies"):
        CorrectedSource(tmp_path).find()


def test_that_what_nobody_signed_is_left_out_unless_asked_for(corrected: Path) -> None:
    found = CorrectedSource(corrected).find()
    assert found.cases == ()
    assert "nobody has signed it" in found.bad[0].reason
