"""Stored values become modality values: depth, sign, rescale, photometric sense, padding."""

from pathlib import Path

import numpy as np
import pytest
from dicom_builder import cine, code, codes, frame, save, set_pixels, write
from pydicom.dataset import Dataset

from cinecor.errors import InputError
from cinecor.study import open_input


def read(folder: Path, ds: Dataset) -> np.ndarray:
    stack, _ = open_input(save(folder / "image", ds))
    return np.asarray(stack.pixels[0, 0])


def ramp(dtype: str = "u2", *, low: int = 0, high: int = 4000) -> np.ndarray:
    return np.linspace(low, high, 20 * 24).reshape(20, 24).round().astype(dtype)


def test_that_rescale_slope_and_intercept_are_applied(tmp_path: Path) -> None:
    ds = frame(0, 0)
    set_pixels(ds, ramp())
    ds.RescaleSlope, ds.RescaleIntercept = "2.5", "-100"
    assert read(tmp_path, ds) == pytest.approx(ramp() * 2.5 - 100)


def test_that_a_rescale_slope_of_zero_is_taken_for_none(tmp_path: Path) -> None:
    ds = frame(0, 0)
    set_pixels(ds, ramp())
    ds.RescaleSlope, ds.RescaleIntercept = "0", "0"
    assert (read(tmp_path, ds) == ramp()).all()


@pytest.mark.parametrize(("dtype", "bits", "low"), [("u2", 12, 0), ("u1", 8, 0), ("i2", 12, -2000)])
def test_that_monochrome1_comes_in_the_sense_of_monochrome2(tmp_path: Path, dtype: str, bits: int, low: int) -> None:
    values = ramp(dtype, low=low, high=low + 2**bits - 100)
    ds = frame(0, 0)
    set_pixels(ds, ((-1 if low < 0 else 2**bits - 1) - values.astype(int)).astype(dtype), bits_stored=bits)
    ds.PhotometricInterpretation = "MONOCHROME1"
    assert (read(tmp_path, ds) == values).all()


def test_that_bits_beside_the_stored_ones_do_not_count(tmp_path: Path) -> None:
    ds = frame(0, 0)
    set_pixels(ds, ramp() | 0xA000, bits_stored=12)
    assert (read(tmp_path, ds) == ramp()).all()


def test_that_grey_values_that_bits_stored_cuts_off_give_no_picture(tmp_path: Path) -> None:
    datasets = cine()
    values = ramp()
    set_pixels(datasets[3], values, bits_stored=8)
    _, audit = open_input(write(tmp_path, datasets))
    assert [row.reason.code for row in audit.left_out] == ["bits_stored_too_few"]


def test_that_values_kept_in_the_upper_bits_are_shifted_down(tmp_path: Path) -> None:
    ds = frame(0, 0)
    set_pixels(ds, ramp() << 4, bits_stored=12)
    ds.HighBit = 15
    assert (read(tmp_path, ds) == ramp()).all()


@pytest.mark.parametrize("padding", [-2000, 63536], ids=["signed", "the same written unsigned"])
def test_that_padding_becomes_the_darkest_real_value(tmp_path: Path, padding: int) -> None:
    values = ramp("i2", low=50, high=900)
    values[:4] = -2000
    ds = frame(0, 0)
    set_pixels(ds, values)
    ds.add_new(0x00280120, "SS" if padding < 0 else "US", padding)
    assert read(tmp_path, ds).min() == values[4:].min()


def test_that_a_range_of_padding_is_replaced_whole(tmp_path: Path) -> None:
    values = ramp(low=100)
    values[0], values[1] = 4090, 4095
    ds = frame(0, 0)
    set_pixels(ds, values)
    ds.add_new(0x00280120, "US", 4090)
    ds.add_new(0x00280121, "US", 4095)
    assert read(tmp_path, ds).max() == 4000


def test_that_colour_images_are_left_out_with_the_reason(tmp_path: Path) -> None:
    shot = frame(0, 0, series=9)
    shot.SamplesPerPixel, shot.PhotometricInterpretation, shot.PlanarConfiguration = 3, "RGB", 0
    set_pixels(shot, np.zeros((20, 24 * 3), np.uint8))
    shot.SamplesPerPixel, shot.PhotometricInterpretation, shot.Columns = 3, "RGB", 24
    stack, audit = open_input(write(tmp_path, [*cine(), shot]))
    assert stack.slices == 4
    assert [str(row.reason) for row in audit.left_out] == [
        "series 9 'series 9': derived images: colour image (RGB): no signal intensities"
    ]


def test_that_an_undecodable_frame_is_replaced_by_its_neighbour_and_told(tmp_path: Path) -> None:
    datasets = cine()
    broken = datasets[15]  # slice 1, phase 5
    from pydicom.encaps import encapsulate

    broken.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    broken.PixelData = encapsulate([b"\xff\x4f\xff\x51 this is no code stream"])
    broken["PixelData"].VR, broken["PixelData"].is_undefined_length = "OB", True
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack)[1][5] in (code(1, 4), code(1, 6))
    assert not audit.complete[1, 5]
    assert audit.complete.sum() == 39
    assert stack.files is not None
    assert stack.files[1][5] is None
    assert [str(row.reason) for row in audit.left_out] == [
        "JPEG 2000 Image Compression (Lossless Only) pixel data cannot be decoded (RuntimeError): "
        "send it again uncompressed (Explicit VR Little Endian)"
    ]
    assert any("Missing from slice 2: phase 6 of 10" in warning for warning in map(str, audit.warnings))


def test_that_a_study_of_undecodable_frames_is_refused_naming_the_syntax(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:
        ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"  # MPEG2
        ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
        from pydicom.encaps import encapsulate

        ds.PixelData = encapsulate([b"\x00\x00\x01\xb3 film"])
    with pytest.raises(InputError, match=r"40 of 40 frames of series 1 .* MPEG2 .* cannot be decoded"):
        open_input(write(tmp_path, datasets))


def test_that_undecodable_slices_are_left_out_whole_and_the_rest_is_read(tmp_path: Path) -> None:
    from pydicom.encaps import encapsulate

    datasets = cine(slices=16)
    for ds in datasets:
        if int(ds.InstanceNumber) - 1 in range(20, 50):  # slices 2 to 4
            ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
            ds.PixelData = encapsulate([b"\xff\x4f\xff\x51 this is no code stream"])
            ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.slices == 13
    assert len(stack.geometry.positions_mm) == len(stack.geometry.slice_extent_mm) == 13
    assert stack.geometry.slice_extent_mm.sum() == pytest.approx(160.0, abs=0.01)
    assert audit.files_given == audit.files_used + len(audit.left_out) == 160
    assert codes(stack)[2][0] == code(5, 0)
