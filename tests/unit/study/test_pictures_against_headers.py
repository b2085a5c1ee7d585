"""What the pictures tell where no header does: phases out of step, slices exchanged, pictures unlike the others."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from dicom_builder import beating_cine, beating_image, cine, frame, set_pixels, write
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian
from scipy.ndimage import zoom

from cinecor.message import Slices
from cinecor.study import ImportAudit, open_input

SLICES, PHASES = 6, 12
ORDER = ("TriggerTime", "InstanceNumber", "AcquisitionTime", "ContentTime")


def found(audit: ImportAudit) -> dict[str, object]:
    """Return the doubts and cautions by code, each with the slices it names."""
    return {one.code: one.values.get("slices") for one in (*audit.doubts, *audit.cautions)}


def exchanged(datasets: list[Dataset], slice_number: int, phases: Sequence[int], keywords: Sequence[str]) -> None:
    """Give every image of a slice the order that another of its phases has."""
    own = datasets[slice_number * PHASES : (slice_number + 1) * PHASES]
    values = [{keyword: getattr(ds, keyword) for keyword in keywords} for ds in own]
    for ds, phase in zip(own, phases, strict=True):
        for keyword, value in values[phase].items():
            setattr(ds, keyword, value)


def test_that_a_study_in_order_is_not_doubted(tmp_path: Path) -> None:
    _, audit = open_input(write(tmp_path, beating_cine(SLICES, PHASES)))
    assert found(audit) == {}


@pytest.mark.parametrize("slice_number", [0, 2, 5])
@pytest.mark.parametrize("steps", [-4, 3])
def test_that_a_slice_whose_phases_begin_elsewhere_is_named(tmp_path: Path, slice_number: int, steps: int) -> None:
    datasets = beating_cine(SLICES, PHASES)
    exchanged(datasets, slice_number, [(phase + steps) % PHASES for phase in range(PHASES)], ORDER)
    _, audit = open_input(write(tmp_path, datasets))
    (doubt,) = audit.doubts
    assert (doubt.code, doubt.values["slices"], doubt.values["steps"]) == (
        "slice_out_of_step",
        Slices((slice_number,)),
        abs(steps),
    )


def test_that_a_slice_whose_phases_are_shuffled_is_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    exchanged(datasets, 2, [(phase * 5 + 3) % PHASES for phase in range(PHASES)], ORDER)
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit) == {"slice_shuffled": Slices((2,))}


def test_that_phases_shuffled_alike_in_all_slices_are_doubted(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for number in range(SLICES):
        exchanged(datasets, number, [(phase * 5 + 3) % PHASES for phase in range(PHASES)], ORDER)
    _, audit = open_input(write(tmp_path, datasets))
    assert list(found(audit)) == ["phases_in_no_order"]


def test_that_two_slices_that_changed_places_are_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    third, fourth = datasets[2 * PHASES].ImagePositionPatient, datasets[3 * PHASES].ImagePositionPatient
    for ds in datasets[2 * PHASES : 3 * PHASES]:
        ds.ImagePositionPatient = fourth
    for ds in datasets[3 * PHASES : 4 * PHASES]:
        ds.ImagePositionPatient = third
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit) == {"slices_exchanged": Slices((2, 3))}


def test_that_an_inverted_slice_is_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[PHASES : 2 * PHASES]:
        ds.PhotometricInterpretation = "MONOCHROME1"
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit) == {"slices_unlike": Slices((1,)), "greys_stored_otherwise": Slices((1,))}


def test_that_a_negative_slope_is_told_even_where_all_have_it(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets:
        ds.RescaleSlope, ds.RescaleIntercept = "-1", "4095"
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit) == {"rescale_inverts": Slices(tuple(range(SLICES)))}


def test_that_pictures_that_are_all_inverted_are_doubted(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets:
        ds.PhotometricInterpretation = "MONOCHROME1"
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit) == {"all_monochrome1": None}


def test_that_a_picture_of_which_a_part_is_blank_is_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    values = datasets[3 * PHASES + 5].pixel_array.copy()
    values[44:] = 0
    set_pixels(datasets[3 * PHASES + 5], values, bits_stored=12)
    _, audit = open_input(write(tmp_path, datasets))
    (caution,) = audit.cautions
    assert str(caution).startswith("The pictures of phase 6 in slice 4")


def test_that_a_slice_of_other_stored_bits_is_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[PHASES : 2 * PHASES]:
        ds.BitsStored, ds.HighBit = 11, 10
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit)["greys_stored_otherwise"] == Slices((1,))


def test_that_one_picture_of_noise_is_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    set_pixels(datasets[2 * PHASES + 4], np.random.default_rng(0).integers(0, 4095, (64, 64), np.uint16))
    _, audit = open_input(write(tmp_path, datasets))
    (caution,) = audit.cautions
    assert caution.code == "frames_unlike"
    assert str(caution).startswith("The pictures of phase 5 in slice 3")


@pytest.mark.parametrize("value", [0, 4000])
def test_that_an_empty_picture_is_no_frame(tmp_path: Path, value: int) -> None:
    datasets = beating_cine(SLICES, PHASES)
    set_pixels(datasets[2 * PHASES + 4], np.full((64, 64), value, np.uint16), bits_stored=12)
    _, audit = open_input(write(tmp_path, datasets))
    assert not audit.complete[2, 4]
    assert [row.reason.code for row in audit.left_out] == ["blank_frame"]


@pytest.mark.parametrize("value", ["1e300", "1.1e15"])
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_that_a_rescale_beyond_all_numbers_gives_no_picture(tmp_path: Path, keyword: str, value: str) -> None:
    datasets = beating_cine(SLICES, PHASES)
    datasets[7].RescaleSlope, datasets[7].RescaleIntercept = "1", "0"
    setattr(datasets[7], keyword, value)
    stack, audit = open_input(write(tmp_path, datasets))
    assert np.isfinite(stack.pixels).all()
    assert [row.reason.code for row in audit.left_out] == ["rescale_overflows"]


def test_that_more_pixels_than_the_header_says_are_doubted(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[:PHASES]:
        ds.Columns = 63
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit)["pixels_left_over"] == Slices((0,))


def test_that_bytes_inserted_into_pixel_data_are_doubted_and_zeros_behind_a_file_are_not(tmp_path: Path) -> None:
    folder = write(tmp_path / "study", beating_cine(SLICES, PHASES))
    first, second, *_ = sorted(folder.iterdir())
    content = first.read_bytes()
    first.write_bytes(content[:-4000] + b"\x07\x09" + content[-4000:])
    second.write_bytes(second.read_bytes() + bytes(512))
    _, audit = open_input(folder)
    assert len(found(audit)["pixels_left_over"].indices) == 1


@pytest.mark.parametrize(("zeros", "doubted"), [(1, False), (14, True), (511, True), (512, False), (None, False)])
def test_that_zeros_behind_the_pixels_are_doubted_unless_they_fill_a_block(
    tmp_path: Path, zeros: int | None, doubted: bool
) -> None:
    folder = write(tmp_path / "study", beating_cine(SLICES, PHASES))
    one = min(folder.iterdir())
    content = one.read_bytes()
    one.write_bytes(content + bytes(-len(content) % 512 if zeros is None else zeros))
    assert zeros is None or (len(content) + zeros) % 512 or zeros == 512  # it fills no block by chance
    _, audit = open_input(folder)
    assert ("pixels_left_over" in found(audit)) == doubted


@pytest.mark.parametrize("stray", [b"", bytes(14), b"\7\t" * 7])
def test_that_bytes_beyond_the_pixels_of_a_deflated_file_are_doubted(tmp_path: Path, stray: bytes) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[:PHASES]:
        ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    folder = write(tmp_path, datasets)
    for path in folder.iterdir():
        data = path.read_bytes()
        start = 144 + struct.unpack("<L", data[140:144])[0]
        if DeflatedExplicitVRLittleEndian.encode() in data[:start]:
            deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
            unpacked = zlib.decompress(data[start:], -zlib.MAX_WBITS)
            path.write_bytes(data[:start] + deflater.compress(unpacked + stray) + deflater.flush())
    _, audit = open_input(folder)
    assert found(audit).get("pixels_left_over") == (Slices((0,)) if stray else None)


def test_that_padding_in_one_slice_only_is_doubted(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[PHASES : 2 * PHASES]:
        ds.add_new(0x00280120, "US", 0)
        ds.add_new(0x00280121, "US", 300)
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit)["greys_stored_otherwise"] == Slices((1,))


@pytest.mark.parametrize("evens_out", [False, True])
def test_that_a_rescale_that_parts_a_slice_from_the_others_is_named(tmp_path: Path, evens_out: bool) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[2 * PHASES : 3 * PHASES]:
        ds.RescaleSlope, ds.RescaleIntercept = "2", "0"
        if evens_out:
            set_pixels(ds, ds.pixel_array // 2, bits_stored=12)
    _, audit = open_input(write(tmp_path, datasets))
    named = [warning.values["slices"] for warning in audit.warnings if warning.code == "rescale_differs"]
    assert named == ([] if evens_out else [Slices((2,))])
    assert found(audit) == {}


def test_that_one_picture_of_another_rescale_is_held_against_its_own_slice(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    for ds in datasets[5 * PHASES :]:
        set_pixels(ds, ds.pixel_array // 2, bits_stored=12)  # a slice that is darker by itself
    datasets[5 * PHASES].RescaleSlope, datasets[5 * PHASES].RescaleIntercept = "2", "0"
    _, audit = open_input(write(tmp_path, datasets))
    named = [warning.values["slices"] for warning in audit.warnings if warning.code == "rescale_differs"]
    assert named == [Slices((5,))]


def passed_by_contrast(datasets: list[Dataset]) -> list[Dataset]:
    """Make perfusion of a cine: the heart stands still, and grows brighter and darker again."""
    for number, ds in enumerate(datasets):
        slice_number, phase = divmod(number, PHASES)
        still = beating_image(slice_number, 0, phases=PHASES, seed=phase).astype(float)
        brightness = 0.4 + 0.8 * np.exp(-(((phase - 6) / 2.5) ** 2))
        set_pixels(ds, np.clip(still * brightness, 0, 4095).astype(np.uint16), bits_stored=12)
    return datasets


def test_that_perfusion_does_not_win_over_a_cine_when_nothing_but_the_pictures_tells(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    later = passed_by_contrast(beating_cine(SLICES, PHASES, series=8))
    for ds in (*datasets, *later):
        for keyword in ("TriggerTime", "AcquisitionTime", "ContentTime", "SeriesTime"):
            delattr(ds, keyword)
    for ds in later:
        ds.FlipAngle = "12"
    stack, audit = open_input(write(tmp_path, [*datasets, *later]))
    assert stack.series_uids == (datasets[0].SeriesInstanceUID,)
    assert "contrast_passes" not in found(audit)
    _, audit = open_input(tmp_path, series_uid=later[0].SeriesInstanceUID)
    assert found(audit)["contrast_passes"] == Slices(tuple(range(SLICES)))


def test_that_one_slice_of_perfusion_in_a_cine_is_named(tmp_path: Path) -> None:
    datasets = beating_cine(SLICES, PHASES)
    datasets[2 * PHASES : 3 * PHASES] = passed_by_contrast(beating_cine(3, PHASES))[2 * PHASES :]
    _, audit = open_input(write(tmp_path, datasets))
    assert found(audit)["contrast_passes"] == Slices((2,))


def test_that_a_mosaic_that_no_header_tells_of_is_doubted(tmp_path: Path) -> None:
    datasets = cine(slices=1, phases=PHASES)
    for phase, ds in enumerate(datasets):
        slices = [beating_image(number, phase, phases=PHASES) for number in range(SLICES)]
        empty = np.zeros_like(slices[0])
        rows = [np.hstack(slices[:3]), np.hstack(slices[3:]), np.hstack([empty] * 3)]
        set_pixels(ds, np.vstack(rows), bits_stored=12)
    _, audit = open_input(write(tmp_path / "mosaic", datasets))
    assert "looks_like_a_mosaic" in found(audit)
    _, audit = open_input(write(tmp_path / "slice", beating_cine(1, PHASES)))
    assert "looks_like_a_mosaic" not in found(audit)


def fine(datasets: list[Dataset]) -> list[Dataset]:
    """Give the pictures as many pixels as a scanner's have."""
    for ds in datasets:
        set_pixels(ds, zoom(ds.pixel_array, 3, order=1), bits_stored=12)
    return datasets


def gridded(datasets: list[Dataset], *, lines_mm: float = 7.0) -> list[Dataset]:
    """Lay tagging lines over the pictures; no header tells of them."""
    rows, columns = np.mgrid[:192, :192] * 1.5
    lines = (0.6 + 0.4 * np.cos(2 * np.pi * (rows + columns) / np.sqrt(2) / lines_mm)) * (
        0.6 + 0.4 * np.cos(2 * np.pi * (rows - columns) / np.sqrt(2) / lines_mm)
    )
    for ds in datasets:
        set_pixels(ds, (ds.pixel_array * lines).astype(np.uint16), bits_stored=12)
    return datasets


@pytest.mark.parametrize("lines_mm", [5.0, 7.0, 9.0])
def test_that_a_later_stack_under_a_grid_does_not_win(tmp_path: Path, lines_mm: float) -> None:
    datasets = fine(beating_cine(4, 8))
    later = gridded(fine(beating_cine(4, 8, series=8)), lines_mm=lines_mm)
    stack, audit = open_input(write(tmp_path, [*datasets, *later]))
    assert stack.series_uids == (datasets[0].SeriesInstanceUID,)
    assert "other_stack" in found(audit)
    _, audit = open_input(tmp_path, series_uid=later[0].SeriesInstanceUID)
    assert "grid_over_pictures" in found(audit)


def two_beats(**dropped: bool) -> list[Dataset]:
    """Return a cine of two beats: 24 phases over 1.8 s, the second half like the first."""
    datasets = []
    for number in range(4):
        for phase in range(2 * PHASES):
            ds = frame(number, phase, phases=2 * PHASES)
            ds.TriggerTime = f"{75.0 * phase:.1f}"
            set_pixels(ds, beating_image(number, phase % PHASES, phases=PHASES, seed=phase // PHASES), bits_stored=12)
            if dropped:
                del ds.NominalInterval
            datasets.append(ds)
    return datasets


def test_that_two_beats_in_the_pictures_do_not_halve_the_heart_rate(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, two_beats(rate=True)))
    assert stack.heart_rate_bpm == pytest.approx(60_000.0 / 900.0, rel=0.01)
    assert found(audit) == {"several_beats": None}


def test_that_one_beat_is_one(tmp_path: Path) -> None:
    datasets = beating_cine(4, 24)
    for ds in datasets:
        del ds.NominalInterval
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.heart_rate_bpm == pytest.approx(60_000.0 / 900.0, rel=0.01)
    assert found(audit) == {}


@pytest.mark.parametrize(("interval", "told"), [("900", False), ("760", False), ("700", True), ("1600", True)])
def test_that_a_rate_that_the_phase_times_contradict_is_told(tmp_path: Path, interval: str, told: bool) -> None:
    datasets = cine()
    for ds in datasets:
        ds.NominalInterval = interval
    _, audit = open_input(write(tmp_path, datasets))
    assert ("rate_and_times_disagree" in found(audit)) == told


def test_that_a_phase_missing_in_every_slice_is_told(tmp_path: Path) -> None:
    datasets = [ds for number, ds in enumerate(cine()) if number % 10 != 4]
    for ds in datasets:
        ds.CardiacNumberOfImages = None
        ds.InstanceNumber = str(int(ds.InstanceNumber))
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.phases == 9
    assert "phase_missing_everywhere" in found(audit)


def test_that_fewer_phases_than_the_scanner_states_are_told(tmp_path: Path) -> None:
    datasets = [ds for number, ds in enumerate(cine(phases=20)) if number % 20 < 10]
    _, audit = open_input(write(tmp_path, datasets))
    assert "fewer_phases_than_stated" in found(audit)


@pytest.mark.parametrize("end", ["first", "last"])
def test_that_a_slice_missing_at_an_end_is_told_where_numbers_or_counts_tell(tmp_path: Path, end: str) -> None:
    datasets = cine(slices=5)
    for ds in datasets:
        ds.ImagesInAcquisition = "50"
    _, audit = open_input(write(tmp_path, datasets[10:] if end == "first" else datasets[:-10]))
    for told in (audit.warnings, audit.cautions):  # a caution is a finding: in the list, on the sheet, in the report
        assert [one.values["n"] for one in told if one.code == "images_not_there"] == [10]
