"""A stack is one acquisition: what was acquired otherwise never stands in for it, and is named."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from dicom_builder import base_to_apex, cine, cine_by_series, code, codes, expected, frame, set_pixels, write
from pydicom.dataset import Dataset

from cinecor.errors import InputError
from cinecor.study import ImportAudit, open_input


def told(audit: ImportAudit) -> set[str]:
    return {warning.code for warning in audit.warnings}


def reasons(audit: ImportAudit) -> set[str]:
    return {row.reason.code for row in audit.left_out}


def moved(datasets: list[Dataset], by_mm: float) -> list[Dataset]:
    for ds in datasets:
        position = np.array(ds.ImagePositionPatient, float) + by_mm * base_to_apex()
        ds.ImagePositionPatient = [f"{value:.5f}" for value in position]
    return datasets


def brighter(datasets: list[Dataset]) -> list[Dataset]:
    for ds in datasets:
        set_pixels(ds, ds.pixel_array + 5)
    return datasets


@pytest.mark.slow
@pytest.mark.parametrize("by_series", [False, True], ids=["one series", "one series a slice"])
@pytest.mark.parametrize("shift_mm", [2.0, 4.0, 5.0, 7.0])
def test_that_a_stack_taken_again_a_little_further_is_not_woven_in(
    tmp_path: Path, shift_mm: float, by_series: bool
) -> None:
    first = cine_by_series() if by_series else cine()
    second = cine_by_series(first_series=20) if by_series else cine(series=20)
    stack, audit = open_input(write(tmp_path, [*first, *moved(brighter(second), shift_mm)]))
    assert stack.slices == 4
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 4, abs=1e-3)
    firsts = np.array(codes(stack)) - np.array(expected(4, 10))
    assert np.ptp(firsts) == 0  # all of one acquisition
    assert "other_stack" in {caution.code for caution in audit.cautions}
    assert reasons(audit) == {"other_stack_not_chosen"}


@pytest.mark.slow
@pytest.mark.parametrize("numbers", ["go on", "begin again"])
@pytest.mark.parametrize("shift_mm", [2.0, 5.0, 8.0])
def test_that_two_passes_under_one_series_uid_are_parted(tmp_path: Path, shift_mm: float, numbers: str) -> None:
    first, second = cine(slices=6), moved(brighter(cine(slices=6, series=20)), shift_mm)
    for ds in second:
        ds.SeriesInstanceUID = first[0].SeriesInstanceUID
        if numbers == "go on":
            ds.InstanceNumber = str(int(ds.InstanceNumber) + 60)
    if numbers == "begin again":
        without_times([*first, *second])
    stack, audit = open_input(write(tmp_path, [*first, *second]))
    assert stack.slices == 6
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 6, abs=1e-3)
    assert np.ptp(np.array(codes(stack)) - np.array(expected(6, 10))) == 0
    assert "other_stack" in {caution.code for caution in audit.cautions}


def test_that_slices_woven_in_that_nothing_parts_put_every_number_in_doubt(tmp_path: Path) -> None:
    first, second = cine(slices=6), brighter(cine(slices=6, series=20))
    for number, ds in enumerate(second):
        moved([ds], 2.0 + 1.2 * (number // 10 % 3))
        ds.SeriesInstanceUID = first[0].SeriesInstanceUID
    _, audit = open_input(write(tmp_path, without_times([*first, *second])))
    assert "slices_woven" in {doubt.code for doubt in audit.doubts}


def test_that_slices_that_overlap_in_one_sweep_are_not_taken_for_woven(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine(slices=6, step_mm=4.0)))
    assert stack.slices == 6
    assert not audit.doubts


def test_that_a_slice_tried_out_first_does_not_keep_the_others_from_one_another(tmp_path: Path) -> None:
    datasets = cine_by_series(slices=6)
    tried = moved(brighter([frame(1, phase, series=30) for phase in range(10)]), 4.0)
    for ds in tried:
        ds.AcquisitionTime = ds.SeriesTime = "090000"
    stack, _ = open_input(write(tmp_path, [*datasets, *tried]))
    assert codes(stack) == expected(6, 10)


@pytest.mark.parametrize(("interval_ms", "seen"), [("450", True), ("600", False)])
def test_that_a_slice_in_another_state_is_told_beside_the_numbers(tmp_path: Path, interval_ms: str, seen: bool) -> None:
    datasets = cine_by_series(slices=6)
    for ds in datasets[20:30]:
        ds.NominalInterval = interval_ms
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(6, 10)
    assert ("heart_rate_differs" in {caution.code for caution in audit.cautions}) == seen


def test_that_slices_of_another_state_go_to_the_stack_of_their_own(tmp_path: Path) -> None:
    rest, stress = cine_by_series(slices=4), moved(brighter(cine_by_series(slices=4, first_series=20)), 4.0)
    for ds in stress:
        ds.NominalInterval = "450"
    stack, _ = open_input(write(tmp_path, without_times([*rest, *stress])))
    assert stack.slices == 4
    assert np.ptp(np.array(codes(stack)) - np.array(expected(4, 10))) == 0


def test_that_slices_in_two_states_under_one_series_uid_are_parted(tmp_path: Path) -> None:
    rest, stress = cine(slices=6), moved(brighter(cine(slices=6)), 5.0)
    for number, ds in enumerate([*rest, *stress]):
        ds.InstanceNumber = str(
            1 + (number % 60) // 10 * 20 + number % 10 + 10 * (number // 60)
        )  # one sweep, by numbers
        ds.SOPInstanceUID = f"1.2.7.{number}"
    for ds in stress:
        ds.NominalInterval = "450"
    stack, audit = open_input(write(tmp_path, without_times([*rest, *stress])))
    assert stack.slices == 6
    assert np.ptp(np.array(codes(stack)) - np.array(expected(6, 10))) == 0
    assert "other_stack" in {caution.code for caution in audit.cautions}


def test_that_a_restless_heart_keeps_its_slices_in_one_stack(tmp_path: Path) -> None:
    datasets = cine(slices=6)
    for number, ds in enumerate(datasets):
        ds.NominalInterval = str((600, 1000, 700, 900, 650, 800)[number // 10])
    stack, _ = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(6, 10)


@pytest.mark.parametrize(("repeated", "seen"), [(2, False), (3, True), (6, True)])
def test_that_a_stack_half_of_which_was_acquired_again_is_told_beside_the_numbers(
    tmp_path: Path, repeated: int, seen: bool
) -> None:
    later = brighter([frame(n, phase, series=20 + n) for n in range(repeated) for phase in range(10)])
    _, audit = open_input(write(tmp_path, [*cine_by_series(slices=6), *later]))
    assert ("slices_repeated" in {caution.code for caution in audit.cautions}) == seen
    assert "slices_repeated" in told(audit)


def test_that_a_repeat_whose_numbers_go_on_is_no_second_half_of_the_cycle(tmp_path: Path) -> None:
    later = brighter([frame(n, phase, series=20 + n, instance=phase + 11) for n in range(4) for phase in range(10)])
    datasets = without_times([*cine_by_series(), *later])
    for ds in datasets:
        del ds.TriggerTime
        del ds.CardiacNumberOfImages
    stack, _ = open_input(write(tmp_path, datasets))
    assert (stack.slices, stack.phases) == (4, 10)
    assert np.ptp(np.array(codes(stack)) - np.array(expected(4, 10))) == 0


def without_times(datasets: list[Dataset]) -> list[Dataset]:
    for ds in datasets:
        for keyword in ("AcquisitionTime", "SeriesTime", "ContentTime"):
            delattr(ds, keyword)
    return datasets


def test_that_the_other_acquisition_can_be_taken(tmp_path: Path) -> None:
    first, second = cine(), moved(brighter(cine(series=20)), 4.0)
    for datasets, more in ((first, 0), (second, 5)):
        stack, _ = open_input(write(tmp_path, [*first, *second]), series_uid=datasets[0].SeriesInstanceUID)
        assert codes(stack)[1][2] == code(1, 2) + more


def test_that_slices_between_those_of_another_series_are_of_one_stack_when_they_fit(tmp_path: Path) -> None:
    even = [ds for ds in cine(slices=8) if int(ds.SOPInstanceUID.split(".")[-2]) % 2 == 0]
    odd = [ds for ds in cine(slices=8, series=2) if int(ds.SOPInstanceUID.split(".")[-2]) % 2]
    stack, audit = open_input(write(tmp_path, [*even, *odd]))
    assert codes(stack) == expected(8, 10)
    assert not audit.left_out


def test_that_overlapping_slices_of_one_sweep_are_one_stack(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine_by_series(slices=6, phases=10)))
    assert stack.slices == 6
    closer = [frame(n, p, series=n + 1, instance=p + 1, step_mm=4.0) for n in range(6) for p in range(10)]
    stack, audit = open_input(write(tmp_path / "closer", closer))
    assert codes(stack) == expected(6, 10)
    assert not audit.left_out


STRESS = {
    "another rate": {"NominalInterval": "450"},
    "another number of phases": {},
    "a contrast agent": {"ContrastBolusAgent": "Gd"},
    "another pulse": {"FlipAngle": "12"},
    "no phase times": {"TriggerTime": None},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRESS)
def test_that_slices_acquired_otherwise_do_not_replace_those_of_the_stack(tmp_path: Path, name: str) -> None:
    first = cine()
    phases = 25 if name == "another number of phases" else 10
    later = [frame(number, phase, phases=phases, series=9) for number in (0, 2) for phase in range(phases)]
    for ds in first:
        ds.FlipAngle = "50"
    for ds in later:
        ds.FlipAngle = "50"
        for keyword, value in STRESS[name].items():
            if value is None:
                delattr(ds, keyword)
            else:
                setattr(ds, keyword, value)
    stack, audit = open_input(write(tmp_path, [*first, *brighter(later)]))
    assert codes(stack) == expected(4, 10)
    assert "slices_repeated" not in told(audit)
    assert len(audit.left_out) == 2 * phases


def test_that_a_slice_repeated_alike_replaces_the_earlier_one(tmp_path: Path) -> None:
    later = brighter([frame(2, phase, series=9) for phase in range(10)])
    stack, audit = open_input(write(tmp_path, [*cine(), *later]))
    assert codes(stack)[2] == [code(2, phase) + 5 for phase in range(10)]
    assert "slices_repeated" in told(audit)


@pytest.mark.parametrize(("ratio", "replaces"), [(0.8, True), (0.75, False), (1.25, True), (1.35, False)])
def test_that_a_beat_a_third_longer_or_shorter_is_another_state(tmp_path: Path, ratio: float, replaces: bool) -> None:
    later = brighter([frame(2, phase, series=9) for phase in range(10)])
    for ds in later:
        ds.NominalInterval = f"{900 * ratio:.0f}"
    stack, _ = open_input(write(tmp_path, [*cine(), *later]))
    assert (codes(stack)[2][0] == code(2, 0) + 5) == replaces


def twice(datasets: list[Dataset], *, same_type: bool = False) -> list[Dataset]:
    """Return every image twice in its series, with alternating numbers."""
    result = []
    for ds in datasets:
        number = int(ds.InstanceNumber)
        copy = deepcopy(ds)
        ds.InstanceNumber, copy.InstanceNumber = str(2 * number - 1), str(2 * number)
        copy.SOPInstanceUID = f"{ds.SOPInstanceUID}.2"
        copy.ImageType = ds.ImageType if same_type else ["ORIGINAL", "PRIMARY", "M", "NORM"]
        set_pixels(copy, ds.pixel_array + 5)
        result += [ds, copy]
    return result


@pytest.mark.parametrize("same_type", [False, True], ids=["two image types", "one image type"])
def test_that_of_every_image_twice_one_of_each_phase_is_used(tmp_path: Path, same_type: bool) -> None:
    stack, audit = open_input(write(tmp_path, twice(cine(), same_type=same_type)))
    assert stack.pixels.shape[:2] == (4, 10)
    offsets = np.array(codes(stack)) - np.array(expected(4, 10))
    assert np.ptp(offsets) == 0
    assert len(audit.left_out) == 40
    assert ("slices_in_two_image_types" in told(audit)) != same_type


def test_that_a_split_that_would_use_half_a_cycle_twice_is_refused(tmp_path: Path) -> None:
    datasets = twice(cine(), same_type=True)
    for at, ds in enumerate(datasets):
        ds.InstanceNumber = str(1 + (at * 7) % len(datasets))
    with pytest.raises(InputError, match="2 of each of 10 phases by TriggerTime"):
        open_input(write(tmp_path, datasets))


@pytest.mark.parametrize("degrees", [3.0, 8.0])
def test_that_slices_planned_again_stay_in_the_stack_in_their_own_planes(tmp_path: Path, degrees: float) -> None:
    stack, audit = open_input(write(tmp_path, tilted(cine_by_series(slices=6), degrees)))
    assert codes(stack) == expected(6, 10)
    assert "slices_tilted" in {caution.code for caution in audit.cautions}
    assert "other_grid" not in told(audit)
    axes = stack.geometry.slice_axes
    assert axes is not None
    normals = np.cross(axes[:, 0], axes[:, 1])
    assert np.degrees(np.arccos(normals[0] @ normals[5])) == pytest.approx(degrees, abs=0.01)
    mean = np.cross(stack.geometry.column_axis, stack.geometry.row_axis)
    assert np.degrees(np.arccos(normals[0] @ mean)) == pytest.approx(degrees / 2, abs=0.01)
    assert float(stack.geometry.slice_extent_mm.sum()) == pytest.approx(60.0, abs=1.0)


@pytest.mark.parametrize(("degrees", "first"), [(6.0, 3), (2.5, 4)], ids=["far off", "near the mean normal"])
def test_that_slices_turned_about_the_middle_of_the_image_keep_their_distance(
    tmp_path: Path, degrees: float, first: int
) -> None:
    datasets = cine_by_series(slices=6)
    stack, _ = open_input(write(tmp_path, tilted(datasets, degrees, first=first, about_the_middle=True)))
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 6, abs=0.1)


@pytest.mark.parametrize(("degrees", "slices"), [(9.8, 8), (10.2, 5)])
def test_that_slices_follow_on_the_others_up_to_10_degrees(tmp_path: Path, degrees: float, slices: int) -> None:
    stack, audit = open_input(write(tmp_path, tilted(cine_by_series(slices=8), degrees, first=5)))
    assert stack.slices == slices
    assert ("goes_on_at_an_angle" in {doubt.code for doubt in audit.doubts}) is (slices < 8)


def test_that_a_stack_is_doubted_beyond_whose_end_slices_stand_at_a_wide_angle(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, tilted(cine_by_series(slices=8), 15.0, first=5)))
    assert stack.slices == 5
    assert [doubt.code for doubt in audit.doubts] == ["goes_on_at_an_angle"]
    assert audit.doubts[0].values["degrees"] == pytest.approx(15.0, abs=0.1)


def test_that_parallel_slices_have_the_axes_of_the_stack(tmp_path: Path) -> None:
    stack, _ = open_input(write(tmp_path, cine()))
    assert stack.geometry.slice_axes is None


def tilted(datasets: list[Dataset], degrees: float, *, first: int = 3, about_the_middle: bool = False) -> list[Dataset]:
    angle = np.radians(degrees)
    for ds in datasets:
        if int(ds.SOPInstanceUID.split(".")[-2]) < first:
            continue
        axes = np.array(ds.ImageOrientationPatient, float).reshape(2, 3)
        normal = np.cross(*axes)
        row = np.cos(angle) * axes[1] + np.sin(angle) * normal
        if about_the_middle:
            half = (ds.Rows - 1) / 2 * float(ds.PixelSpacing[0])
            position = np.array(ds.ImagePositionPatient, float) + half * (axes[1] - row)
            ds.ImagePositionPatient = [f"{value:.6f}" for value in position]
        ds.ImageOrientationPatient = [f"{value:.8f}" for value in (*axes[0], *row)]
    return datasets


def test_that_a_caution_tells_of_a_slice_of_another_frame_of_reference_and_it_is_kept(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets[10:20]:
        ds.FrameOfReferenceUID = "1.2.3"
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert [caution.code for caution in audit.cautions] == ["other_frames_of_reference"]


def test_that_frames_of_reference_renewed_for_every_file_tell_nothing(tmp_path: Path) -> None:
    datasets = cine()
    for number, ds in enumerate(datasets):
        ds.FrameOfReferenceUID = f"1.2.{number + 1}"
    _, audit = open_input(write(tmp_path, datasets))
    assert audit.cautions == ()
