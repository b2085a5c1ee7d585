"""A study whose folder holds outlines as DICOM SEG opens as the review that they came from, numbers and all."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.open_study import OpenedStudy, open_study
from cinecor.app.outlines_within import OutlinesWithin, outlines_within
from cinecor.app.save_study import write_study
from cinecor.cli.main import main
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.report.kept_results import read_results
from cinecor.review import Gesture, Review, redraw_one, review_result
from cinecor_phantom import Acquisition, make_phantom, write_dicom

ACQUISITION = Acquisition(slices=11, phases=3, rows=96, columns=112, pixel_spacing_mm=2.2)
MODEL = ModelIdentity("sax", "7", "ab" * 32, "int8")
CORRECTED = (5, 1)


def bare(study: OpenedStudy) -> Review:
    return Review(study.stack, study.audit, body=study.card.body(study.stack.heart_rate_bpm))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("within") / "study"
    write_dicom(make_phantom(acquisition=ACQUISITION), folder, style="siemens")
    return folder


@pytest.fixture(scope="module")
def exported(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SEG and SR of a review that somebody corrected: in one frame the cavity is wall."""
    labels = make_phantom(acquisition=ACQUISITION, pictures=False).labels
    study = open_study(images, on_series=lambda _: None)
    truth = Segmentation(labels, np.ones(labels.shape[:2], np.float32), MODEL, Runtime("cpu", "cpu", {}), ())
    review = replace(bare(study), segmentation=truth)
    frame = labels[CORRECTED].copy()
    frame[frame == Label.LV] = Label.MYO
    review = redraw_one(Gesture.BRUSH, CORRECTED, frame).apply(review)
    result = review_result(review)
    assert result is not None
    out = tmp_path_factory.mktemp("results")
    saved = write_study(review, result, input_path=images, out_dir=out, name="results")
    options = ExportOptions(frozenset({Form.SEG, Form.SR}))
    return export_study(saved.folder.path, out_dir=out / "export", options=options).folder


@pytest.fixture
def study_with(images: Path, tmp_path: Path) -> Iterator[Callable[[Path], OpenedStudy]]:
    """Return a function that opens the images with what lies in another folder beside them."""
    opened: list[OpenedStudy] = []

    def make(objects: Path) -> OpenedStudy:
        folder = tmp_path / f"study {len(opened)}"
        shutil.copytree(images, folder)
        shutil.copytree(objects, folder / "objects")
        opened.append(open_study(folder, on_series=lambda _: None))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def found_in(study: OpenedStudy) -> OutlinesWithin:
    found = outlines_within(study, bare(study))
    assert found is not None
    return found


def codes(found: OutlinesWithin) -> list[str]:
    return [message.code for message in found.cautions]


def test_that_the_models_result_and_the_readers_come_back_apart(
    exported: Path, study_with: Callable[[Path], OpenedStudy]
) -> None:
    study = study_with(exported)
    found = found_in(study)
    kept = read_results(exported.parent.parent / "results")
    review = found.over(bare(study))
    assert review.segmentation is not None
    assert review.labels is not None
    assert (review.segmentation.labels == kept.ai_labels).all()
    assert (review.labels == kept.labels).all()
    assert found.segmentation.model == MODEL
    assert [edit.places for edit in found.edits] == [(CORRECTED,)]
    assert [str(message) for message in found.told] == ["sr-final.dcm says the same numbers."]
    assert found.cautions == ()
    result = review_result(review)
    assert result is not None
    assert result.measurements.lv.edv_ml == pytest.approx(kept.results.lv.edv_ml, abs=0.001)


def test_that_only_the_models_own_is_a_review_without_steps(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path
) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(exported / "seg-ai", alone)
    shutil.copy(exported / "sr-ai.dcm", alone)
    found = found_in(study_with(alone))
    assert found.edits == ()
    assert [str(message) for message in found.told] == ["sr-ai.dcm says the same numbers."]


def test_that_a_report_of_other_numbers_is_told(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path
) -> None:
    shutil.copytree(exported, tmp_path / "objects")
    shutil.copytree(exported / "seg-ai", tmp_path / "mine")
    shutil.rmtree(tmp_path / "objects" / "seg-final")
    shutil.copy(exported / "sr-final.dcm", tmp_path / "mine" / "sr-ai.dcm")
    report = pydicom.dcmread(tmp_path / "mine" / "sr-ai.dcm")
    report.CompletionFlag = "PARTIAL"  # the reader's numbers under the model's outlines
    report.save_as(tmp_path / "mine" / "sr-ai.dcm")
    found = found_in(study_with(tmp_path / "mine"))
    assert codes(found) == ["report_differs"]
    assert "LV" in str(found.cautions[0])
    assert found.told == ()


def test_that_outlines_of_others_are_a_review_whose_gaps_are_told(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    shutil.copytree(exported / "seg-ai", foreign)
    for path in sorted(foreign.iterdir()):
        seg = pydicom.dcmread(path)
        seg.Manufacturer, seg.ManufacturerModelName, seg.SeriesDescription = "Somebody", "Drawer", "by hand"
        for item in seg.SegmentSequence:
            item.SegmentAlgorithmType, item.SegmentLabel = "MANUAL", "x"
            del item.SegmentationAlgorithmIdentificationSequence
            del item.SegmentAlgorithmName
        frames = seg.pixel_array
        kept = [number for number, frame in enumerate(frames) if frame.any()]  # as most writers leave empty ones out
        groups = [seg.PerFrameFunctionalGroupsSequence[number] for number in kept]
        seg.PerFrameFunctionalGroupsSequence, seg.NumberOfFrames = groups, len(kept)
        bits = np.packbits(frames[kept].reshape(-1), bitorder="little").tobytes()
        seg.PixelData = bits + b"\0" * (len(bits) % 2)
        seg.save_as(path)
    study = study_with(foreign)
    found = found_in(study)
    truth = make_phantom(acquisition=ACQUISITION, pictures=False).labels
    assert (found.segmentation.labels == truth).all()
    assert found.segmentation.model.id == "Drawer"
    assert found.series == "by hand"
    empty = int((~truth.any(axis=(2, 3))).sum())
    notes = {note.code: str(note) for note in found.segmentation.notes}
    assert ("seg_frames_absent" in notes) is (empty > 0)
    assert "by hand" in notes["outlines_of_seg"]
    assert np.isnan(found.segmentation.confidence).all()


def test_that_a_missing_image_has_the_outlines_of_the_one_that_stands_in(
    exported: Path, images: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(images, folder)
    shutil.copytree(exported / "seg-ai", folder / "objects")
    whole = open_study(folder, on_series=lambda _: None)
    frame = whole.stack.frames[6][2]  # type: ignore[index]
    whole.close()
    assert frame is not None
    (folder / frame.path).unlink()
    study = open_study(folder, on_series=lambda _: None)
    assert not study.audit.complete.all()
    found = found_in(study)
    labels = found.segmentation.labels
    assert labels[6, 2].any()
    assert any((labels[6, 2] == labels[6, other]).all() for other in (0, 1))
    study.close()


def test_that_outlines_of_some_phases_only_make_no_review(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path
) -> None:
    part = tmp_path / "part"
    shutil.copytree(exported / "seg-ai", part)
    (part / "phase-002.dcm").unlink()
    study = study_with(part)
    with pytest.raises(InputError, match="1 phase has no outlines; take them over as corrections"):
        outlines_within(study, bare(study))


@pytest.mark.parametrize("fault", ["pixels", "sequence"])
def test_that_a_damaged_object_stops_nothing(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path, fault: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(exported / "seg-final", broken / "final")
    shutil.copytree(exported / "seg-ai", broken / "ai")
    for path in (broken / "final").iterdir():
        seg = pydicom.dcmread(path)
        if fault == "pixels":
            seg.PixelData = seg.PixelData[:64]
        else:
            del seg.PerFrameFunctionalGroupsSequence
        seg.save_as(path)
    study = study_with(broken)
    found = found_in(study)
    assert found.edits == ()  # the model's own is whole
    assert (found.segmentation.labels == make_phantom(acquisition=ACQUISITION, pictures=False).labels).all()


def test_that_masks_with_counted_papillary_muscles_are_not_gone_on_with(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path
) -> None:
    counted = tmp_path / "counted"
    shutil.copytree(exported / "seg-final", counted)
    for path in counted.iterdir():
        seg = pydicom.dcmread(path)
        seg.SegmentSequence[1].SegmentLabel = "LV myocardium with papillary muscles"
        seg.save_as(path)
    study = study_with(counted)
    with pytest.raises(InputError, match="papillary muscles are counted as mass"):
        outlines_within(study, bare(study))


def test_that_the_command_writes_results_that_open_as_a_review(
    exported: Path, study_with: Callable[[Path], OpenedStudy], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = study_with(exported)
    assert main(["outlines", str(study.path), "--out", str(tmp_path / "out")]) == 0
    assert "says the same numbers" in capsys.readouterr().out
    again = read_results(tmp_path / "out" / study.path.name)
    before = read_results(exported.parent.parent / "results")
    assert (again.labels == before.labels).all()
    assert (again.ai_labels == before.ai_labels).all()
    assert json.loads(again.results.lv.model_dump_json()) == json.loads(before.results.lv.model_dump_json())
    assert again.results.choices.frames_redrawn == [CORRECTED]


def test_that_the_command_says_what_it_needs(images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outlines", str(images)]) == 2
    assert main(["outlines", str(images), "--from", str(images), "--out", str(tmp_path)]) == 2
    capsys.readouterr()
    assert main(["outlines", str(images), "--out", str(tmp_path / "out")]) == 1
    assert "holds no DICOM SEG" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
