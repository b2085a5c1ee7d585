"""Slices that lost their positions are refused: read as one slice, a volume would be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_builder import RR_MS, STUDY_UID, cine, cine_by_series, frame, image, save, set_pixels, write
from pydicom.dataset import Dataset

from cinecor.errors import InputError
from cinecor.study import open_input


def at_one_position(datasets: list[Dataset]) -> list[Dataset]:
    for ds in datasets:
        ds.ImagePositionPatient = datasets[0].ImagePositionPatient
    return datasets


def phase_of(ds: Dataset) -> int:
    return int(ds.SOPInstanceUID.split(".")[-1])


def slice_of(ds: Dataset) -> int:
    return int(ds.SOPInstanceUID.split(".")[-2])


def multi_frame(slices: int, phases: int) -> Dataset:
    ds = frame(0, 0, phases=phases)
    ds.NumberOfFrames = str(slices * phases)
    set_pixels(ds, np.stack([image(number, phase) for number in range(slices) for phase in range(phases)]))
    return ds


def untimed(datasets: list[Dataset]) -> list[Dataset]:
    for ds in datasets:
        for keyword in ("TriggerTime", "CardiacNumberOfImages"):
            delattr(ds, keyword)
    return datasets


def by_temporal_position(datasets: list[Dataset]) -> list[Dataset]:
    for ds in untimed(datasets):
        ds.TemporalPositionIdentifier = str(phase_of(ds) + 1)
    return datasets


def with_heart_rates(datasets: list[Dataset]) -> list[Dataset]:
    for ds in datasets:
        ds.TriggerTime = f"{(RR_MS + 13.7 * slice_of(ds)) * phase_of(ds) / 10 + slice_of(ds):.2f}"
    return datasets


CINES: dict[str, Callable[[int], list[Dataset]]] = {
    "trigger times": cine,
    "series of their own": cine_by_series,
    "temporal positions": lambda slices: by_temporal_position(cine(slices)),
    "heart rates of their own": lambda slices: with_heart_rates(cine(slices)),
}


@pytest.mark.parametrize("slices", [4, 10])
@pytest.mark.parametrize("how", CINES)
def test_that_slices_that_all_claim_one_position_are_refused(tmp_path: Path, how: str, slices: int) -> None:
    write(tmp_path, at_one_position(CINES[how](slices)))
    with pytest.raises(InputError, match="have one ImagePositionPatient"):
        open_input(tmp_path)


def test_that_untimed_images_too_many_for_one_cycle_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="100 images have one ImagePositionPatient"):
        open_input(write(tmp_path, at_one_position(untimed(cine(10)))))


def test_that_two_positions_for_ten_slices_are_refused(tmp_path: Path) -> None:
    datasets = cine(10)
    for ds in datasets:
        ds.ImagePositionPatient = datasets[10 * (slice_of(ds) % 2)].ImagePositionPatient
    with pytest.raises(InputError, match="5 of each of 10 phases by TriggerTime"):
        open_input(write(tmp_path, datasets))


@pytest.mark.parametrize("slices", [2, 10])
def test_that_a_plain_multi_frame_file_of_several_slices_is_refused(tmp_path: Path, slices: int) -> None:
    with pytest.raises(InputError, match="where CardiacNumberOfImages says 10, have one ImagePositionPatient"):
        open_input(save(tmp_path / "one", multi_frame(slices, 10)))


def test_that_a_plain_multi_frame_file_with_no_word_on_phases_is_refused(tmp_path: Path) -> None:
    ds = multi_frame(10, 10)
    del ds.CardiacNumberOfImages
    with pytest.raises(InputError, match="100 images have one ImagePositionPatient"):
        open_input(save(tmp_path / "one", ds))


@pytest.mark.parametrize("phases", [8, 25, 60, 100])
def test_that_a_cine_of_many_phases_is_read(tmp_path: Path, phases: int) -> None:
    stack, _ = open_input(write(tmp_path, cine(3, phases)))
    assert (stack.slices, stack.phases) == (3, phases)


def test_that_more_phases_than_any_cine_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="140 images have one ImagePositionPatient"):
        open_input(write(tmp_path, cine(1, 140)))


def test_that_one_slice_acquired_many_times_is_read_by_name(tmp_path: Path) -> None:
    write(tmp_path, at_one_position(cine_by_series(6)))
    stack, _ = open_input(tmp_path, series_uid=f"{STUDY_UID}.3")
    assert (stack.slices, stack.phases) == (1, 10)


def test_that_one_slice_acquired_again_in_another_series_is_read(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, at_one_position(cine_by_series(2))))
    assert (stack.slices, stack.phases) == (1, 10)
    assert any("acquired more than once" in warning for warning in map(str, audit.warnings))
