"""A header that keeps to the rules is read without pydicom, to the same end; any other is left to pydicom."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_builder import frame, save, set_pixels
from pydicom.dataset import Dataset

from cinecor.study.dicom import header_reader
from cinecor.study.dicom.frame_pixels import decode_frames, read_stored_frame
from cinecor.study.dicom.header_reader import ReadHeader, read_header
from cinecor_phantom import Acquisition, make_phantom, write_dicom


def _facts(read: ReadHeader) -> list[Any]:
    facts: list[Any] = [read.rejected]
    for one in read.frames:
        facts.append({slot: getattr(one, slot) for slot in one.__slots__ if slot != "header"})
        facts.append(
            {f.name: getattr(one.header, f.name) for f in dataclasses.fields(one.header) if f.name != "stored"}
        )
    return facts


def _by_pydicom(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    with monkeypatch.context() as patched:
        patched.setattr(header_reader, "read_plain", lambda *_, **__: None)
        return _facts(read_header(path, name="image"))


def _is_plain(path: Path) -> bool:
    with path.open("rb") as file:
        return header_reader.read_plain(file, tags=header_reader.HEADER_TAGS) is not None


@pytest.mark.parametrize("style", ["siemens", "ge", "philips", "enhanced"])
def test_that_both_readers_find_the_same(style: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = Acquisition(slices=12, phases=2, rows=96, columns=96, pixel_spacing_mm=3.0)
    write_dicom(make_phantom(acquisition=size), tmp_path / "study", style=style)
    files = [path for path in (tmp_path / "study").rglob("*") if path.is_file()]
    assert any(_is_plain(path) for path in files) == (style != "enhanced")
    for path in files:
        assert _facts(read_header(path, name="image")) == _by_pydicom(path, monkeypatch)


@pytest.mark.parametrize("dtype", ["u2", "i2"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_pixels_read_directly_are_those_that_are_decoded(tmp_path: Path, dtype: str, photometric: str) -> None:
    ds = frame(0, 0)
    set_pixels(ds, np.linspace(0, 4000, 20 * 24).reshape(20, 24).astype(dtype))
    ds.PhotometricInterpretation = photometric
    ds.RescaleSlope, ds.RescaleIntercept = "1.5", "-7"
    path = save(tmp_path / "image", ds)
    stored = read_header(path, name="image").frames[0].header.stored
    assert stored is not None
    np.testing.assert_array_equal(read_stored_frame(path, stored), decode_frames(path, [0])[0])


@pytest.mark.parametrize("group", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"])
@pytest.mark.parametrize("rescaled", [False, True])
def test_that_a_rescale_in_stray_functional_groups_is_followed(tmp_path: Path, group: str, rescaled: bool) -> None:
    ds = frame(0, 0)
    ds.RescaleSlope, ds.RescaleIntercept = "1.5", "-7"
    transformation, item = Dataset(), Dataset()
    transformation.RescaleSlope, transformation.RescaleIntercept = "3", "5"
    if rescaled:
        item.PixelValueTransformationSequence = [transformation]
    setattr(ds, group, [item])
    path = save(tmp_path / "image", ds)
    stored = read_header(path, name="image").frames[0].header.stored
    assert stored is not None
    np.testing.assert_array_equal(read_stored_frame(path, stored), decode_frames(path, [0])[0])


def _private_sequence(ds: Dataset, *, undefined: bool) -> None:
    inner = Dataset()
    inner.add_new(0x00111001, "LO", "inside")
    ds.add_new(0x00110010, "LO", "SOMEONE")
    ds.add_new(0x00111010, "SQ", [inner, inner])
    ds[0x00111010].is_undefined_length = undefined
    for item in ds[0x00111010].value:
        item.is_undefined_length_sequence_item = undefined


@pytest.mark.parametrize("undefined", [False, True])
def test_that_sequences_in_between_are_stepped_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undefined: bool
) -> None:
    ds = frame(0, 0)
    _private_sequence(ds, undefined=undefined)
    path = save(tmp_path / "image", ds)
    assert _is_plain(path)
    assert _facts(read_header(path, name="image")) == _by_pydicom(path, monkeypatch)


@pytest.mark.parametrize("damage", ["truncated", "disordered", "no preamble"])
def test_that_anything_unusual_is_left_to_pydicom(tmp_path: Path, damage: str) -> None:
    path = save(tmp_path / "image", frame(0, 0))
    whole = path.read_bytes()
    at = whole.index(b"\x20\x00\x0d\x00UI")
    path.write_bytes(
        {
            "truncated": whole[:at],
            "disordered": whole[:at] + b"\x08\x00\x16\x00UI\x00\x00" + whole[at:],
            "no preamble": whole[132:],
        }[damage]
    )
    assert not _is_plain(path)
