"""Slice order, spacing and extents, from positions."""

from pathlib import Path

import numpy as np
import pytest
from dicom_builder import base_to_apex, cine, codes, expected, frame, write

from cinecor.study import ImportAudit, open_input


def warned(audit: ImportAudit, text: str) -> bool:
    return any(text in warning for warning in map(str, audit.warnings))


def test_that_the_apex_comes_last_however_the_normal_points(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:  # swapping the axes turns the normal round
        orientation = list(ds.ImageOrientationPatient)
        ds.ImageOrientationPatient = [*orientation[3:], *orientation[:3]]
    stack, _ = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)


def test_that_the_gap_is_part_of_the_spacing_and_told(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine()))
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=1e-3)
    assert warned(audit, "thickness 8 mm + gap 2.0 mm = 10.0 mm")


@pytest.mark.parametrize("tag", ["0", "8", "2", ""])
def test_that_a_wrong_spacing_tag_changes_nothing(tmp_path: Path, tag: str) -> None:
    datasets = cine()
    for ds in datasets:
        ds.SpacingBetweenSlices = tag
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=1e-3)
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 4, abs=1e-3)
    assert warned(audit, f"SpacingBetweenSlices says {tag} mm") == (tag in ("8", "2"))


def test_that_a_thickness_of_zero_is_told(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:
        ds.SliceThickness = "0"
    _, audit = open_input(write(tmp_path, datasets))
    assert warned(audit, "SliceThickness is absent or 0")


def test_that_overlapping_slices_are_told(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine(step_mm=5.0)))
    assert stack.geometry.slice_spacing_mm == pytest.approx(5.0, abs=1e-3)
    assert warned(audit, "Slices overlap")


def test_that_the_neighbours_of_a_missing_slice_stand_for_it(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, [ds for n, ds in enumerate(cine(slices=7)) if n // 10 != 3]))
    assert stack.slices == 6
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=1e-3)
    assert stack.geometry.slice_extent_mm == pytest.approx([10, 10, 15, 15, 10, 10], abs=1e-3)
    assert warned(audit, "A slice is missing between slices 3 and 4: they are 20.0 mm apart")


def test_that_uneven_gaps_keep_the_length_of_the_stack(tmp_path: Path) -> None:
    at_mm = [0.0, 10.0, 21.0, 30.0, 42.0]
    datasets = [
        frame(1, phase, step_mm=at, instance=10 * n + phase + 1) for n, at in enumerate(at_mm) for phase in range(10)
    ]
    for number, ds in enumerate(datasets):
        ds.SOPInstanceUID = f"1.2.{number}"
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.5, abs=1e-3)
    assert stack.geometry.slice_extent_mm == pytest.approx([10.25, 10.5, 10.0, 10.5, 11.25], abs=1e-3)
    assert warned(audit, "Slice gaps are uneven (9.0 to 12.0 mm")


@pytest.mark.parametrize(("longer_mm", "uneven"), [(0.45, False), (0.55, True)])
def test_that_gaps_are_uneven_from_a_twentieth_of_the_spacing(tmp_path: Path, longer_mm: float, uneven: bool) -> None:
    at_mm = [0.0, 10.0, 20.0, 30.0 + longer_mm]
    datasets = [
        frame(1, phase, step_mm=at, instance=10 * n + phase + 1) for n, at in enumerate(at_mm) for phase in range(10)
    ]
    for number, ds in enumerate(datasets):
        ds.SOPInstanceUID = f"1.2.{number}"
    _, audit = open_input(write(tmp_path, datasets))
    assert any(warning.code == "slices_uneven" for warning in audit.warnings) == uneven


def test_that_a_slice_far_beyond_the_stack_is_left_out(tmp_path: Path) -> None:
    far = [frame(9, phase) for phase in range(10)]
    stack, audit = open_input(write(tmp_path, [*cine(), *far]))
    assert codes(stack) == expected(4, 10)
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 4, abs=1e-3)
    assert all(str(row.reason) == "its slice lies far apart from the stack" for row in audit.left_out)


def test_that_slices_shifted_in_their_plane_keep_their_place(tmp_path: Path) -> None:
    datasets = cine()
    shift = 9.0 * np.cross(base_to_apex(), [0.0, 0.0, 1.0])
    for ds in datasets[10:20]:
        ds.ImagePositionPatient = [float(f"{v:.4f}") for v in np.array(ds.ImagePositionPatient, float) + shift]
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert warned(audit, "shifted in the plane")
