"""Headers that ask for more than their file has: refused in a sentence, before anything is done about it."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from dicom_builder import cine, frame, save, write
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless

from cinecor.errors import InputError, NothingSegmentable
from cinecor.own_size import most_pixel_bytes
from cinecor.study import open_input
from cinecor.study.dicom import guarded_file
from cinecor.study.dicom.header_reader import read_header


def reason(path: Path) -> str:
    read = read_header(path, name=path.name)
    assert read.rejected is not None
    assert read.rejected.damaged
    return read.rejected.reason.code


@pytest.mark.parametrize("frames", ["2", "3000000", "1e30"])
def test_that_more_frames_than_the_file_has_room_for_are_refused(tmp_path: Path, frames: str) -> None:
    ds = frame(0, 0)
    ds.add_new(0x00280008, "DS", frames)
    assert reason(save(tmp_path / "image", ds)) == "more_frames_than_pixels"
    with pytest.raises(InputError, match="NumberOfFrames says"):
        open_input(tmp_path / "image")


def test_that_a_sparse_file_with_a_huge_name_is_refused_unread(tmp_path: Path) -> None:
    path = save(tmp_path / "image", frame(0, 0))
    data = path.read_bytes()
    at = data.index(b"\x10\x00\x10\x00PN") if b"\x10\x00\x10\x00PN" in data else data.index(b"\x18\x00\x20\x00CS")
    with path.open("wb") as file:
        file.write(data[:at] + b"\x10\x00\x10\x00UT\0\0" + struct.pack("<L", 1_500_000_000))
        file.truncate(at + 1_500_000_000)
    assert reason(path) == "element_too_long"


def test_that_zeros_instead_of_a_header_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(bytes(128) + b"DICM" + bytes(2_000_000))
    assert reason(path) == "header_of_zeros"


def test_that_zeros_after_some_elements_are_refused(tmp_path: Path) -> None:
    data = save(tmp_path / "image", frame(0, 0)).read_bytes()
    path = tmp_path / "half"
    path.write_bytes(data[: data.index(b"\x18\x00\x20\x00CS")] + bytes(2_000_000))
    assert reason(path) == "header_of_zeros"


def test_that_deflated_data_that_grow_too_far_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_file, "_INFLATED_FREE", 1 << 20)
    monkeypatch.setattr(guarded_file, "_CHUNK", 1 << 16)
    ds = frame(0, 0)
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save(tmp_path / "image", ds)
    assert read_header(path, name="image").rejected is None
    data = path.read_bytes()
    start = 132 + 12 + struct.unpack("<L", data[140:144])[0]
    inflated = zlib.decompress(data[start:], -zlib.MAX_WBITS)
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    path.write_bytes(data[:start] + deflater.compress(inflated + bytes(20 << 20)) + deflater.flush())
    assert os.path.getsize(path) < 1 << 17  # noqa: PTH202 - one number
    assert reason(path) == "inflates_too_far"


def in_pieces(path: Path, *, pieces: int, frames: int = 1) -> Path:
    """Write an image whose pixel data are empty fragments."""
    ds = frame(0, 0)
    ds.file_meta.TransferSyntaxUID = JPEG2000Lossless
    ds.NumberOfFrames, ds.Rows, ds.Columns = str(frames), 64, 64
    ds.PixelData = encapsulate([b"ab"])
    data = save(path, ds).read_bytes()
    begin = data.index(b"\xfe\xff\x00\xe0")
    fragment = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    path.write_bytes(data[:begin] + fragment * pieces + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0))
    return path


def test_that_pixel_data_in_endless_pieces_are_refused_unread(tmp_path: Path) -> None:
    assert reason(in_pieces(tmp_path / "many", pieces=100_001)) == "pixels_in_pieces"
    assert read_header(in_pieces(tmp_path / "fewer", pieces=99_000), name="image").rejected is None


@pytest.mark.slow
def test_that_all_frames_together_must_fit_a_compressed_file(tmp_path: Path) -> None:
    """A frame is 8 kB; 720 kB may hold a hundred times as much: 8,789 frames."""
    assert reason(in_pieces(tmp_path / "many", pieces=90_000, frames=8_800)) == "more_pixels_than_file"
    assert read_header(in_pieces(tmp_path / "fewer", pieces=90_000, frames=8_700), name="image").rejected is None


@pytest.mark.parametrize(
    ("packed_mb", "most_mb"), [(0.1, 33.55), (5, 500), (10, 1000), (20, 1074), (50, 1074), (100, 2000)]
)
def test_that_the_memory_of_pixels_grows_less_with_large_files(packed_mb: float, most_mb: float) -> None:
    assert most_pixel_bytes(int(packed_mb * 1e6)) / 1e6 == pytest.approx(most_mb, rel=1e-3)


def test_that_one_hostile_file_does_not_stop_a_study(tmp_path: Path) -> None:
    datasets = cine()
    datasets[3].add_new(0x00280008, "IS", "3000000")
    stack, audit = open_input(write(tmp_path, datasets))
    assert stack.slices == 4
    assert not audit.complete[0, 3]
    assert [row.reason.code for row in audit.left_out] == ["more_frames_than_pixels"]


def test_that_a_folder_of_packed_files_says_so(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.dcm.gz").write_bytes(b"\x1f\x8b" + bytes(200))
    with pytest.raises(NothingSegmentable, match="3 gzip files, which are not opened"):
        open_input(tmp_path)
