"""Stored values become modality values: depth, sign, rescale, photometric sense, padding."""

import struct
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
    set_pixels(datasets[3], ramp(), bits_stored=8)
    set_pixels(datasets[14], ramp(), bits_stored=8)
    datasets[14].HighBit = 12
    _, audit = open_input(write(tmp_path, datasets))
    assert [row.reason.code for row in audit.left_out] == ["bits_stored_too_few"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("too_many", [0.009, 0.02])
def test_that_a_few_values_beyond_bits_stored_spoil_no_picture(tmp_path: Path, too_many: float) -> None:
    datasets = cine()
    values = ramp(high=1000)
    values.flat[: round(too_many * values.size)] = 4000 + 1024 * np.arange(round(too_many * values.size))
    set_pixels(datasets[3], values, bits_stored=10)
    _, audit = open_input(write(tmp_path, datasets))
    assert bool(audit.left_out) == (too_many > 0.01)


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


def code_stream(rows: int, columns: int, *, boxed: bool = False) -> bytes:
    """Return the head of a JPEG 2000 stream that says how large it is, and nothing more."""
    siz = struct.pack(">HHHLLLLLLLLH", 0xFF51, 41, 0, columns, rows, 0, 0, columns, rows, 0, 0, 1) + b"\x0f\1\1"
    return (b"\0\0\0\x0cjP  \r\n\x87\n" if boxed else b"") + b"\xff\x4f" + siz + b"\xff\xd9"


def lossless_jpeg(rows: int, columns: int) -> bytes:
    return b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc3" + struct.pack(">HBHHB", 11, 12, rows, columns, 1) + bytes(5)


@pytest.mark.parametrize(
    ("syntax", "stream"),
    [
        ("1.2.840.10008.1.2.4.90", code_stream(60_000, 60_000)),
        ("1.2.840.10008.1.2.4.90", code_stream(20, 25, boxed=True)),
        ("1.2.840.10008.1.2.4.70", lossless_jpeg(60_000, 60_000)),
        ("1.2.840.10008.1.2.4.51", lossless_jpeg(21, 24)),
        (
            "1.2.840.10008.1.2.4.80",
            lossless_jpeg(20, 24).replace(b"\xff\xc3", b"\xff\xf7").replace(b"\0\x14", b"\0\x15"),
        ),
    ],
)
def test_that_a_stream_of_another_size_than_the_header_says_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, syntax: str, stream: bytes
) -> None:
    from pydicom.encaps import encapsulate

    def decoded(*_: object, **__: object) -> None:
        raise AssertionError("a decoder makes room for what the stream says")

    monkeypatch.setattr("pydicom.pixels.utils.pixel_array", decoded)
    monkeypatch.setattr("cinecor.study.dicom.frame_pixels.decode_extended_jpeg", decoded)
    datasets = cine()
    datasets[15].file_meta.TransferSyntaxUID = syntax
    datasets[15].PixelData = encapsulate([stream + b"\0" * (len(stream) % 2)])
    datasets[15]["PixelData"].VR, datasets[15]["PixelData"].is_undefined_length = "OB", True
    _, audit = open_input(write(tmp_path, datasets))
    assert [row.reason.code for row in audit.left_out] == ["pixels_of_other_size"]


def test_that_a_picture_too_large_for_its_compressed_file_is_refused(tmp_path: Path) -> None:
    from pydicom.encaps import encapsulate

    datasets = cine()
    datasets[15].Rows = datasets[15].Columns = 30_000
    datasets[15].file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.5"
    datasets[15].PixelData = encapsulate([bytes(100)])
    datasets[15]["PixelData"].VR, datasets[15]["PixelData"].is_undefined_length = "OB", True
    _, audit = open_input(write(tmp_path, datasets))
    assert [row.reason.code for row in audit.left_out] == ["more_pixels_than_file"]


def test_that_a_study_of_undecodable_frames_is_refused_naming_the_syntax(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:
        ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"  # MPEG2
        ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
        from pydicom.encaps import encapsulate

        ds.PixelData = encapsulate([b"\x00\x00\x01\xb3 film"])
    with pytest.raises(InputError, match=r"40 of 40 frames of series 1 .* MPEG2 .* cannot be decoded"):
        open_input(write(tmp_path, datasets))


@pytest.mark.slow
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
