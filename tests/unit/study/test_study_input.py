"""A healthy study, in the arrangements that scanners and archives make of it."""

from pathlib import Path

import numpy as np
import pytest
from dicom_builder import SPACING_MM, base_to_apex, cine, cine_by_series, codes, expected, frame, write

from cinecor.errors import Cancelled, InputError, NothingSegmentable, UsageError
from cinecor.progress import Progress
from cinecor.study import open_input


@pytest.mark.parametrize("datasets", [cine(), cine_by_series()], ids=["one series for all", "one series a slice"])
def test_that_a_cine_is_one_stack_from_base_to_apex_in_phase_order(tmp_path: Path, datasets: list) -> None:
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=1e-3)
    assert stack.geometry.pixel_spacing_mm == (SPACING_MM, SPACING_MM)
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(10)])
    assert stack.heart_rate_bpm == pytest.approx(60_000 / 900)
    assert audit.phase_order_tag == "TriggerTime"
    assert (audit.files_given, audit.files_used, audit.left_out) == (40, 40, ())
    assert audit.complete.all()


def test_that_positions_step_from_base_to_apex(tmp_path: Path) -> None:
    stack, _ = open_input(write(tmp_path, cine()))
    steps = np.diff(stack.geometry.positions_mm, axis=0)
    assert steps == pytest.approx(np.tile(10.0 * base_to_apex(), (3, 1)), abs=1e-3)


def test_that_each_frame_names_the_file_it_came_from(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "ordner ä", [frame(1, 3)], prefix="x")
    write(tmp_path / "rest", [ds for ds in cine() if ds.SOPInstanceUID != frame(1, 3).SOPInstanceUID])
    stack, _ = open_input(tmp_path)
    assert stack.files is not None
    assert stack.files[1][3] == "sub/ordner ä/x000000"


def test_that_arrays_cannot_be_written(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine()))
    geometry = stack.geometry
    for array in (stack.pixels, geometry.positions_mm, geometry.row_axis, geometry.column_axis, audit.complete):
        assert not array.flags.writeable


def test_that_one_slice_is_read_with_its_thickness_told(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine(slices=1)))
    assert codes(stack) == expected(1, 10)
    assert any("One slice only" in warning for warning in map(str, audit.warnings))


def test_that_a_single_phase_stack_is_read_without_times_and_rate_of_phases(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, [frame(number, 0) for number in range(5)]))
    assert codes(stack) == expected(5, 1)
    assert stack.phase_times_ms is None
    assert audit.phase_order_tag is None


def test_that_progress_reaches_the_number_of_files_and_cancel_stops(tmp_path: Path) -> None:
    write(tmp_path, cine())
    reports: list[Progress] = []
    open_input(tmp_path, progress=reports.append)
    assert {(str(report.stage), report.total) for report in reports} == {
        ("Reading headers", 40),
        ("Reading pixels", 40),
    }
    assert reports[-1].done == 40
    with pytest.raises(Cancelled):
        open_input(tmp_path, cancelled=lambda: True)


def test_that_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        open_input(tmp_path / "nowhere")


def test_that_an_empty_folder_holds_nothing_segmentable(tmp_path: Path) -> None:
    with pytest.raises(NothingSegmentable, match="the folder or archive is empty"):
        open_input(tmp_path)


def test_that_a_file_that_is_no_image_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague,\n" * 40)
    with pytest.raises(InputError, match=r"letter\.txt: not a DICOM file"):
        open_input(tmp_path / "letter.txt")


def test_that_a_cine_named_by_any_other_series_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such series; there are series 1 'series 1' \(short-axis cine: 4 x 10"):
        open_input(write(tmp_path, cine()), series_uid="1.2.3")
