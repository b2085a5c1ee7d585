"""Which tag orders the phases, when it does not, and what the audit says."""

from pathlib import Path

import pytest
from dicom_builder import RR_MS, cine, codes, expected, write
from pydicom.dataset import Dataset

from cinecor.errors import InputError, UsageError
from cinecor.message import Phases
from cinecor.study import open_input

PHASES = 10


def phase_of(ds: Dataset) -> int:
    return int(ds.SOPInstanceUID.split(".")[-1])


def slice_of(ds: Dataset) -> int:
    return int(ds.SOPInstanceUID.split(".")[-2])


def shuffled(phase: int) -> int:
    return (phase * 7 + 3) % PHASES


@pytest.fixture
def datasets() -> list[Dataset]:
    """A cine of which InstanceNumber says nothing true about phases."""
    found = cine()
    for ds in found:
        ds.InstanceNumber = str(slice_of(ds) * PHASES + shuffled(phase_of(ds)) + 1)
    return found


def without_trigger_time(datasets: list[Dataset]) -> list[Dataset]:
    for ds in datasets:
        del ds.TriggerTime
    return datasets


def test_that_trigger_time_comes_first_and_a_contradiction_is_told(tmp_path: Path, datasets: list[Dataset]) -> None:
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "TriggerTime"
    assert any(
        "InstanceNumber would give another order in 4 of 4 slices" in warning for warning in map(str, audit.warnings)
    )


@pytest.mark.parametrize("slices", [1, 2, 3, 4])
def test_that_trigger_times_that_run_on_over_the_slices_are_those_of_one_cycle(tmp_path: Path, slices: int) -> None:
    """Every slice takes five heartbeats, and the clock is not set back: the first phase of slice 1 is at 4500 ms."""
    datasets = cine(slices=slices + 1)[10:]
    for ds in datasets:
        number = (int(ds.InstanceNumber) - 1) // 10
        ds.TriggerTime = f"{4500.0 * number + float(ds.TriggerTime):.1f}"
    if slices > 2:
        del datasets[3]
    stack, audit = open_input(write(tmp_path, datasets))
    assert audit.phase_order_tag == "TriggerTime"
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(10)], abs=0.1)
    assert any("TriggerTime runs on over several cycles" in warning for warning in map(str, audit.warnings))


def test_that_slices_that_start_late_in_their_own_cycle_keep_their_times(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:
        ds.TriggerTime = f"{150.0 + float(ds.TriggerTime):.1f}"
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.phase_times_ms == pytest.approx([150.0 + 90.0 * phase for phase in range(10)])
    assert not any("runs on" in warning for warning in map(str, audit.warnings))


@pytest.mark.parametrize(("start", "runs_on"), [(0.3, False), (0.85, False), (0.95, True), (2.0, True)])
def test_that_times_count_from_the_first_phase_only_where_it_comes_a_whole_cycle_late(
    tmp_path: Path, start: float, runs_on: bool
) -> None:
    datasets = cine()
    for ds in datasets:
        ds.TriggerTime = f"{start * RR_MS + float(ds.TriggerTime):.1f}"
    stack, audit = open_input(write(tmp_path, datasets))
    first_ms = 0.0 if runs_on else start * RR_MS
    assert stack.phase_times_ms == pytest.approx([first_ms + 90.0 * phase for phase in range(10)], abs=0.1)
    assert any(warning.code == "times_run_on" for warning in audit.warnings) == runs_on


def test_that_one_slice_that_runs_on_does_not_move_the_times_of_the_others(tmp_path: Path) -> None:
    datasets = cine(slices=2)
    for ds in datasets[10:]:
        ds.TriggerTime = f"{RR_MS + float(ds.TriggerTime):.1f}"
    stack, _ = open_input(write(tmp_path, datasets))
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(10)], abs=0.1)


def test_that_nominal_delay_comes_second(tmp_path: Path, datasets: list[Dataset]) -> None:
    for ds in without_trigger_time(datasets):
        ds.NominalCardiacTriggerDelayTime = 90.0 * phase_of(ds)
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "NominalCardiacTriggerDelayTime"
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(PHASES)])


@pytest.mark.parametrize("keyword", ["TemporalPositionIndex", "TemporalPositionIdentifier"])
def test_that_temporal_position_comes_third(tmp_path: Path, datasets: list[Dataset], keyword: str) -> None:
    for ds in without_trigger_time(datasets):
        setattr(ds, keyword, phase_of(ds) + 1)
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == keyword
    assert stack.phase_times_ms is None
    assert stack.heart_rate_bpm == pytest.approx(60_000 / RR_MS)


def test_that_acquisition_time_comes_fourth(tmp_path: Path, datasets: list[Dataset]) -> None:
    for ds in without_trigger_time(datasets):
        ds.AcquisitionTime = f"10{slice_of(ds):02d}00.{phase_of(ds) * 45:03d}"
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "AcquisitionTime"


def test_that_uneven_acquisition_times_against_instance_numbers_are_passed_over(tmp_path: Path) -> None:
    found = without_trigger_time(cine())
    for ds in found:
        ds.AcquisitionTime = f"10{slice_of(ds):02d}00.{[5, 700, 1, 3, 650, 2, 900, 4, 12, 899][phase_of(ds)]:03d}"
    stack, audit = open_input(write(tmp_path, found))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "InstanceNumber"


def test_that_the_time_of_writing_orders_only_where_numbers_do_not(tmp_path: Path, datasets: list[Dataset]) -> None:
    for ds in without_trigger_time(datasets):
        ds.ContentTime = f"10{slice_of(ds):02d}00.{phase_of(ds) * 45:03d}"
    _, audit = open_input(write(tmp_path / "numbered", datasets))
    assert audit.phase_order_tag == "InstanceNumber"
    for ds in datasets:
        ds.InstanceNumber = "1"
    stack, audit = open_input(write(tmp_path / "unnumbered", datasets))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "ContentTime"


def test_that_times_come_from_the_nominal_delay_where_trigger_times_are_bogus(tmp_path: Path) -> None:
    found = cine()
    for ds in found:
        ds.TriggerTime, ds.NominalCardiacTriggerDelayTime = "0", 90.0 * phase_of(ds)
    stack, _ = open_input(write(tmp_path, found))
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(PHASES)])


def test_that_instance_number_comes_fifth(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, without_trigger_time(cine())))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "InstanceNumber"


def test_that_instance_numbers_that_count_slices_first_order_phases_too(tmp_path: Path) -> None:
    found = without_trigger_time(cine())
    for ds in found:
        ds.InstanceNumber = str(phase_of(ds) * 4 + slice_of(ds) + 1)
    stack, _ = open_input(write(tmp_path, found))
    assert codes(stack) == expected(4, PHASES)


BOGUS = {
    "all zero": lambda _: 0.0,
    "all one value": lambda _: 657.0,
    "pairs": lambda phase: 90.0 * (phase // 2),
    "uneven and in no order": lambda phase: [5, 700, 1, 3, 650, 2, 900, 4, 12, 899][phase],
}


@pytest.mark.parametrize("bogus", BOGUS)
def test_that_bogus_trigger_times_are_passed_over_and_told(tmp_path: Path, bogus: str) -> None:
    found = cine()
    for ds in found:
        ds.TriggerTime = f"{BOGUS[bogus](phase_of(ds)):g}"
    stack, audit = open_input(write(tmp_path, found))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "InstanceNumber"
    assert stack.phase_times_ms is None
    assert any(
        warning.startswith("Phases are ordered by InstanceNumber: TriggerTime") for warning in map(str, audit.warnings)
    )


def test_that_a_trigger_time_missing_in_one_frame_gives_way_to_the_next_tag(tmp_path: Path) -> None:
    found = cine()
    del found[7].TriggerTime
    stack, audit = open_input(write(tmp_path, found))
    assert codes(stack) == expected(4, PHASES)
    assert audit.phase_order_tag == "InstanceNumber"
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(PHASES)])
    assert any("TriggerTime is missing in 1 of 40 frames" in warning for warning in map(str, audit.warnings))


def test_that_the_user_overrides_the_tag(tmp_path: Path, datasets: list[Dataset]) -> None:
    stack, audit = open_input(write(tmp_path, datasets), phase_order="InstanceNumber")
    assert audit.phase_order_tag == "InstanceNumber"
    assert codes(stack) != expected(4, PHASES)


def test_that_an_unknown_or_absent_tag_is_refused(tmp_path: Path) -> None:
    write(tmp_path, cine())
    with pytest.raises(UsageError, match="phase order 'Time' is unknown; choose one of TriggerTime"):
        open_input(tmp_path, phase_order="Time")
    with pytest.raises(InputError, match="TemporalPositionIndex cannot order the phases"):
        open_input(tmp_path, phase_order="TemporalPositionIndex")


def test_that_heart_rate_comes_from_its_tag_before_the_interval(tmp_path: Path) -> None:
    found = cine()
    for ds in found:
        ds.HeartRate = "72"
    stack, _ = open_input(write(tmp_path, found))
    assert stack.heart_rate_bpm == 72


def test_that_an_impossible_heart_rate_is_passed_over(tmp_path: Path) -> None:
    found = cine()
    for ds in found:
        ds.HeartRate = "0"
    stack, _ = open_input(write(tmp_path, found))
    assert stack.heart_rate_bpm == pytest.approx(60_000 / RR_MS)


def test_that_heart_rate_from_phase_times_is_told_to_be_so(tmp_path: Path) -> None:
    found = cine()
    for ds in found:
        del ds.NominalInterval
    stack, audit = open_input(write(tmp_path, found))
    assert stack.heart_rate_bpm == pytest.approx(60_000 / RR_MS)
    assert any("is taken from the phase times" in warning for warning in map(str, audit.warnings))


def test_that_intervals_that_differ_from_slice_to_slice_give_the_median_and_a_warning(tmp_path: Path) -> None:
    found = cine()
    for ds in found:
        interval = [800, 900, 900, 1100][slice_of(ds)]
        ds.NominalInterval = str(interval)
        ds.TriggerTime = f"{interval * phase_of(ds) / PHASES:.1f}"
    stack, audit = open_input(write(tmp_path, found))
    assert stack.heart_rate_bpm == pytest.approx(60_000 / 900)
    assert any("Heart rate differs between slices (55 to 75/min" in warning for warning in map(str, audit.warnings))


def test_that_one_wrong_trigger_time_does_not_put_its_frame_elsewhere(tmp_path: Path) -> None:
    found = cine()
    found[12].TriggerTime = "830"
    stack, audit = open_input(write(tmp_path, found))
    assert codes(stack) == expected(4, PHASES)
    assert any(
        "TriggerTime is uneven and contradicts InstanceNumber in 1 of 4" in one for one in map(str, audit.warnings)
    )
    assert stack.phase_times_ms == pytest.approx([90.0 * phase for phase in range(PHASES)])


def test_that_a_frame_that_no_tag_can_place_is_left_out_as_missing(tmp_path: Path) -> None:
    found = cine()
    del found[14].TriggerTime
    del found[14].InstanceNumber
    stack, audit = open_input(write(tmp_path, found))
    assert audit.phase_order_tag == "TriggerTime"
    assert stack.phases == PHASES
    assert [place.tolist() for place in (~audit.complete).nonzero()] == [[1], [4]]
    assert "its phase is unknown: TriggerTime is missing" in str(audit.left_out[0].reason)


@pytest.mark.parametrize(("off_ms", "told"), [(15.0, False), (-15.0, False), (25.0, True), (-40.0, True)])
def test_that_a_phase_whose_time_stands_aside_in_every_slice_is_named(
    tmp_path: Path, off_ms: float, told: bool
) -> None:
    datasets = cine()
    for ds in datasets[4::10]:
        ds.TriggerTime = f"{float(ds.TriggerTime) + off_ms:.2f}"
    _, audit = open_input(write(tmp_path, datasets))
    odd = [warning.values["phases"] for warning in audit.warnings if warning.code == "odd_phase_time"]
    assert odd == ([Phases((4,))] if told else [])
