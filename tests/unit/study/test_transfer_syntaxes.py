"""Every transfer syntax that MR archives hold gives the same pixels, or close ones where it is lossy."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_builder import frame, save, set_pixels
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from cinecor.study import open_input

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "htj2k"
LOSSLESS = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
]
LOSSY = [uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless, uid.JPEG2000]


def picture(dtype: str, *, bits: int) -> np.ndarray:
    """Return an image that uses most of its bits, smooth enough for a lossy codec."""
    y, x = np.mgrid[:48, :64]
    wave = (0.5 + 0.27 * np.sin(x / 7.0) + 0.2 * np.cos(y / 5.0)) * (2**bits - 1)
    return (wave - (2 ** (bits - 1) if dtype.startswith("i") else 0)).round().astype(dtype)


def read(path: Path) -> np.ndarray:
    stack, _ = open_input(path)
    return np.asarray(stack.pixels[0, 0])


def written(path: Path, ds: Dataset, syntax: str) -> Path:
    """Write `ds` in a transfer syntax, with GDCM where pixels have to be encoded."""
    if syntax in LOSSLESS[:4]:
        ds.file_meta.TransferSyntaxUID = syntax
        if syntax == uid.ExplicitVRBigEndian:  # words (OW) are swapped, also where a word holds two 8-bit pixels
            ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
            ds["PixelData"].VR = "OW"
        return save(path, ds)
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(save(path, ds)))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return path


@pytest.mark.parametrize(("dtype", "bits"), [("u1", 8), ("u2", 12), ("u2", 16), ("i2", 12), ("i2", 16)])
@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.keyword)
def test_that_lossless_syntaxes_are_bit_identical(tmp_path: Path, syntax: uid.UID, dtype: str, bits: int) -> None:
    ds, values = frame(0, 0), picture(dtype, bits=bits)
    set_pixels(ds, values, bits_stored=bits)
    assert (read(written(tmp_path / "image", ds, syntax)) == values).all()


@pytest.mark.parametrize("syntax", LOSSY, ids=lambda syntax: syntax.keyword)
@pytest.mark.parametrize(("dtype", "bits"), [("u1", 8), ("u2", 12)])
def test_that_lossy_syntaxes_are_close(tmp_path: Path, syntax: uid.UID, dtype: str, bits: int) -> None:
    if syntax == uid.JPEGBaseline8Bit and bits > 8:
        pytest.skip("baseline JPEG holds 8 bits")
    ds, values = frame(0, 0), picture(dtype, bits=bits)
    set_pixels(ds, values, bits_stored=bits)
    away = np.abs(read(written(tmp_path / "image", ds, syntax)) - values)
    assert away.max() <= 0.01 * 2**bits


@pytest.mark.parametrize("syntax", [uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K], ids=lambda one: one.keyword)
@pytest.mark.parametrize(
    ("stream", "convert", "away"),
    [
        ("u16_lossless", lambda grey: grey.astype("u2"), 0),
        ("s16_lossless", lambda grey: (grey - 1600).astype("i2"), 0),
        ("u8_lossless", lambda grey: (grey // 16).astype("u1"), 0),
        ("u16_lossy", lambda grey: grey.astype("u2"), 26),
    ],
)
def test_that_streams_of_the_reference_encoder_for_htj2k_are_read(
    tmp_path: Path, syntax: uid.UID, stream: str, convert: Callable[[np.ndarray], np.ndarray], away: int
) -> None:
    """The streams come from OpenJPH 0.26.3; `away` is the error its own decoder makes of the lossy one."""
    y, x = np.mgrid[:48, :64]
    values = convert((1500 + 900 * np.sin(x / 7.0) + 500 * np.cos(y / 5.0)).round().astype(int))
    ds = frame(0, 0)
    set_pixels(ds, values)
    ds.PixelData = encapsulate([(GOLDEN / f"{stream}.jhc").read_bytes()])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    ds.file_meta.TransferSyntaxUID = syntax
    assert np.abs(read(save(tmp_path / "image", ds)) - values).max() <= away


def test_that_no_warning_of_a_reader_reaches_the_screen(tmp_path: Path) -> None:
    ds = frame(0, 0)
    path = written(tmp_path / "image", ds, uid.JPEG2000Lossless)
    path.write_bytes(path.read_bytes().replace(b"20240105", b"20120000").replace(b"10043.10.1.1", b"10043.010.01"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read(path)
    assert caught == []
