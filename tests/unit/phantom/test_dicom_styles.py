"""The files of each style, read back with pydicom."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from cinecor.errors import OutputError, UsageError
from cinecor_phantom import SMALL, STYLES, Phantom, make_phantom, write_dicom
from cinecor_phantom.dicom.philips import RESCALE_SLOPE


@pytest.fixture(scope="module")
def written(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Dataset]]:
    folder = tmp_path_factory.mktemp("styles")
    return {style: [dcmread(path) for path in write_dicom(phantom, folder / style, style=style)] for style in STYLES}


def position_of(ds: Dataset, phantom: Phantom) -> int:
    distances = np.linalg.norm(phantom.geometry.positions_mm - np.array(ds.ImagePositionPatient, dtype=float), axis=1)
    assert distances.min() < 1e-3
    return int(distances.argmin())


@pytest.mark.parametrize("style", STYLES)
def test_that_every_file_says_that_it_is_synthetic_and_for_research(
    written: dict[str, list[Dataset]], style: str
) -> None:
    for ds in written[style]:
        assert str(ds.PatientName) == "Phantom^Cinecor"
        assert "Synthetic" in ds.ImageComments
        assert "Research use only" in ds.ImageComments


@pytest.mark.parametrize("style", STYLES)
def test_that_uids_are_unique_and_belong_together(written: dict[str, list[Dataset]], style: str) -> None:
    datasets = written[style]
    assert len({ds.SOPInstanceUID for ds in datasets}) == len(datasets)
    assert len({ds.StudyInstanceUID for ds in datasets}) == 1
    assert len({ds.FrameOfReferenceUID for ds in datasets}) == 1
    for ds in datasets:
        assert ds.SOPInstanceUID.is_valid
        assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID


@pytest.mark.parametrize("style", ["siemens", "ge", "philips"])
def test_that_every_frame_of_every_slice_is_there_once(
    written: dict[str, list[Dataset]], phantom: Phantom, style: str
) -> None:
    frames = defaultdict(list)
    for ds in written[style]:
        frames[position_of(ds, phantom)].append(ds)
    assert sorted(frames) == list(range(phantom.acquisition.slices))
    assert {len(found) for found in frames.values()} == {phantom.acquisition.phases}


def test_that_siemens_writes_a_series_for_each_slice_and_no_spacing(
    written: dict[str, list[Dataset]], phantom: Phantom
) -> None:
    positions = defaultdict(set)
    for ds in written["siemens"]:
        positions[ds.SeriesInstanceUID].add(position_of(ds, phantom))
        assert "SpacingBetweenSlices" not in ds
    assert [len(found) for found in positions.values()] == [1] * phantom.acquisition.slices


def test_that_siemens_slices_have_their_own_rr_around_the_true_one(
    written: dict[str, list[Dataset]], phantom: Phantom
) -> None:
    intervals = {ds.SeriesInstanceUID: float(ds.NominalInterval) for ds in written["siemens"]}
    assert len(set(intervals.values())) > 1
    assert np.median(list(intervals.values())) == pytest.approx(phantom.shape.rr_ms, abs=1.0)


@pytest.mark.parametrize("style", ["siemens", "ge"])
def test_that_trigger_times_order_the_phases(written: dict[str, list[Dataset]], phantom: Phantom, style: str) -> None:
    for index in range(phantom.acquisition.slices):
        datasets = [ds for ds in written[style] if position_of(ds, phantom) == index]
        datasets.sort(key=lambda ds: float(ds.TriggerTime))
        for phase, ds in enumerate(datasets):
            seen = ds.pixel_array != 0
            assert np.array_equal(ds.pixel_array[seen], phantom.pixels[index, phase][seen])


def test_that_ge_numbers_slice_by_slice_in_one_series_and_blanks_what_is_outside_the_circle(
    written: dict[str, list[Dataset]], phantom: Phantom
) -> None:
    datasets = written["ge"]
    assert len({ds.SeriesInstanceUID for ds in datasets}) == 1
    for ds in datasets:
        phase = (int(ds.InstanceNumber) - 1) % phantom.acquisition.phases
        assert (int(ds.InstanceNumber) - 1) // phantom.acquisition.phases == position_of(ds, phantom)
        assert float(ds.TriggerTime) == pytest.approx(phantom.phase_times_ms[phase], abs=1e-3)
        assert float(ds.SpacingBetweenSlices) == phantom.acquisition.slice_spacing_mm
        assert ds.pixel_array[0, 0] == 0
        assert ds.pixel_array[0, -1] == 0


def test_that_philips_trigger_times_mislead_and_temporal_positions_do_not(
    written: dict[str, list[Dataset]], phantom: Phantom
) -> None:
    for index in range(phantom.acquisition.slices):
        datasets = [ds for ds in written["philips"] if position_of(ds, phantom) == index]
        assert len({float(ds.TriggerTime) for ds in datasets}) < len(datasets)
        datasets.sort(key=lambda ds: int(ds.TemporalPositionIdentifier))
        for phase, ds in enumerate(datasets):
            values = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
            assert np.abs(values - phantom.pixels[index, phase]).max() <= RESCALE_SLOPE / 2 + 1e-6


def test_that_enhanced_describes_each_frame_in_its_functional_groups(
    written: dict[str, list[Dataset]], phantom: Phantom
) -> None:
    (ds,) = written["enhanced"]
    pixels = ds.pixel_array
    assert int(ds.NumberOfFrames) == len(ds.PerFrameFunctionalGroupsSequence) == len(pixels)
    for frame, groups in zip(pixels, ds.PerFrameFunctionalGroupsSequence, strict=True):
        content = groups.FrameContentSequence[0]
        index, phase = content.InStackPositionNumber - 1, content.TemporalPositionIndex - 1
        assert content.DimensionIndexValues == [1, index + 1, phase + 1]
        assert position_of(groups.PlanePositionSequence[0], phantom) == index
        delay = groups.CardiacSynchronizationSequence[0].NominalCardiacTriggerDelayTime
        assert delay == pytest.approx(phantom.phase_times_ms[phase])
        assert np.array_equal(frame, phantom.pixels[index, phase])


def test_that_the_same_phantom_is_written_byte_for_byte_the_same(phantom: Phantom, tmp_path: Path) -> None:
    first, second = (write_dicom(phantom, tmp_path / name, style="ge") for name in ("first", "second"))
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("style", STYLES)
def test_that_distractors_are_other_planes_of_the_same_study(style: str, tmp_path: Path) -> None:
    phantom = make_phantom(acquisition=replace(SMALL, phases=2))
    plain = write_dicom(phantom, tmp_path / "plain", style=style)
    files = write_dicom(phantom, tmp_path / "more", style=style, distractors=True)
    datasets = [dcmread(path, stop_before_pixels=True) for path in files[len(plain) :]]
    assert len(datasets) == (6 if style == "enhanced" else 3 * 2 + 3)
    sax = np.cross(phantom.geometry.column_axis, phantom.geometry.row_axis)
    for ds in datasets:
        plane = (
            ds.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0] if style == "enhanced" else ds
        ).ImageOrientationPatient
        normal = np.cross(np.array(plane[:3], dtype=float), np.array(plane[3:], dtype=float))
        assert abs(normal @ sax) < 0.8


def test_that_a_folder_in_use_is_left_alone(phantom: Phantom, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="in use"):
        write_dicom(phantom, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("choice", [{"style": "toshiba"}, {"transfer_syntax": "gif"}])
def test_that_an_unknown_choice_names_the_known_ones(phantom: Phantom, tmp_path: Path, choice: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="choose one of"):
        write_dicom(phantom, tmp_path / "study", **choice)


def test_that_a_place_which_cannot_be_written_gives_one_sentence_and_no_folder(
    phantom: Phantom, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_dicom(phantom, tmp_path / "file" / "study")
