"""Enhanced multi-frame MR, read through its functional groups."""

from pathlib import Path

import numpy as np
import pytest
from dicom_builder import ENHANCED_MR, RR_MS, code, codes, expected, frame, image, save, set_pixels, write
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, JPEGLSLossless, RLELossless

from cinecor.errors import InputError
from cinecor.study import open_input
from cinecor.study.dicom.elements import Elements


def item(**values: object) -> Sequence:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return Sequence([ds])


def enhanced(slices: int = 4, phases: int = 10, *, first_slice: int = 0, uid: str = "1.2.3.4") -> Dataset:
    """Return one file with all frames, in an order that neither slices nor phases follow."""
    model = frame(0, 0)
    places = [(number, phase) for number in range(first_slice, first_slice + slices) for phase in range(phases)]
    places.sort(key=lambda place: (place[0] * 31 + place[1] * 17) % 41)
    for keyword in (
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "SliceThickness",
        "SpacingBetweenSlices",
        "TriggerTime",
        "NominalInterval",
        "EchoTime",
        "AcquisitionTime",
        "AcquisitionDate",
        "CardiacNumberOfImages",
    ):
        delattr(model, keyword)
    model.SOPClassUID, model.SOPInstanceUID = ENHANCED_MR, uid
    model.NumberOfFrames = str(len(places))
    groups = []
    for number, phase in places:
        source = frame(number, phase, phases=phases)
        group = Dataset()
        group.PlanePositionSequence = item(ImagePositionPatient=source.ImagePositionPatient)
        group.CardiacSynchronizationSequence = item(
            NominalCardiacTriggerDelayTime=float(source.TriggerTime), RRIntervalTimeNominal=RR_MS
        )
        group.FrameContentSequence = item(
            StackID="1",
            InStackPositionNumber=1,
            TemporalPositionIndex=1,
            DimensionIndexValues=[1, 1, 1],
            FrameAcquisitionDateTime="20240105100000",
        )
        group.PixelValueTransformationSequence = item(RescaleSlope="1", RescaleIntercept="0", RescaleType="US")
        groups.append(group)
    shared = Dataset()
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=frame(0, 0).ImageOrientationPatient)
    shared.PixelMeasuresSequence = item(PixelSpacing=[1.5, 1.5], SliceThickness="8", SpacingBetweenSlices="10")
    shared.MRImageFrameTypeSequence = item(
        FrameType=["ORIGINAL", "PRIMARY", "CARDIAC", "NONE"], ComplexImageComponent="MAGNITUDE"
    )
    model.SharedFunctionalGroupsSequence = Sequence([shared])
    model.PerFrameFunctionalGroupsSequence = Sequence(groups)
    set_pixels(model, np.stack([image(number, phase) for number, phase in places]))
    return model


def test_that_groups_give_place_and_moment_of_every_frame_and_indices_nothing(tmp_path: Path) -> None:
    stack, audit = open_input(save(tmp_path / "one", enhanced()))
    assert codes(stack) == expected(4, 10)
    assert audit.phase_order_tag == "NominalCardiacTriggerDelayTime"
    assert stack.heart_rate_bpm == pytest.approx(60_000 / RR_MS)
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(10)])
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=1e-3)
    assert (audit.files_given, audit.files_used) == (1, 1)
    assert stack.files is not None
    assert {path for row in stack.files for path in row} == {"one"}


def test_that_one_file_a_slice_is_one_stack(tmp_path: Path) -> None:
    files = [enhanced(1, first_slice=number, uid=f"1.2.3.{number}") for number in range(4)]
    stack, audit = open_input(write(tmp_path, files))
    assert codes(stack) == expected(4, 10)
    assert (audit.files_given, audit.files_used) == (4, 4)


def test_that_rescale_of_each_frame_is_its_own(tmp_path: Path) -> None:
    ds = enhanced()
    for number, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        group.PixelValueTransformationSequence[0].RescaleIntercept = str(1000 * (number % 2))
    stack, _ = open_input(save(tmp_path / "one", ds))
    assert set(np.ravel(np.subtract(codes(stack), expected(4, 10)))) == {0, 1000}


def test_that_files_of_one_frame_keep_the_rescale_of_their_group(tmp_path: Path) -> None:
    files = []
    for number in range(4):
        for phase in range(10):
            ds = enhanced(1, 1, first_slice=number, uid=f"1.2.3.{number}.{phase}")
            group = ds.PerFrameFunctionalGroupsSequence[0]
            group.CardiacSynchronizationSequence[0].NominalCardiacTriggerDelayTime = 90.0 * phase
            group.PixelValueTransformationSequence = item(RescaleSlope="-2", RescaleIntercept="10", RescaleType="US")
            set_pixels(ds, image(number, phase))
            files.append(ds)
    stack, audit = open_input(write(tmp_path, files))
    assert codes(stack) == [[10 - 2 * value for value in row] for row in expected(4, 10)]
    assert "rescale_inverts" in [doubt.code for doubt in audit.doubts]


def test_that_the_shared_rescale_counts_where_a_frame_has_none(tmp_path: Path) -> None:
    ds = enhanced()
    for group in ds.PerFrameFunctionalGroupsSequence:
        del group.PixelValueTransformationSequence
    ds.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence = item(
        RescaleSlope="3", RescaleIntercept="0", RescaleType="US"
    )
    stack, _ = open_input(save(tmp_path / "one", ds))
    assert codes(stack) == [[3 * value for value in row] for row in expected(4, 10)]


def test_that_the_groups_of_a_file_are_gone_through_once_not_once_a_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, asked = Elements.items, []
    monkeypatch.setattr(Elements, "items", lambda self, tag: asked.append(tag) or items(self, tag))
    open_input(save(tmp_path / "one", enhanced()))
    assert asked.count(0x52009230) <= 3


def test_that_phase_frames_beside_magnitude_frames_do_not_count(tmp_path: Path) -> None:
    ds = enhanced()
    for group in ds.PerFrameFunctionalGroupsSequence[20:]:
        group.MRImageFrameTypeSequence = item(
            FrameType=["ORIGINAL", "PRIMARY", "CARDIAC", "NONE"], ComplexImageComponent="PHASE"
        )
    del ds.PerFrameFunctionalGroupsSequence[0]
    ds.NumberOfFrames = "39"
    ds.PixelData = ds.PixelData[2 * 20 * 24 :]
    positions = {
        tuple(group.PlanePositionSequence[0].ImagePositionPatient) for group in ds.PerFrameFunctionalGroupsSequence[:19]
    }
    assert len(positions) == 4
    stack, audit = open_input(save(tmp_path / "one", ds))
    assert (audit.files_given, audit.files_used) == (1, 1)
    assert all(value < 100 + 40 * 4 for row in codes(stack) for value in row)


def test_that_a_plain_multi_frame_file_is_one_slice_through_time(tmp_path: Path) -> None:
    ds = frame(0, 0)
    ds.NumberOfFrames = "10"
    set_pixels(ds, np.stack([image(0, phase) for phase in range(10)]))
    stack, audit = open_input(save(tmp_path / "one", ds))
    assert codes(stack) == [[code(0, phase) for phase in range(10)]]
    assert audit.phase_order_tag == "InstanceNumber"


def test_that_groups_that_do_not_match_the_number_of_frames_are_a_row(tmp_path: Path) -> None:
    ds = enhanced()
    del ds.PerFrameFunctionalGroupsSequence[0]
    with pytest.raises(InputError, match="its functional groups do not match NumberOfFrames"):
        open_input(save(tmp_path / "one", ds))


def test_that_files_of_one_frame_are_ordered_by_their_numbers(tmp_path: Path) -> None:
    for number in range(4):
        for phase in range(10):
            ds = enhanced(1, 1, first_slice=number, uid=f"1.2.3.{number}.{phase}")
            set_pixels(ds, image(number, phase)[None])
            ds.NumberOfFrames = "1"
            ds.InstanceNumber = str(10 * number + phase + 1)
            (group,) = ds.PerFrameFunctionalGroupsSequence
            del group.CardiacSynchronizationSequence, group.FrameContentSequence
            save(tmp_path / f"{number}-{phase}", ds)
    stack, audit = open_input(tmp_path)
    assert codes(stack) == expected(4, 10)
    assert audit.phase_order_tag == "InstanceNumber"


@pytest.mark.parametrize("spacing", [[1e9, 1e9], [0, 0], [-1, 1]])
def test_that_an_impossible_pixel_spacing_is_none(tmp_path: Path, spacing: list[float]) -> None:
    ds = enhanced()
    for group in (ds.SharedFunctionalGroupsSequence[0], *ds.PerFrameFunctionalGroupsSequence):
        if "PixelMeasuresSequence" in group:
            group.PixelMeasuresSequence[0].PixelSpacing = spacing
    with pytest.raises(InputError, match=r"PixelSpacing \(0028,0030\) missing or invalid"):
        open_input(save(tmp_path / "one", ds))


@pytest.mark.slow
def test_that_even_delays_make_a_cine_of_frames_half_a_second_apart(tmp_path: Path) -> None:
    ds = enhanced()
    for group in ds.PerFrameFunctionalGroupsSequence:
        phase = group.CardiacSynchronizationSequence[0].NominalCardiacTriggerDelayTime / RR_MS * 10
        group.FrameContentSequence[0].FrameAcquisitionDateTime = f"202401051000{0.5 * phase:04.1f}"
    save(tmp_path / "one", ds)
    stack, _ = open_input(tmp_path)
    assert codes(stack) == expected(4, 10)


@pytest.mark.slow
@pytest.mark.parametrize("syntax", [None, RLELossless, JPEGLSLossless])
def test_that_frames_beyond_those_that_the_header_tells_of_are_doubted(tmp_path: Path, syntax: UID | None) -> None:
    ds = enhanced()
    if syntax is not None:
        ds.compress(syntax, generate_instance_uid=False)
    _, audit = open_input(save(tmp_path / "whole" / "file", ds))
    assert not audit.doubts
    whole = list(ds.PerFrameFunctionalGroupsSequence)
    ds.PerFrameFunctionalGroupsSequence = Sequence(whole[:-10])
    ds.NumberOfFrames = len(whole) - 10
    _, audit = open_input(save(tmp_path / "cut" / "file", ds).parent)
    assert "pixels_left_over" in {doubt.code for doubt in audit.doubts}
