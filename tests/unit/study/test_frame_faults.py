"""Missing, doubled, repeated and surplus frames, and slices that differ from the others."""

from pathlib import Path

import numpy as np
import pytest
from dicom_builder import cine, cine_by_series, code, codes, expected, frame, image, orthonormal, set_pixels, write
from pydicom.dataset import Dataset

from cinecor.errors import InputError
from cinecor.study import open_input


def warned(audit: object, text: str) -> bool:
    return any(text in warning for warning in map(str, audit.warnings))  # type: ignore[attr-defined]


def balanced(audit: object) -> bool:
    return audit.files_given == audit.files_used + len(audit.left_out)  # type: ignore[attr-defined]


@pytest.mark.parametrize("phase", [0, 4, 9])
@pytest.mark.parametrize("with_times", [True, False])
@pytest.mark.parametrize("make", [cine, cine_by_series])
def test_that_a_missing_frame_is_found_and_its_neighbour_stands_in(
    tmp_path: Path, phase: int, with_times: bool, make: object
) -> None:
    datasets = make()  # type: ignore[operator]
    del datasets[20 + phase]
    if not with_times:
        for ds in datasets:
            del ds.TriggerTime
    stack, audit = open_input(write(tmp_path, datasets))
    found = codes(stack)
    assert [row for number, row in enumerate(found) if number != 2] == [
        row for number, row in enumerate(expected(4, 10)) if number != 2
    ]
    assert found[2][phase] in (code(2, (phase - 1) % 10), code(2, (phase + 1) % 10))
    assert found[2][:phase] + found[2][phase + 1 :] == [code(2, one) for one in range(10) if one != phase]
    assert list(zip(*np.nonzero(~audit.complete), strict=True)) == [(2, phase)]
    assert stack.files is not None
    assert stack.files[2][phase] is None
    assert warned(audit, f"Missing from slice 3: phase {phase + 1} of 10")
    assert balanced(audit)


def test_that_a_frame_lost_in_every_slice_does_not_shorten_the_cycle(tmp_path: Path) -> None:
    datasets = [ds for number, ds in enumerate(cine()) if number not in (0, 13, 25, 39)]
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.phases == 10
    assert list(zip(*np.nonzero(~audit.complete), strict=True)) == [(0, 0), (1, 3), (2, 5), (3, 9)]


@pytest.mark.parametrize("with_times", [True, False])
def test_that_fewer_phases_numbered_from_one_are_not_taken_for_missing_frames(tmp_path: Path, with_times: bool) -> None:
    datasets = [ds for ds in cine_by_series() if ds.SeriesNumber != 2]
    datasets += [frame(1, phase, phases=8, series=2, instance=phase + 1) for phase in range(8)]
    if not with_times:
        for ds in datasets:
            del ds.TriggerTime
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack)[1] == [code(1, phase) for phase in (0, 1, 2, 2, 3, 4, 5, 6, 6, 7)]
    assert audit.complete.all()


def test_that_a_doubled_frame_counts_once(tmp_path: Path) -> None:
    again = frame(1, 4, instance=99)
    again.SOPInstanceUID += ".7"
    again.ContentTime = "110000"
    again.PixelData = again.PixelData[:-2] + bytes(byte ^ 1 for byte in again.PixelData[-2:])  # else it were a copy
    stack, audit = open_input(write(tmp_path, [*cine(), again]))
    assert codes(stack) == expected(4, 10)
    assert len(audit.left_out) == 1
    assert "doubled frame: same position and phase (TriggerTime)" in str(audit.left_out[0].reason)
    assert warned(audit, "1 frame is doubled")
    assert balanced(audit)


def test_that_the_same_file_twice_is_a_duplicate(tmp_path: Path) -> None:
    write(tmp_path / "a", cine())
    write(tmp_path / "b", cine())
    stack, audit = open_input(tmp_path)
    assert codes(stack) == expected(4, 10)
    assert (audit.files_given, audit.files_used) == (80, 40)
    assert all("duplicate: the same image as a/" in str(row.reason) for row in audit.left_out)


def test_that_equal_uids_over_other_pictures_are_no_duplicate_and_told(tmp_path: Path) -> None:
    write(tmp_path / "a", cine())
    filtered = cine()
    for ds in filtered:
        set_pixels(ds, ds.pixel_array + 7)
    write(tmp_path / "b", filtered)
    stack, audit = open_input(tmp_path)
    assert (stack.slices, stack.phases, audit.files_used) == (4, 10, 40)
    assert not any(row.reason.code == "duplicate_file" for row in audit.left_out)
    assert {warning.code for warning in audit.warnings} & {"slices_repeated", "doubled_frames"}


def test_that_one_sop_instance_uid_for_all_loses_no_frame(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:
        ds.SOPInstanceUID = "1.2.3"
    stack, _ = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)


@pytest.mark.parametrize("how", ["other series", "acquisition number", "acquisition time", "instance number"])
def test_that_of_a_repeated_slice_the_latest_is_kept(tmp_path: Path, how: str) -> None:
    repeat = [frame(2, phase, instance=100 + phase) for phase in range(10)]
    for ds in repeat:
        ds.SOPInstanceUID += ".5"
        ds.PixelData = image(9, int(ds.InstanceNumber) - 100).tobytes()
        if how == "other series":
            ds.SeriesInstanceUID, ds.SeriesNumber, ds.AcquisitionTime = "1.2.3", "8", "104000"
        elif how == "acquisition number":
            ds.AcquisitionNumber = "7"
        elif how == "acquisition time":
            ds.AcquisitionTime = "104000"
    stack, audit = open_input(write(tmp_path, [*cine(), *repeat]))
    found = codes(stack)
    assert found[2] == [code(9, phase) for phase in range(10)]
    assert [found[number] for number in (0, 1, 3)] == [expected(4, 10)[number] for number in (0, 1, 3)]
    assert len(audit.left_out) == 10
    assert all("repeat: a later acquisition of this slice position" in str(row.reason) for row in audit.left_out)
    assert warned(audit, "1 slice position of 4 was acquired more than once: the latest is used")


def test_that_a_repeat_that_was_broken_off_does_not_replace_a_whole_one(tmp_path: Path) -> None:
    repeat = [frame(2, phase, series=8) for phase in range(4)]
    stack, audit = open_input(write(tmp_path, [*cine(), *repeat]))
    assert codes(stack) == expected(4, 10)
    assert len(audit.left_out) == 4
    assert warned(
        audit, "1 slice position of 4 was acquired more than once: the latest is incomplete and an earlier is used."
    )
    assert not warned(audit, "the latest is used")


def test_that_it_is_told_at_how_many_positions_the_latest_or_an_earlier_repeat_is_used(tmp_path: Path) -> None:
    repeats = [frame(number, phase, series=8) for number in (0, 1, 2) for phase in range(4 if number == 2 else 10)]
    _, audit = open_input(write(tmp_path, [*cine(slices=6), *repeats]))
    assert warned(audit, "2 slice positions of 6 were acquired more than once: the latest is used.")
    assert warned(audit, "1 slice position of 6 was acquired more than once: the latest is incomplete and an earlier")


def test_that_a_series_asked_for_is_not_called_the_latest(tmp_path: Path) -> None:
    repeat = [frame(2, phase, series=8) for phase in range(10)]
    datasets = cine()
    stack, audit = open_input(write(tmp_path, [*datasets, *repeat]), series_uid=datasets[0].SeriesInstanceUID)
    assert codes(stack) == expected(4, 10)
    assert warned(audit, "acquired more than once: that of the series asked for is used, which is not the latest.")
    assert all("repeat: the acquisition of the series asked for" in str(row.reason) for row in audit.left_out)


def test_that_a_slice_with_more_phases_is_brought_to_the_usual_number(tmp_path: Path) -> None:
    datasets = [ds for ds in cine() if ds.SOPInstanceUID.split(".")[-2] != "1"]
    datasets += [frame(1, phase, phases=20, instance=200 + phase) for phase in range(20)]
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack)[1] == [code(1, 2 * phase) for phase in range(10)]
    assert warned(audit, "20 phases instead of 10 in slice 2")
    assert len(audit.left_out) == 10
    assert all("phase not used: its slice has 20 phases, the stack 10" in str(row.reason) for row in audit.left_out)
    assert balanced(audit)


@pytest.mark.parametrize("more", [12, 13])
def test_that_one_slice_with_a_few_phases_more_does_not_set_the_number_of_all(tmp_path: Path, more: int) -> None:
    datasets = [ds for ds in cine() if ds.SOPInstanceUID.split(".")[-2] != "1"]
    datasets += [frame(1, phase, phases=more, instance=200 + phase) for phase in range(more)]
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.phases == 10
    assert warned(audit, f"{more} phases instead of 10 in slice 2")
    assert audit.complete.all()


def test_that_frames_lost_from_every_slice_of_a_cycle_that_starts_late_leave_their_own_gaps(tmp_path: Path) -> None:
    """No slice is whole, so the slots follow the frames that are there: 40 ms late, each slice without another one."""
    datasets = cine()
    for ds in datasets:
        ds.TriggerTime = f"{40.0 + float(ds.TriggerTime):.1f}"
    kept = [ds for number, ds in enumerate(datasets) if number % 10 != (2, 4, 5, 7)[number // 10]]
    stack, audit = open_input(write(tmp_path, kept))
    assert stack.phases == 10
    assert [list(np.flatnonzero(~row)) for row in audit.complete] == [[2], [4], [5], [7]]


def test_that_a_slice_with_fewer_phases_over_the_cycle_is_spread(tmp_path: Path) -> None:
    datasets = [ds for ds in cine() if ds.SOPInstanceUID.split(".")[-2] != "1"]
    datasets += [frame(1, phase, phases=8, instance=200 + phase) for phase in range(8)]
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack)[1] == [code(1, phase) for phase in (0, 1, 2, 2, 3, 4, 5, 6, 6, 7)]
    assert warned(audit, "8 phases instead of 10 in slice 2")
    assert audit.complete.all()


def test_that_a_slice_with_few_phases_is_left_out_with_a_warning(tmp_path: Path) -> None:
    datasets = [ds for number, ds in enumerate(cine(slices=5)) if not 23 <= number < 30]
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.slices == 4
    assert warned(audit, "has only 3 of 10 phases and is left out")
    assert warned(audit, "missing between slices 2 and 3")
    assert balanced(audit)


def another_grid(ds: Dataset, number: int, phase: int, *, scale: int) -> None:
    ds.PixelSpacing = [1.5 / scale, 1.5 / scale]
    set_pixels(ds, np.kron(image(number, phase), np.ones((scale, scale), np.uint16)))


def test_that_a_slice_of_another_matrix_is_interpolated_onto_the_others(tmp_path: Path) -> None:
    datasets = cine()
    for phase in range(10):
        another_grid(datasets[10 + phase], 1, phase, scale=2)
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert stack.pixels[1, 0, 15, 20] == code(1, 0) + 1000
    assert warned(audit, "Another grid in slice 2 (40 x 48 pixels of 0.75 x 0.75 mm)")


def test_that_a_slice_with_another_in_plane_direction_is_turned_back(tmp_path: Path) -> None:
    datasets = cine()
    column, row, _ = orthonormal(((0.7071, 0.5657, 0.4243), (0.0, 0.6, -0.8)))
    for phase, ds in enumerate(datasets[10:20]):
        corner = np.array(ds.ImagePositionPatient, float) + column * 1.5 * 23 + row * 1.5 * 19
        ds.ImagePositionPatient = [f"{value:.5f}" for value in corner]
        ds.ImageOrientationPatient = [f"{value:.6f}" for value in (*-column, *-row)]
        set_pixels(ds, np.ascontiguousarray(image(1, phase)[::-1, ::-1]))
    stack, _ = open_input(write(tmp_path, datasets))
    assert stack.pixels[1, 3] == pytest.approx(image(1, 3).astype(float), abs=0.5)


def test_that_a_slice_of_another_orientation_is_left_out_and_the_hole_told(tmp_path: Path) -> None:
    datasets = cine(slices=5)
    for ds in datasets[20:30]:
        ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.slices == 4
    assert len(audit.left_out) == 10
    assert warned(audit, "missing between slices 2 and 3")
    assert warned(audit, "10 images of series 1")


def test_that_frames_without_position_are_left_out_by_tag(tmp_path: Path) -> None:
    datasets = cine()
    del datasets[13].ImagePositionPatient
    _, audit = open_input(write(tmp_path, datasets))
    assert list(zip(*np.nonzero(~audit.complete), strict=True)) == [(1, 3)]
    assert "ImagePositionPatient (0020,0032) missing" in str(audit.left_out[0].reason)


@pytest.mark.parametrize(
    ("keyword", "tag"),
    [
        ("ImagePositionPatient", "0020,0032"),
        ("ImageOrientationPatient", "0020,0037"),
        ("PixelSpacing", "0028,0030"),
    ],
)
def test_that_a_stack_without_geometry_is_refused_naming_the_tag(tmp_path: Path, keyword: str, tag: str) -> None:
    datasets = cine()
    for ds in datasets:
        delattr(ds, keyword)
    with pytest.raises(InputError, match=rf"{keyword} \({tag}\) missing or invalid, so volumes would be wrong"):
        open_input(write(tmp_path, datasets))


def test_that_one_slice_without_position_is_read(tmp_path: Path) -> None:
    datasets = cine(slices=1)
    for ds in datasets:
        del ds.ImagePositionPatient
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(1, 10)
    assert warned(audit, "read as one slice")


def test_that_slices_that_share_one_position_are_refused(tmp_path: Path) -> None:
    datasets = cine()
    for number, ds in enumerate(datasets):
        ds.ImagePositionPatient = datasets[0].ImagePositionPatient
        ds.SliceLocation = str(10.0 * (number // 10))
    with pytest.raises(InputError, match=r"SliceLocation 0 to 30 mm have one ImagePositionPatient \(0020,0032\)"):
        open_input(write(tmp_path, datasets))
