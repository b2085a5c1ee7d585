"""Folders, archives and media: what is opened, what is left out and why, and what is refused."""

import os
import struct
import tempfile
import warnings
import zipfile
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from dicom_builder import cine, codes, expected, frame, save, write
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from cinecor.app.batch import segment_each
from cinecor.errors import InputError, NothingSegmentable
from cinecor.study import ImportAudit, open_input
from cinecor.study.study_input import inputs_of


def reasons(audit: ImportAudit) -> dict[str, str]:
    return {row.path: str(row.reason) for row in audit.left_out}


def unread(audit: ImportAudit) -> list[tuple[str, str, int]]:
    """Return what the warning of things that were not read names: the first, its reason's code, and how many."""
    return [
        (str(one.values["path"]), str(one.values["reason"].code), int(one.values["n"]))
        for one in audit.warnings
        if one.code == "not_read"
    ]


def zipped(archive: Path, folder: Path, *, extra: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder).as_posix())
        for name, content in (extra or {}).items():
            file.writestr(name, content)
    return archive


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write(tmp_path / "study", cine())


def test_that_whatever_lies_beside_the_images_is_a_row_with_its_reason(study: Path) -> None:
    (study / "README.txt").write_text("hello " * 100)
    (study / "empty").touch()
    (study / ".DS_Store").write_bytes(b"\0\0\0\1Bud1" * 30)
    (study / "._IM000000").write_bytes(b"\0\5\x16\7" + bytes(200))
    zipped(study / "more.zip", study)
    (study / "label.nii.gz").write_bytes(b"\x1f\x8b\x08" + bytes(200))
    os.mkfifo(study / "pipe")
    (study / "link").symlink_to("nowhere")
    stack, audit = open_input(study)
    assert codes(stack) == expected(4, 10)
    assert reasons(audit) == {
        "README.txt": "not a DICOM file",
        "empty": "empty file",
        ".DS_Store": "a file of the file manager: not an image",
        "._IM000000": "macOS side file (AppleDouble): not an image",
        "more.zip": "a zip file inside the input: not opened; give it as an input of its own",
        "label.nii.gz": "a NIfTI file inside the input: not opened; give it as an input of its own",
        "pipe": "not a regular file",
        "link": "a link to a file that is not there",
    }
    assert audit.files_given == 48


def test_that_a_folder_that_links_to_itself_is_walked_once(study: Path) -> None:
    (study / "loop").symlink_to(study, target_is_directory=True)
    _, audit = open_input(study)
    assert audit.files_given == 40


@pytest.mark.slow
def test_that_images_a_thousand_folders_deep_are_read(study: Path) -> None:
    folders = [study / "d"]
    for _ in range(1100):
        folders.append(folders[-1] / "d")
    deep = folders[-1] / "note.txt"
    try:
        for folder in folders:
            folder.mkdir()
        deep.write_text("hello " * 100)
        stack, audit = open_input(study)
        assert codes(stack) == expected(4, 10)
        assert reasons(audit) == {"d/" * 1101 + "note.txt": "not a DICOM file"}
    finally:  # here, because rmtree is recursive
        deep.unlink(missing_ok=True)
        for folder in reversed(folders):
            if folder.is_dir():
                folder.rmdir()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_that_a_truncated_file_is_a_row_and_its_frame_stands_empty(study: Path, share: float) -> None:
    path = study / "IM000000"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    stack, audit = open_input(study)
    assert list(reasons(audit)) == ["IM000000"]
    assert any(word in reasons(audit)["IM000000"] for word in ("truncated", "damaged", "not a DICOM"))
    assert stack.slices == 4
    assert not audit.complete[0, 0]


@pytest.mark.slow
def test_that_damaged_bytes_never_raise_anything_but_an_input_error(tmp_path: Path) -> None:
    whole = save(tmp_path / "whole", frame(0, 0)).read_bytes()
    for position in range(132, len(whole) - 960, 3):
        (tmp_path / "study" / "IM").parent.mkdir(exist_ok=True)
        (tmp_path / "study" / "IM").write_bytes(whole[:position] + b"\xff\x00\x80" + whole[position + 3 :])
        with suppress(InputError):
            open_input(tmp_path / "study")


def test_that_an_object_without_image_is_a_row(study: Path) -> None:
    report = frame(0, 0, series=50)
    report.SOPClassUID, report.Modality = "1.2.840.10008.5.1.4.1.1.88.11", "SR"
    for keyword in ("Rows", "Columns", "PixelData"):
        delattr(report, keyword)
    save(study / "report", report)
    _, audit = open_input(study)
    assert reasons(audit) == {"report": "SR object without an image (no Rows or Columns)"}


def test_that_images_without_preamble_are_read(tmp_path: Path) -> None:
    write(tmp_path, cine())
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[132:])
    stack, _ = open_input(tmp_path)
    assert codes(stack) == expected(4, 10)


def test_that_bare_implicit_datasets_are_read(tmp_path: Path) -> None:
    for number, ds in enumerate(cine()):
        ds.file_meta = FileMetaDataset()
        ds.save_as(tmp_path / f"{number}", implicit_vr=True, little_endian=True, enforce_file_format=False)
    stack, _ = open_input(tmp_path)
    assert codes(stack) == expected(4, 10)


def test_that_one_dicom_file_is_an_input(study: Path) -> None:
    stack, audit = open_input(study / "IM000000")
    assert codes(stack) == [[100]]
    assert audit.files_given == 1


def directory_of(study: Path, names: list[str]) -> Path:
    """Write a DICOMDIR that names files of `study`, in capitals as CDs have them."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.1.3.10", "1.2.3"
    records = []
    for name in names:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = name.upper().split("/")
        records.append(record)
    ds.DirectoryRecordSequence = Sequence(records)
    return save(study / "DICOMDIR", ds)


def test_that_a_dicomdir_gives_the_files_it_names(study: Path) -> None:
    write(study / "other", cine(series=9))
    names = sorted(path.name for path in study.iterdir() if path.is_file())
    stack, audit = open_input(directory_of(study, [*names, "IMAGES/LOST"]))
    assert codes(stack) == expected(4, 10)
    assert reasons(audit) == {
        "DICOMDIR": "DICOMDIR: the table of contents of a medium, not an image",
        "IMAGES/LOST": "named in the DICOMDIR but not there: copy the whole medium",
    }
    assert audit.files_given == 42


def test_that_a_dicomdir_that_cannot_be_read_gives_its_folder(study: Path) -> None:
    (study / "DICOMDIR").write_bytes(b"\0" * 600)
    stack, audit = open_input(study / "DICOMDIR")
    assert codes(stack) == expected(4, 10)
    assert list(reasons(audit)) == ["DICOMDIR"]


def test_that_a_folder_with_a_dicomdir_is_read_whole(study: Path) -> None:
    directory_of(study, ["IM000000"])
    stack, audit = open_input(study)
    assert codes(stack) == expected(4, 10)
    assert audit.files_given == 41


def test_that_a_zip_gives_its_files_under_their_names_and_unpacks_none_to_disk(
    tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked_into = tmp_path / "temporary"
    unpacked_into.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(unpacked_into))
    archive = zipped(tmp_path / "study.zip", study, extra={"a/readme.txt": b"hello " * 50, "__MACOSX/._x": b"\0" * 300})
    stack, audit = open_input(archive)
    assert codes(stack) == expected(4, 10)
    assert stack.files is not None
    assert stack.files[0][0] == "IM000000"
    assert list(unpacked_into.iterdir()) == []
    assert reasons(audit) == {
        "a/readme.txt": "not a DICOM file",
        "__MACOSX/._x": "macOS side file (AppleDouble): not an image",
    }


def test_that_a_damaged_entry_of_a_zip_is_a_row(tmp_path: Path, study: Path) -> None:
    with zipfile.ZipFile(tmp_path / "study.zip", "w", zipfile.ZIP_STORED) as file:
        for path in sorted(study.iterdir()):
            file.write(path, path.name)
    content = bytearray((tmp_path / "study.zip").read_bytes())
    content[1500] ^= 0xFF
    (tmp_path / "study.zip").write_bytes(content)
    stack, audit = open_input(tmp_path / "study.zip")
    assert stack.slices == 4
    assert ["cannot be opened (Bad CRC-32" in reason for reason in reasons(audit).values()] == [True]


def test_that_a_broken_zip_is_refused(tmp_path: Path, study: Path) -> None:
    archive = zipped(tmp_path / "study.zip", study)
    archive.write_bytes(archive.read_bytes()[:-400])
    with pytest.raises(InputError, match=r"study\.zip: the zip archive is broken \(.*\); copy or download it again"):
        open_input(archive)


def test_that_an_encrypted_zip_is_refused(tmp_path: Path, study: Path) -> None:
    archive = zipped(tmp_path / "study.zip", study)
    content = bytearray(archive.read_bytes())
    entry = content.find(b"PK\x01\x02")
    content[entry + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(InputError, match="the zip archive is encrypted; unpack it with its password"):
        open_input(archive)


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "C:\\evil", "..\\evil"])
def test_that_names_that_lead_out_of_the_zip_are_refused(tmp_path: Path, study: Path, name: str) -> None:
    archive = zipped(tmp_path / "in" / "study.zip", study) if (tmp_path / "in").mkdir() is None else None
    assert archive is not None
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(name, (study / "IM000000").read_bytes())
    with pytest.raises(InputError, match="points out of the archive"):
        open_input(archive)
    assert not (tmp_path / "evil").exists()


@pytest.mark.slow
def test_that_a_zip_bomb_is_refused_with_the_limit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", b"\0" * 128 + b"DICM" + b"\0" * 60_000_000)
    with pytest.raises(InputError, match=r"bomb\.zip: would unpack to \d+ times its size, more than the limit of 100"):
        open_input(tmp_path / "bomb.zip")


@pytest.mark.slow
def test_that_a_zip_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", b"\0" * 128 + b"DICM" + b"\0" * 60_000_000)
    content = bytearray(archive.read_bytes())
    entry = content.find(b"PK\x01\x02")
    struct.pack_into("<L", content, entry + 24, 2000)
    archive.write_bytes(content)
    with pytest.raises(InputError):
        open_input(archive)


def test_that_another_kind_of_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(400))
    with pytest.raises(InputError, match=r"study\.7z: not a DICOM file"):
        open_input(tmp_path / "study.7z")
    (tmp_path / "text.zip").write_text("no zip at all " * 20)
    with pytest.raises(InputError, match=r"text\.zip: the zip archive is broken"):
        open_input(tmp_path / "text.zip")


@pytest.mark.slow
def test_that_thousands_of_unrelated_files_are_rejected_by_name(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number}.jpg").write_bytes(b"\xff\xd8\xff\xe0" + os.urandom(200))
    with pytest.raises(NothingSegmentable, match="no DICOM image among 2000 files"):
        open_input(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_that_a_link_out_of_the_input_is_not_followed_and_told(tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    write(given, cine())
    write(other, cine(series=7, slices=6))
    (given / "more").symlink_to(other)
    stack, audit = open_input(given)
    assert stack.slices == 4
    assert [row.path for row in audit.left_out] == ["more"]
    assert "link to a folder outside" in str(audit.left_out[0].reason)
    assert audit.files_given == audit.files_used + 1
    assert unread(audit) == [("more", "link_outside", 1)]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_that_a_folder_of_nothing_but_links_says_so(tmp_path: Path) -> None:
    write(tmp_path / "other", cine())
    (tmp_path / "given").mkdir()
    for name in ("one", "two"):
        (tmp_path / "given" / name).symlink_to(tmp_path / "other")
    with pytest.raises(NothingSegmentable) as refused:
        open_input(tmp_path / "given")
    assert refused.value.message.code == "only_unread"
    assert "link to a folder outside" in str(refused.value)


def test_that_what_may_hold_images_and_was_not_read_is_told_and_what_holds_none_is_not(study: Path) -> None:
    (study / "report.pdf").write_bytes(b"%PDF-1.4 " * 50)
    _, audit = open_input(study)
    assert unread(audit) == []
    image = next(path for path in sorted(study.iterdir()) if path.name.startswith("IM"))
    image.write_bytes(image.read_bytes()[:-100])
    (study / "slice.dcm.gz").write_bytes(b"\x1f\x8b\x08" + bytes(200))
    _, audit = open_input(study)
    assert unread(audit) == [(image.name, "pixels_truncated", 2)]


@pytest.mark.skipif(os.name == "nt", reason="file names are text on Windows")
def test_that_folders_whose_names_differ_in_bytes_that_are_no_text_are_two(tmp_path: Path) -> None:
    for name, number in ((b"Schicht \xe4", 0), (b"Schicht \xfc", 1)):
        folder = tmp_path / "study" / os.fsdecode(name)
        folder.mkdir(parents=True)
        for phase in range(10):
            save(tmp_path / "one", frame(number, phase)).rename(folder / f"IM{phase:02d}")
    write(tmp_path / "study" / "rest", [frame(number, phase) for number in (2, 3) for phase in range(10)])
    stack, audit = open_input(tmp_path / "study")
    assert codes(stack) == expected(4, 10)
    assert (audit.files_given, audit.files_used) == (40, 40)
    assert stack.files is not None
    assert len({file for row in stack.files for file in row}) == 40
    "".join(str(file) for row in stack.files for file in row).encode("utf-8")


def test_that_entries_of_one_name_in_a_zip_are_two_files(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for number in range(4):
            for phase in range(10):
                content = save(tmp_path / "one", frame(number, phase)).read_bytes()
                archive.writestr(f"{'S' if number < 2 else number}/IM{phase:02d}", content)
    stack, audit = open_input(tmp_path / "study.zip")
    assert codes(stack) == expected(4, 10)
    assert (audit.files_given, audit.files_used) == (40, 40)
    assert stack.files is not None
    assert {"S/IM00", "S/IM00 (2)"} <= {str(file) for row in stack.files for file in row}


def test_that_each_file_of_a_folder_of_nifti_is_an_input(tmp_path: Path, study: Path) -> None:
    folder = tmp_path / "images"
    (folder / "more").mkdir(parents=True)
    for name in ("b.nii.gz", "a.nii", "more/c.NII.GZ", "notes.txt"):
        (folder / name).write_bytes(b"\x1f\x8b")
    assert inputs_of(folder).paths == (folder / "a.nii", folder / "b.nii.gz", folder / "more" / "c.NII.GZ")
    assert inputs_of(folder / "a.nii").paths == (folder / "a.nii",)
    (study / "label.nii.gz").write_bytes(b"\x1f\x8b")
    assert inputs_of(study).paths == (study,)  # a study with a NIfTI file beside its images
    assert inputs_of(tmp_path / "nowhere").paths == (tmp_path / "nowhere",)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_that_a_link_beside_nifti_files_is_no_input_and_ends_as_a_failure_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.nii").write_bytes(b"\x1f\x8b")
    (folder / "b.nii").symlink_to(tmp_path / "nowhere.nii")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    outcomes = segment_each(
        [folder],
        session=lambda: None,
        out_dir=tmp_path / "out",
        progress=lambda _: nullcontext(lambda _: None),  # type: ignore[arg-type]
    )
    found = {one.path.name: one.error for one in outcomes}
    assert list(found) == ["a.nii", "b.nii"]
    error = found["b.nii"]
    assert isinstance(error, InputError)
    assert error.message.values["reason"].code == "dead_link"


def test_that_a_large_entry_of_a_zip_is_unpacked_as_far_as_it_is_read(
    tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor.study.files.archive._AT_ONCE_BYTES", 100)
    archive = zipped(tmp_path / "study.zip", study)
    stack, audit = open_input(archive)
    assert codes(stack) == expected(4, 10)
    assert audit.left_out == ()
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(content)
    stack, audit = open_input(tmp_path / "damaged.zip")
    assert stack.slices == 4
    assert len(audit.left_out) == 1
