"""SEG of what is unusual: enhanced files, tilted slices, missing frames; and headers that break DICOM's rules."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from validators import dciodvfy_errors

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.open_study import open_study
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.conventions import conventions
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.report.dicom.measurement_report import measurement_report
from cinecor.report.dicom.segmentation_objects import SegOptions, segmentation_objects
from cinecor.report.dicom.segmentation_reader import read_segmentations
from cinecor.report.dicom.source_study import SourceStudy, patient_and_study, source_study
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.report.results import AiFacts, QualityFinding, SignatureFacts
from cinecor.study import open_input
from cinecor_phantom import Acquisition, make_phantom, write_dicom


@pytest.fixture(scope="module")
def kept(segmented_phantom: Path) -> KeptResults:
    return read_results(segmented_phantom)


@pytest.fixture(scope="module")
def source(phantom_study: Path) -> SourceStudy:
    study = open_study(phantom_study, on_series=lambda _: None)
    assert study.index is not None
    return source_study(study.stack, study.index.paths)


def test_that_frames_of_an_enhanced_file_are_named_by_their_numbers(
    write_true_results: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    study = tmp_path / "study"
    acquisition = Acquisition(slices=11, phases=3, rows=96, columns=112, pixel_spacing_mm=2.2)
    write_dicom(make_phantom(acquisition=acquisition), study, style="enhanced")
    results = write_true_results(study, tmp_path / "results")
    folder = export_study(
        results, out_dir=tmp_path / "out", options=ExportOptions(frozenset({Form.SEG, Form.SR}))
    ).folder
    stack, _ = open_input(study)
    seg = pydicom.dcmread(folder / "seg-ai" / "phase-002.dcm")
    assert dciodvfy_errors(folder / "seg-ai" / "phase-002.dcm") == []
    assert dciodvfy_errors(folder / "sr-ai.dcm") == []
    assert stack.frames is not None
    numbers = {frame.number for row in stack.frames for frame in row if frame is not None}
    assert numbers == set(range(1, 34))
    named = {
        int(group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber)
        for group in seg.PerFrameFunctionalGroupsSequence
    }
    assert named == {row[1].number for row in stack.frames if row[1] is not None}
    objects = [(path.name, pydicom.dcmread(path)) for path in sorted((folder / "seg-ai").iterdir())]
    assert (read_segmentations(objects, stack).labels == read_results(results).labels).all()


def test_that_tilted_slices_say_their_orientation_frame_by_frame(
    source: SourceStudy, kept: KeptResults, tmp_path: Path
) -> None:
    geometry = source.stack.geometry
    axes = np.repeat(np.array([[geometry.column_axis, geometry.row_axis]]), source.stack.slices, axis=0)
    turn = np.radians(4.0)
    normal = np.cross(geometry.column_axis, geometry.row_axis)
    axes[3, 1] = np.cos(turn) * geometry.row_axis + np.sin(turn) * normal
    tilted = replace(source, stack=replace(source.stack, geometry=replace(geometry, slice_axes=axes)))
    made = segmentation_objects(kept.labels, source=tilted, results=kept.results, options=SegOptions())
    made[0].dataset.save_as(tmp_path / "seg.dcm", enforce_file_format=True)
    assert dciodvfy_errors(tmp_path / "seg.dcm") == []
    assert "PlaneOrientationSequence" not in made[0].dataset.SharedFunctionalGroupsSequence[0]
    for group in made[0].dataset.PerFrameFunctionalGroupsSequence:
        position = np.array(group.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        index = int(np.argmin(np.linalg.norm(geometry.positions_mm - position, axis=1)))
        told = np.array(group.PlaneOrientationSequence[0].ImageOrientationPatient, dtype=float)
        assert np.allclose(told, axes[index].ravel(), atol=1e-6)
    read = read_segmentations([("seg", made[0].dataset)], source.stack)
    assert (read.labels[:, 0] == kept.labels[:, 0]).all()


def test_that_a_frame_whose_image_is_missing_is_in_no_object(source: SourceStudy, kept: KeptResults) -> None:
    assert source.stack.frames is not None
    frames = [list(row) for row in source.stack.frames]
    frames[4][1] = None
    gap = replace(source, stack=replace(source.stack, frames=tuple(map(tuple, frames))))
    for whole in (False, True):
        made = segmentation_objects(kept.labels, source=gap, results=kept.results, options=SegOptions(whole_cine=whole))
        read = read_segmentations([(one.name, one.dataset) for one in made], gap.stack)
        assert (4, 1) not in read.drawn
        assert not read.labels[4, 1].any()
        assert len(read.drawn) == kept.labels.shape[0] * kept.labels.shape[1] - 1


def test_that_another_position_than_the_images_is_listed(source: SourceStudy, kept: KeptResults) -> None:
    for shift_mm, used in ((0.05, True), (0.2, False)):
        made = segmentation_objects(kept.labels, source=source, results=kept.results, options=SegOptions())[0].dataset
        places = {
            id(one): one for group in made.PerFrameFunctionalGroupsSequence for one in group.PlanePositionSequence
        }
        for place in places.values():  # the frames of one plane share theirs
            x, y, z = (float(value) for value in place.ImagePositionPatient)
            place.ImagePositionPatient = [x + shift_mm, y, z]
        read = read_segmentations([("moved", made)], source.stack)
        assert bool(read.drawn) is used
        assert [message.code for message in read.left_out] == ([] if used else ["seg_frames_moved"])


def test_that_several_segments_of_one_structure_are_not_chosen_between(source: SourceStudy, kept: KeptResults) -> None:
    made = segmentation_objects(kept.labels, source=source, results=kept.results, options=SegOptions())[0].dataset
    first, second = made.SegmentSequence[:2]
    second.SegmentedPropertyTypeCodeSequence = first.SegmentedPropertyTypeCodeSequence
    read = read_segmentations([("twice", made)], source.stack)
    assert read.drawn == {}
    assert [message.code for message in read.left_out] == ["seg_segments_twice"]
    assert Label.RV not in set(read.labels.ravel())


def test_that_values_that_break_their_rule_are_left_empty() -> None:
    header = pydicom.Dataset()
    header.PatientName, header.PatientID = "A^B", "1"
    header.StudyInstanceUID = "1.2.3"
    with pydicom.config.disable_value_validation():
        header.PatientBirthDate, header.StudyDate, header.StudyTime = "00000000", "20120000", "no time"
        header.PatientSex, header.PatientAge, header.PatientWeight = "X", "old", "0"
        header.StudyID = "a study number that is much too long"
    kept = patient_and_study(header)
    assert (kept.PatientName, kept.PatientID, kept.StudyInstanceUID) == ("A^B", "1", "1.2.3")
    assert (kept.PatientBirthDate, kept.StudyDate, kept.StudyTime, kept.PatientSex) == ("", "", "", "")
    assert "PatientAge" not in kept
    assert "PatientWeight" not in kept
    assert len(kept.StudyID) == 16
    header.StudyDate, header.PatientSex = "20120229", "F"
    again = patient_and_study(header)
    assert (again.StudyDate, again.PatientSex) == ("20120229", "F")


def _written(made: pydicom.Dataset) -> pydicom.Dataset:
    """Return a data set as whoever reads its file finds it."""
    file = io.BytesIO()
    made.save_as(file, implicit_vr=False, little_endian=True)
    file.seek(0)
    return pydicom.dcmread(file, force=True)


def test_that_a_name_keeps_its_letters_whatever_characters_the_study_is_written_in(
    source: SourceStudy, kept: KeptResults
) -> None:
    header = pydicom.Dataset()
    header.update(source.headers[0])
    header.SpecificCharacterSet, header.PatientName = "ISO_IR 100", "Müller^Zoé"
    method = pydicom.Dataset()
    method.CodeValue, method.CodingSchemeDesignator, method.CodeMeaning = "1", "99X", "Étude"
    header.DeidentificationMethodCodeSequence = [method]
    header = _written(header)
    assert b"M\xfcller" in header.get_item("PatientName").value  # else the test would see nothing
    signature = SignatureFacts(
        name="Żak^Łukasz", organisation="Szpital w Łodzi", user="l", time="2026-02-03T10:11:12+00:00", comment="",
        reasons={},
    )  # fmt: skip
    status = kept.results.status
    assert status is not None
    signed = kept.results.model_copy(
        update={"status": status.model_copy(update={"state": "signed", "signature": signature})}
    )
    latin = replace(source, headers=(header, *source.headers[1:]))
    report = _written(measurement_report(signed, source=latin, final=True, surface_m2=None, series_number=1))
    assert str(report.PatientName) == "Müller^Zoé"
    assert report.DeidentificationMethodCodeSequence[0].CodeMeaning == "Étude"
    assert str(report.VerifyingObserverSequence[0].VerifyingObserverName) == "Żak^Łukasz"
    assert report.VerifyingObserverSequence[0].VerifyingOrganization == "Szpital w Łodzi"


def test_that_a_doubt_in_the_report_says_where_its_slices_begin(source: SourceStudy, kept: KeptResults) -> None:
    said = "Something is doubtful in slice 3."
    finding = QualityFinding(
        code="x", severity="doubtful", message=said, said={"code": "x"}, slices=[2], phases=[], concerns=["lv"]
    )
    for one, begins in ((finding, 1), (finding.model_copy(update={"said": None}), 0)):  # the second of an older version
        results = kept.results.model_copy(
            update={"quality": kept.results.quality.model_copy(update={"findings": [one]})}
        )
        report = measurement_report(results, source=source, final=False, surface_m2=None, series_number=1)
        assert f"Doubtful: {said} (slices and phases count from {begins})" in _texts(report)


def test_that_the_impression_ends_the_final_report_and_never_the_models_own(
    source: SourceStudy, kept: KeptResults
) -> None:
    for final in (True, False):
        made = measurement_report(
            kept.results, source=source, final=final, surface_m2=None, series_number=1, impression="Œdème ≥ 2\nZZQ\n"
        )
        assert _impressions(_written(made)) == (["Œdème ≥ 2\r\nZZQ"] if final else [])
    silent = measurement_report(kept.results, source=source, final=True, surface_m2=None, series_number=1)
    assert _impressions(silent) == []


def _impressions(report: pydicom.Dataset) -> list[str]:
    named = (item for item in report.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "121073")
    return [str(item.TextValue) for item in named]


def _texts(report: pydicom.Dataset) -> str:
    texts: list[str] = []
    report.walk(lambda _, one: texts.append(str(one.value)) if one.keyword == "TextValue" else None)
    return " ".join(texts)


def _images_of_numbers(report: pydicom.Dataset) -> dict[str, set[str]]:
    """The images that each number of the left ventricle names, by the number's code."""
    groups = [one for item in report.ContentSequence for one in item.get("ContentSequence", ())]
    left = next(group for group in groups if group.ConceptNameCodeSequence[0].CodeValue == "125007")
    return {
        number.ConceptNameCodeSequence[0].CodeValue: {
            image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
            for image in number.get("ContentSequence", ())
            if image.ValueType == "IMAGE"
        }
        for number in left.ContentSequence
        if number.ValueType == "NUM"
    }


@pytest.mark.parametrize("moment", [None, *Moment])
def test_that_a_number_names_the_images_of_its_moment_as_the_table_of_quantities_has_it(
    source: SourceStudy, kept: KeptResults, monkeypatch: pytest.MonkeyPatch, moment: Moment | None
) -> None:
    """Also where the table says something else of a number than today."""
    table = tuple(replace(one, moment=moment) if one.field == "sv_ml" else one for one in QUANTITIES)
    monkeypatch.setattr("cinecor.report.dicom.measurement_report.QUANTITIES", table)
    made = measurement_report(kept.results, source=source, final=False, surface_m2=None, series_number=1)
    phases = {None: None, Moment.ED: kept.results.ed_phase, Moment.ES: kept.results.es_phase}
    named = _images_of_numbers(made)
    assert source.stack.frames is not None
    for one in table:
        phase = phases[one.moment]
        shown = set() if phase is None else {row[phase].sop_instance_uid for row in source.stack.frames if row[phase]}
        assert named[one.codes[Ventricle.LV].value] == shown, one.field


def test_that_a_fractional_base_is_told_beside_the_final_numbers_alone(source: SourceStudy, kept: KeptResults) -> None:
    told = conventions(papillary_mass=False, fractional=(Ventricle.LV,))
    alone = kept.results
    ai = AiFacts(
        volumes_ml=alone.volumes_ml, ed_phase=alone.ed_phase, es_phase=alone.es_phase, lv=alone.lv, rv=alone.rv,
        frames_changed=[], lv_change={}, rv_change={},
    )  # fmt: skip
    results = alone.model_copy(update={"ai": ai, "conventions": {code: str(one) for code, one in told.items()}})
    said = {
        final: _texts(measurement_report(results, source=source, final=final, surface_m2=None, series_number=900))
        for final in (True, False)
    }
    for sentence in ("Fractional base of the LV", "at the base parts of slices"):
        assert sentence in said[True]
        assert sentence not in said[False]
    assert "no basal interpolation" in said[False]
