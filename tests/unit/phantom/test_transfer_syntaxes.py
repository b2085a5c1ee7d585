"""Each transfer syntax: the file is really of it, and gives the pixels back."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames

from cinecor.errors import UsageError
from cinecor_phantom import SMALL, STYLES, TRANSFER_SYNTAXES, Phantom, make_phantom, write_dicom

LOSSLESS = [name for name, syntax in TRANSFER_SYNTAXES.items() if syntax.lossless]
LOSSY = [name for name, syntax in TRANSFER_SYNTAXES.items() if not syntax.lossless]

# How the codestream of a frame shows which syntax it is: marker segments that it must hold (JPEG: start of frame).
MARKERS = {
    "jpeg-baseline": b"\xff\xc0",
    "jpeg-extended": b"\xff\xc1",
    "jpeg-lossless": b"\xff\xc3",
    "jpeg-lossless-sv1": b"\xff\xc3",
    "jpeg-ls": b"\xff\xf7",
    "jpeg-ls-near": b"\xff\xf7",
    "jpeg2000-lossless": b"\xff\x4f\xff\x51",
    "jpeg2000": b"\xff\x4f\xff\x51",
    "htj2k-lossless": b"\xff\x50",  # the capabilities that only part 15 has
    "htj2k-lossless-rpcl": b"\xff\x55",  # tile-part lengths, which this syntax demands
    "htj2k": b"\xff\x50",
}


@pytest.fixture(scope="module")
def tiny() -> Phantom:
    return make_phantom(acquisition=replace(SMALL, slices=10, phases=2), seed=4)


@pytest.fixture(scope="module")
def written(tiny: Phantom, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The files of each style as they are without a codec."""
    folder = tmp_path_factory.mktemp("plain")
    return {style: write_dicom(tiny, folder / style, style=style) for style in STYLES}


def pixels_of(ds: Dataset) -> np.ndarray:
    if ds.file_meta.TransferSyntaxUID.name.startswith("JPEG Extended"):  # pydicom has no decoder for 12 bits
        import imagecodecs

        frames = generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1)))
        return np.squeeze(np.stack([imagecodecs.jpeg8_decode(frame) for frame in frames]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ds.pixel_array


def needed(name: str) -> None:
    if name.startswith("htj2k") or name == "jpeg-extended":
        pytest.importorskip("imagecodecs")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", LOSSLESS)
def test_that_a_lossless_syntax_changes_no_pixel(
    tiny: Phantom, written: dict[str, list[Path]], tmp_path: Path, style: str, name: str
) -> None:
    needed(name)
    coded = write_dicom(tiny, tmp_path / "coded", style=style, transfer_syntax=name)
    for one, other in list(zip(written[style], coded, strict=True))[:3]:
        before, after = dcmread(one), dcmread(other)
        assert after.file_meta.TransferSyntaxUID == TRANSFER_SYNTAXES[name].uid
        assert after.SOPInstanceUID == before.SOPInstanceUID
        assert np.array_equal(pixels_of(before), pixels_of(after))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", LOSSY)
def test_that_a_lossy_syntax_stays_near_and_says_so(
    tiny: Phantom, written: dict[str, list[Path]], tmp_path: Path, style: str, name: str
) -> None:
    needed(name)
    plain = written[style]
    coded = write_dicom(tiny, tmp_path / "coded", style=style, transfer_syntax=name)
    before, after = dcmread(plain[1 % len(plain)]), dcmread(coded[1 % len(coded)])
    expected = pixels_of(before).astype(float)
    if after.BitsStored == 8:
        scale = np.percentile(tiny.pixels, 99.9) / float(before.get("RescaleSlope", 1.0))
        expected = np.minimum(expected * 255.0 / scale, 255.0)
    difference = pixels_of(after) - expected
    assert np.sqrt(np.mean(difference**2)) < 0.012 * expected.max()
    assert after.LossyImageCompression == "01"
    assert after.LossyImageCompressionMethod == TRANSFER_SYNTAXES[name].lossy_method
    assert float(after.LossyImageCompressionRatio) > 1.0
    assert after.SOPInstanceUID != before.SOPInstanceUID


@pytest.mark.parametrize("name", MARKERS)
def test_that_the_codestream_is_of_the_syntax_that_the_header_names(tiny: Phantom, tmp_path: Path, name: str) -> None:
    needed(name)
    ds = dcmread(write_dicom(tiny, tmp_path / "coded", style="siemens", transfer_syntax=name)[0])
    assert ds.file_meta.TransferSyntaxUID == TRANSFER_SYNTAXES[name].uid
    assert MARKERS[name] in next(generate_frames(ds.PixelData, number_of_frames=1))[:400]


def test_that_12_bit_jpeg_declares_12_bits(tiny: Phantom, tmp_path: Path) -> None:
    needed("jpeg-extended")
    ds = dcmread(write_dicom(tiny, tmp_path / "coded", transfer_syntax="jpeg-extended")[0])
    frame = next(generate_frames(ds.PixelData, number_of_frames=1))
    assert frame[frame.index(b"\xff\xc1") + 4] == 12
    assert ds.BitsStored == 12


def test_that_a_missing_encoder_is_named_with_its_cure(
    tiny: Phantom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pip install imagecodecs"):
        write_dicom(tiny, tmp_path / "study", transfer_syntax="htj2k-lossless")
    assert not (tmp_path / "study").exists()
