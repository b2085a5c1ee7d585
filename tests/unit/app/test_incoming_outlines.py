"""Outlines of other programs land on their own frames; what does not fit is listed and nothing is guessed."""

import gzip
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
from result_folders import signed_copy, with_facts
from scipy import ndimage

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.incoming_outlines import agreement, as_corrections, read_outlines, walls_alone
from cinecor.cli.main import main
from cinecor.errors import InputError, UsageError
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.report.dicom.segmentation_reader import read_segmentations
from cinecor.report.incoming.label_map import LabelMapUnsaid
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.report.kept_results import read_results
from cinecor.report.nifti import stack_affine
from cinecor.review import Review
from cinecor.study import open_input
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack

ALL = frozenset({Label.RV, Label.MYO, Label.LV})


@pytest.fixture(scope="module")
def opened(phantom_study: Path) -> tuple[CineStack, ImportAudit]:
    return open_input(phantom_study)


@pytest.fixture(scope="module")
def stack(opened: tuple[CineStack, ImportAudit]) -> CineStack:
    return opened[0]


@pytest.fixture(scope="module")
def labels(segmented_phantom: Path) -> np.ndarray:
    return read_results(segmented_phantom).labels


def codes(read: ReadLabels) -> list[str]:
    return [message.code for message in read.left_out]


def save_nifti(path: Path, voxels: np.ndarray, affine: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(voxels, affine), path)
    return path


@pytest.mark.parametrize("key", ["byte skip: 4", "line skip: 1", "byte skip: -1", "byteskip: 4"])
def test_that_a_nrrd_whose_data_begin_later_is_refused(
    stack: CineStack, labels: np.ndarray, tmp_path: Path, key: str
) -> None:
    path = save_nrrd(tmp_path / "map.nrrd", voxels_of(labels)[..., 0], stack_affine(stack.geometry), {})
    path.write_bytes(path.read_bytes().replace(b"\nencoding:", f"\n{key}\nencoding:".encode(), 1))
    with pytest.raises(InputError, match="to be skipped"):
        read_outlines([path], stack, table={1: Label.RV, 2: Label.MYO, 3: Label.LV}, phase=0)


def test_that_a_nrrd_is_unpacked_no_further_than_its_sizes(
    stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    path = save_nrrd(tmp_path / "map.nrrd", voxels_of(labels)[..., 0], stack_affine(stack.geometry), {})
    head, _, data = path.read_bytes().partition(b"\n\n")
    path.write_bytes(head + b"\n\n" + gzip.compress(gzip.decompress(data) + bytes(50_000_000)))
    with pytest.raises(InputError, match="more than its sizes say"):
        read_outlines([path], stack, table={1: Label.RV, 2: Label.MYO, 3: Label.LV}, phase=0)


def save_nrrd(
    path: Path, voxels: np.ndarray, affine: np.ndarray, keys: Mapping[str, str], *, encoding: str = "gzip"
) -> Path:
    """As 3D Slicer writes it: LPS, the fastest axis first."""
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine

    def vector(values: np.ndarray) -> str:
        return f"({','.join(repr(float(one)) for one in values)})"

    layers = "none " if voxels.ndim == 4 else ""
    directions = layers + " ".join(vector(lps[:3, axis]) for axis in range(3))
    head = [
        "NRRD0004", "# made by a test", "type: unsigned char", f"dimension: {voxels.ndim}",
        "space: left-posterior-superior", f"sizes: {' '.join(map(str, voxels.shape))}",
        f"space directions: {directions}", "endian: little", f"encoding: {encoding}",
        f"space origin: {vector(lps[:3, 3])}", *(f"{name}:={value}" for name, value in keys.items()),
    ]  # fmt: skip
    data = voxels.astype(np.uint8).tobytes(order="F")
    path.write_bytes("\n".join(head).encode() + b"\n\n" + (gzip.compress(data) if encoding == "gzip" else data))
    return path


def voxels_of(labels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(labels.transpose(3, 2, 0, 1))  # (x, y, slice, phase)


def test_that_our_own_file_needs_no_table(segmented_phantom: Path, stack: CineStack, labels: np.ndarray) -> None:
    read = read_outlines([segmented_phantom / "segmentation.nii.gz"], stack)
    assert (read.labels == labels).all()
    assert read.left_out == ()


def test_that_a_label_map_without_names_asks_for_its_table(
    stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    swapped = np.array([0, 7, 5, 9], np.uint8)[labels]
    path = save_nifti(tmp_path / "drawn.nii.gz", voxels_of(swapped), stack_affine(stack.geometry))
    with pytest.raises(UsageError, match="does not say which value is which"):
        read_outlines([path], stack)
    read = read_outlines([path], stack, table={7: Label.RV, 5: Label.MYO, 9: Label.LV})
    assert (read.labels == labels).all()
    part = read_outlines([path], stack, table={9: Label.LV})
    assert ((part.labels == Label.LV) == (labels == Label.LV)).all()
    assert codes(part) == ["label_map_values_unused"]


def test_that_itk_snap_descriptions_are_read(stack: CineStack, labels: np.ndarray, tmp_path: Path) -> None:
    path = save_nifti(
        tmp_path / "snap.nii", voxels_of(np.array([0, 3, 2, 1], np.uint8)[labels]), stack_affine(stack.geometry)
    )
    (tmp_path / "snap.label").write_text(
        '# ITK-SnAP Label Description File\n    0     0    0    0        0  0  0    "Clear Label"\n'
        '    1   255    0    0        1  1  1    "LV cavity"\n    2     0  255    0        1  1  1    "LV myocardium"\n'
        '    3     0    0  255        1  1  1    "RV"\n'
    )
    assert (read_outlines([path], stack).labels == labels).all()


@pytest.mark.parametrize("turn", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
@pytest.mark.parametrize("flip", [False, True])
def test_that_a_label_map_may_lie_on_other_axes_of_the_same_grid(
    stack: CineStack, labels: np.ndarray, tmp_path: Path, turn: tuple[int, int, int], flip: bool
) -> None:
    voxels, affine = voxels_of(labels), stack_affine(stack.geometry)
    voxels, affine = voxels.transpose(*turn, 3), affine[:, [*turn, 3]]
    if flip:
        affine[:3, 3] += affine[:3, 0] * (voxels.shape[0] - 1)
        affine[:3, 0] *= -1
        voxels = voxels[::-1]
    path = save_nifti(tmp_path / "turned.nii", np.ascontiguousarray(voxels), affine)
    read = read_outlines([path], stack, table={1: Label.RV, 2: Label.MYO, 3: Label.LV})
    assert (read.labels == labels).all()


def test_that_another_grid_is_refused_and_nothing_is_resampled(
    stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    affine = stack_affine(stack.geometry)
    table = {1: Label.RV, 2: Label.MYO, 3: Label.LV}
    for shift, expected in ((0.05, None), (0.3, "up to 0.3 off"), (1000.0, "does not lie where")):
        moved = affine.copy()
        moved[:3, 3] += shift * affine[:3, 0]
        path = save_nifti(tmp_path / "moved.nii", voxels_of(labels), moved)
        if expected is None:
            assert (read_outlines([path], stack, table=table).labels == labels).all()
        else:
            with pytest.raises(InputError, match=expected):
                read_outlines([path], stack, table=table)


def test_that_a_map_of_one_moment_asks_which(stack: CineStack, labels: np.ndarray, tmp_path: Path) -> None:
    path = save_nifti(tmp_path / "es.nii", voxels_of(labels)[..., 2], stack_affine(stack.geometry))
    table = {1: Label.RV, 2: Label.MYO, 3: Label.LV}
    with pytest.raises(UsageError, match="tell which: --phase"):
        read_outlines([path], stack, table=table)
    with pytest.raises(UsageError, match="There is no phase 6"):
        read_outlines([path], stack, table=table, phase=5)
    read = read_outlines([path], stack, table=table, phase=2)
    assert set(read.drawn) == {(index, 2) for index in range(stack.slices)}
    assert (read.labels[:, 2] == labels[:, 2]).all()
    wrong = save_nifti(tmp_path / "two.nii", voxels_of(labels)[..., :2], stack_affine(stack.geometry))
    with pytest.raises(InputError, match="holds 2 times, and the stack 5 phases"):
        read_outlines([wrong], stack, table=table)


SLICER = {
    "Segment0_ID": "a", "Segment0_Name": "RV", "Segment0_LabelValue": "1", "Segment0_Layer": "0",
    "Segment1_ID": "b", "Segment1_Name": "Myocardium", "Segment1_LabelValue": "2", "Segment1_Layer": "0",
    "Segment2_ID": "c", "Segment2_Name": "LV", "Segment2_LabelValue": "3", "Segment2_Layer": "0",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["gzip", "raw"])
def test_that_a_slicer_segmentation_says_its_own_table(
    stack: CineStack, labels: np.ndarray, tmp_path: Path, encoding: str
) -> None:
    affine = stack_affine(stack.geometry)
    path = save_nrrd(tmp_path / "s.seg.nrrd", voxels_of(labels)[..., 1], affine, SLICER, encoding=encoding)
    read = read_outlines([path], stack, phase=1)
    assert (read.labels[:, 1] == labels[:, 1]).all()
    assert set(read.drawn.values()) == {ALL}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Left ventricle", Label.LV), ("LV_cavity", Label.LV), ("LV blood pool", Label.LV), ("lv-endo", Label.LV),
        ("Left ventricular myocardium", Label.MYO), ("LV wall", Label.MYO), ("LVM", Label.MYO),
        ("RV cavity (without infundibulum)", Label.RV), ("right ventricle", Label.RV),
        ("RV wall", None), ("RV myocardium", None), ("Chest wall", None), ("LV epicardium", None), ("LV scar", None),
        ("LV thrombus", None), ("RV outflow tract", None), ("Left atrium", None),
    ],
)  # fmt: skip
def test_that_a_structure_is_known_by_its_whole_name_and_else_asked_for(
    stack: CineStack, labels: np.ndarray, tmp_path: Path, name: str, label: Label | None
) -> None:
    keys = {"Segment0_ID": "a", "Segment0_Name": name, "Segment0_LabelValue": "1"}
    affine = stack_affine(stack.geometry)
    path = save_nrrd(tmp_path / "s.seg.nrrd", (voxels_of(labels)[..., 1] > 0).astype(np.uint8), affine, keys)
    if label is None:
        with pytest.raises(LabelMapUnsaid):
            read_outlines([path], stack, phase=1)
    else:
        assert set(read_outlines([path], stack, phase=1).drawn.values()) == {frozenset({label})}


def test_that_layers_of_a_slicer_segmentation_are_taken_apart(
    stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    one = voxels_of(labels)[..., 1]
    layers = np.stack([np.where(one == 1, 1, 0), np.where(one >= 2, one - 1, 0)])
    keys = SLICER | {
        "Segment1_LabelValue": "1", "Segment1_Layer": "1", "Segment2_LabelValue": "2", "Segment2_Layer": "1",
    }  # fmt: skip
    path = save_nrrd(tmp_path / "layers.seg.nrrd", layers, stack_affine(stack.geometry), keys)
    assert (read_outlines([path], stack, phase=1).labels[:, 1] == labels[:, 1]).all()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"NRRD0004\n", b"NRRD0004\nsizes: 1 1 1\n\nx",
        b"NRRD0004\ntype: uchar\nsizes: 9 9 9\nencoding: raw\n\nshort",
        b"NRRD0004\ntype: uchar\nsizes: 2 2 2\nencoding: bzip2\n\n12345678",
        b"NRRD0004\ntype: uchar\nsizes: 99999 99999 99999\nencoding: raw\n\n1",
        b"NRRD0004\ntype: uchar\nsizes: 2 2 2\nencoding: gzip\n\nnot gzip at all",
    ],
)  # fmt: skip
def test_that_a_damaged_nrrd_is_refused_in_a_sentence(stack: CineStack, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.nrrd"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_outlines([path], stack, phase=0)


def circle(x: float, y: float, radius: float) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


@pytest.fixture
def numbered(phantom_study: Path, tmp_path: Path) -> CineStack:
    """The phantom with files called 1.dcm, 2.dcm and so on, as Sunnybrook's are."""
    folder = tmp_path / "numbered"
    folder.mkdir()
    for number, path in enumerate(sorted(phantom_study.rglob("*.dcm")), start=1):
        (folder / f"{number}.dcm").symlink_to(path)
    return open_input(folder)[0]


def test_that_sunnybrook_contours_land_on_the_image_of_their_number(numbered: CineStack, tmp_path: Path) -> None:
    folder = tmp_path / "contours"
    folder.mkdir()
    place = (5, 2)
    assert numbered.files is not None
    number = int(Path(str(numbered.files[place[0]][place[1]])).stem)
    np.savetxt(folder / f"IM-0001-{number:04d}-icontour-manual.txt", circle(60.0, 50.0, 9.0))
    np.savetxt(folder / f"IM-0001-{number:04d}-ocontour-manual.txt", circle(60.0, 50.0, 14.0))
    np.savetxt(folder / "IM-0001-9999-icontour-manual.txt", circle(60.0, 50.0, 9.0))
    np.savetxt(folder / f"IM-0001-{number:04d}-p1contour-manual.txt", circle(60.0, 50.0, 2.0))
    (folder / "IM-0001-0001-icontour-manual.txt").write_text("no numbers")
    read = read_outlines([folder], numbered)
    assert read.drawn == {place: frozenset({Label.LV, Label.MYO})}
    cavity = read.labels[place] == Label.LV
    assert abs(cavity.sum() - np.pi * 81) < 0.03 * np.pi * 81
    rows, columns = np.nonzero(cavity)
    assert abs(columns.mean() + 0.5 - 60) < 0.1  # from the corner of the first pixel
    assert abs(rows.mean() + 0.5 - 50) < 0.1
    assert sorted(codes(read)) == ["contour_no_outline", "contour_of_other_kind", "contour_without_image"]


def test_that_images_named_as_they_were_published_are_found_by_their_number(
    phantom_study: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    for number, path in enumerate(sorted(phantom_study.rglob("*.dcm")), start=1):
        (folder / f"IM-0004-{number:04d}.dcm").symlink_to(path)
    np.savetxt(tmp_path / "IM-0001-0003-icontour-manual.txt", circle(60.0, 50.0, 9.0))
    stack = open_input(folder)[0]
    read = read_outlines([tmp_path / "IM-0001-0003-icontour-manual.txt"], stack)
    assert stack.files is not None
    assert [str(stack.files[index][phase]) for index, phase in read.drawn] == ["IM-0004-0003.dcm"]


def test_that_contours_of_two_patients_are_not_mixed(numbered: CineStack, tmp_path: Path) -> None:
    for patient, radius in (("one", 9.0), ("two", 14.0)):
        (tmp_path / patient).mkdir()
        np.savetxt(tmp_path / patient / "IM-0001-0001-icontour-manual.txt", circle(60.0, 50.0, radius))
        np.savetxt(tmp_path / patient / "IM-0001-0002-icontour-manual.txt", circle(60.0, 50.0, 9.0))
    read = read_outlines([tmp_path], numbered)
    assert codes(read) == ["contours_twice"]
    assert len(read.drawn) == 1  # alike in both


def test_that_a_wall_without_its_cavity_is_listed(numbered: CineStack, tmp_path: Path) -> None:
    np.savetxt(tmp_path / "IM-0001-0001-ocontour-manual.txt", circle(60.0, 50.0, 14.0))
    read = read_outlines([tmp_path / "IM-0001-0001-ocontour-manual.txt"], numbered)
    assert read.drawn == {}
    assert codes(read) == ["wall_without_cavity"]


def workspace(images: Mapping[str, Mapping[str, np.ndarray]], *, subpixel: int = 4) -> str:
    """A workspace as public readers of the format describe it."""

    def contour(name: str, points: np.ndarray) -> str:
        listed = "".join(
            f"<List:item><Point:x>{x * subpixel:.0f}</Point:x><Point:y>{y * subpixel:.0f}</Point:y></List:item>"
            for x, y in points
        )
        return (
            f'<Hash:item Hash:key="{name}"><Hash:item Hash:key="Points" List:count="{len(points)}">{listed}</Hash:item>'
            f'<Hash:item Hash:key="SubpixelResolution">{subpixel}</Hash:item></Hash:item>'
        )

    held = "".join(
        f'<Hash:item Hash:key="{uid}"><Hash:item Hash:key="Contours">'
        f"{''.join(contour(name, points) for name, points in contours.items())}</Hash:item></Hash:item>"
        for uid, contours in images.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Workspace xmlns:Hash="h" xmlns:List="l" xmlns:Point="p">'
        f'<Hash:item Hash:key="StudyMapStates"><List:item><Hash:item Hash:key="ImageStates">{held}</Hash:item>'
        "</List:item></Hash:item></Workspace>"
    )


def test_that_a_cvi42_workspace_is_read_by_sop_instance_and_called_untested(stack: CineStack, tmp_path: Path) -> None:
    assert stack.frames is not None
    frame = stack.frames[4][1]
    assert frame is not None
    path = tmp_path / "case.cvi42wsx"
    drawn = {
        "saendocardialContour": circle(60, 50, 9), "saepicardialContour": circle(60, 50, 14),
        "sarvendocardialContour": circle(30, 50, 9), "laraContour": circle(10, 10, 5),
    }  # fmt: skip
    path.write_text(workspace({str(frame.sop_instance_uid): drawn, "1.2.3": drawn}))
    read = read_outlines([path], stack)
    assert read.drawn == {(4, 1): ALL}
    assert abs((read.labels[4, 1] == Label.RV).sum() - np.pi * 81) < 0.05 * np.pi * 81
    assert sorted(codes(read)) == ["cvi42_contour_unused", "cvi42_elsewhere", "cvi42_untested"]


@pytest.mark.parametrize("content", ["", "<a>", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "not xml at all"])
def test_that_what_is_no_workspace_is_refused(stack: CineStack, tmp_path: Path, content: str) -> None:
    path = tmp_path / "case.cvi42wsx"
    path.write_text(content)
    with pytest.raises(InputError, match="no cvi42 workspace"):
        read_outlines([path], stack)


def test_that_seg_objects_of_a_folder_are_read_back(
    segmented_phantom: Path, stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    done = export_study(segmented_phantom, out_dir=tmp_path, options=ExportOptions(frozenset({Form.SEG, Form.SR})))
    read = read_outlines([done.folder], stack)
    assert (read.labels == labels).all()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    seg = pydicom.dcmread(done.folder / "seg-ai" / "phase-002.dcm")
    seg.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue = "12345"
    for group in seg.PerFrameFunctionalGroupsSequence[:2]:
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID = "1.2.3"
    seg.save_as(foreign / "one.dcm")
    part = read_outlines([foreign], stack)
    assert set(part.drawn.values()) <= {frozenset({Label.MYO, Label.LV}), frozenset({Label.MYO}), frozenset({Label.LV})}
    assert sorted(codes(part)) == ["seg_frames_elsewhere", "seg_segments_unknown"]


def test_that_a_label_map_of_many_segments_is_not_read_as_one_of_few(
    segmented_phantom: Path, stack: CineStack, tmp_path: Path
) -> None:
    options = ExportOptions(frozenset({Form.SEG}), label_map=True)
    file = next(iter(sorted(export_study(segmented_phantom, out_dir=tmp_path, options=options).folder.rglob("*.dcm"))))
    seg = pydicom.dcmread(file)
    wide = seg.pixel_array.astype("<u2")
    assert (wide == 3).any()
    wide[wide == 3] += 256  # a segment that is none of ours
    seg.BitsAllocated, seg.BitsStored, seg.HighBit = 16, 16, 15
    seg.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    seg.PixelData = wide.tobytes()
    read = read_segmentations([(file.name, seg)], stack)
    assert (read.labels == Label.RV).any()
    assert not (read.labels == Label.LV).any()


def test_that_what_holds_for_every_object_is_told_once(
    segmented_phantom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = export_study(segmented_phantom, out_dir=tmp_path, options=ExportOptions(frozenset({Form.SEG})))
    objects = sorted(done.folder.rglob("*.dcm"))
    for path in objects:
        seg = pydicom.dcmread(path)
        seg.Rows, seg.Columns = seg.Columns, seg.Rows // 2
        seg.save_as(path)
    main(["outlines", str(segmented_phantom), "--from", str(done.folder)])
    told = [line for line in capsys.readouterr().err.splitlines() if "pixels" in line]
    assert len(told) == 1
    assert told[0].endswith(f"The same goes for {len(objects) - 1} others.")


def test_that_two_structures_on_the_same_pixels_are_listed_and_not_decided(
    segmented_phantom: Path, stack: CineStack, tmp_path: Path
) -> None:
    done = export_study(segmented_phantom, out_dir=tmp_path, options=ExportOptions(frozenset({Form.SEG})))
    path = done.folder / "seg-ai" / "phase-001.dcm"
    seg = pydicom.dcmread(path)
    bits = np.unpackbits(np.frombuffer(seg.PixelData, np.uint8), bitorder="little")
    bits[:] = 1
    seg.PixelData = np.packbits(bits, bitorder="little").tobytes()
    for other in path.parent.glob("*.dcm"):
        other.unlink()
    seg.save_as(path)
    read = read_outlines([done.folder], stack)
    assert read.drawn == {}
    assert set(codes(read)) == {"outlines_overlap"}
    assert not read.labels.any()


def test_that_a_models_outlines_and_a_readers_are_not_laid_over_each_other(
    segmented_phantom: Path, stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    done = export_study(segmented_phantom, out_dir=tmp_path, options=ExportOptions(frozenset({Form.SEG})))
    path = done.folder / "seg-ai" / "phase-001.dcm"
    (done.folder / "seg-final").mkdir()
    (done.folder / "seg-final" / "phase-001.dcm").write_bytes(path.read_bytes())  # alike: nothing is in doubt
    assert (read_outlines([done.folder], stack).labels == labels).all()
    seg = pydicom.dcmread(path)
    seg.PixelData = bytes(len(seg.PixelData))  # a reader who took everything away
    seg.save_as(done.folder / "seg-final" / "phase-001.dcm")
    read = read_outlines([done.folder], stack)
    drawn = {(index, 0) for index in range(stack.slices) if labels[index, 0].any()}
    assert set(codes(read)) == {"outlines_unlike"}
    assert set(np.ndindex(labels.shape[:2])) - set(read.drawn) == drawn
    assert not read.labels[:, 0].any()


def test_that_a_folder_without_outlines_is_refused(stack: CineStack, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(json.dumps({}))
    with pytest.raises(UsageError, match="no outlines to read"):
        read_outlines([tmp_path], stack)


def review_of(opened: tuple[CineStack, ImportAudit], labels: np.ndarray) -> Review:
    runtime = Runtime("cpu", "CPUExecutionProvider", {})
    confidence = np.ones(labels.shape[:2], np.float32)
    return Review(*opened, Segmentation(labels, confidence, ModelIdentity("m", "1", "a" * 64, "fp32"), runtime, ()))


def test_that_what_was_drawn_becomes_corrections_and_the_rest_stays(
    opened: tuple[CineStack, ImportAudit], labels: np.ndarray
) -> None:
    stack = opened[0]
    review = review_of(opened, labels)
    drawn = np.zeros_like(labels)
    place = (5, 2)
    drawn[place] = np.where(labels[place] == Label.LV, Label.LV, 0)
    rows = np.nonzero(drawn[place])[0]
    drawn[place][rows[0], :] = 0  # one row smaller
    read = ReadLabels(drawn, {place: frozenset({Label.LV})}, ())
    after = as_corrections(read, review).apply(review)
    assert after.labels is not None
    assert ((after.labels[place] == Label.LV) == (drawn[place] == Label.LV)).all()
    assert ((after.labels[place] >= Label.MYO) == (labels[place] >= Label.MYO)).all()  # the wall stays where it was
    assert ((after.labels[place] == Label.RV) == (labels[place] == Label.RV)).all()
    untouched = np.ones(labels.shape[:2], bool)
    untouched[place] = False
    assert (after.labels[untouched] == labels[untouched]).all()
    found = {one.label: one for one in agreement(read, labels, pixel_ml=np.full(stack.slices, 0.1))}
    lost = int((labels[place] == Label.LV).sum() - (drawn[place] == Label.LV).sum())
    assert found[Label.LV].difference_ml == pytest.approx(-0.1 * lost)
    assert found[Label.MYO].frames == 0
    assert found[Label.MYO].dice is None


def test_that_nothing_read_is_no_correction(opened: tuple[CineStack, ImportAudit], labels: np.ndarray) -> None:
    with pytest.raises(UsageError, match="None of these outlines fits"):
        as_corrections(ReadLabels(np.zeros_like(labels), {}, ()), review_of(opened, labels))


def test_that_a_wall_alone_corrects_no_frame_and_is_told(
    opened: tuple[CineStack, ImportAudit], labels: np.ndarray
) -> None:
    review = review_of(opened, labels)
    walls = np.where(labels == Label.MYO, Label.MYO, 0).astype(np.uint8)
    alone = ReadLabels(walls, {(5, 2): frozenset({Label.MYO}), (5, 3): frozenset({Label.MYO})}, ())
    with pytest.raises(UsageError, match="without its cavity"):
        as_corrections(alone, review)
    mixed = replace(alone, drawn={**alone.drawn, (5, 3): ALL})
    assert list(as_corrections(mixed, review).frames) == [(5, 3)]
    told = walls_alone(mixed)
    assert told is not None
    assert "on 1 frame without" in str(told)
    assert walls_alone(replace(alone, drawn={(5, 3): ALL})) is None


def test_that_files_that_hold_no_outlines_are_listed(
    segmented_phantom: Path, stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    shutil.copy(segmented_phantom / "segmentation.nii.gz", tmp_path)
    for name in ("notes.txt", "contours.json", ".hidden"):
        (tmp_path / name).write_text("of somebody")
    read = read_outlines([tmp_path], stack)
    assert (read.labels == labels).all()
    assert [(one.code, one.values["name"]) for one in read.left_out] == [
        ("no_such_outlines", "contours.json"),
        ("no_such_outlines", "notes.txt"),
    ]


def test_that_what_a_label_map_leaves_unsaid_is_told_with_its_values(
    stack: CineStack, labels: np.ndarray, tmp_path: Path
) -> None:
    voxels = voxels_of(np.array([0, 7, 5, 9], np.uint8)[labels])
    whole = save_nifti(tmp_path / "whole.nii", voxels, stack_affine(stack.geometry))
    one = save_nifti(tmp_path / "one.nii", voxels[..., 1], stack_affine(stack.geometry))
    table = {7: Label.RV, 5: Label.MYO, 9: Label.LV}
    for path, given, unsaid in (
        (whole, None, ((5, 7, 9), False)),
        (one, None, ((5, 7, 9), True)),
        (one, table, ((), True)),
    ):
        with pytest.raises(LabelMapUnsaid) as asked:
            read_outlines([path], stack, table=given)
        assert (asked.value.values, asked.value.needs_phase) == unsaid


def test_that_outlines_of_others_correct_results_on_the_command_line(
    segmented_phantom: Path, labels: np.ndarray, stack: CineStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = labels.copy()
    theirs[:, 0][theirs[:, 0] == Label.LV] = 0
    path = save_nifti(tmp_path / "theirs.nii.gz", voxels_of(theirs), stack_affine(stack.geometry))
    before = {one: one.read_bytes() for one in segmented_phantom.iterdir()}
    command = ["outlines", str(segmented_phantom), "--from", str(path), "--labels", "1=rv", "2=myo", "3=lv"]
    for expected in (segmented_phantom.name, f"{segmented_phantom.name}-2"):  # nothing is written over
        assert main([*command, "--out", str(tmp_path / "out")]) == 0
        told = capsys.readouterr().out.splitlines()
        assert told[0].startswith("LV: 55 frames")
        assert Path(told[-1]) == tmp_path / "out" / expected
    kept = read_results(tmp_path / "out" / segmented_phantom.name)
    assert (kept.labels == theirs).all()
    assert (kept.ai_labels == labels).all()
    assert {phase for _, phase in kept.results.choices.frames_redrawn} == {0}
    assert kept.results.status is not None
    assert kept.results.status.state == "in_review"
    assert before == {one: one.read_bytes() for one in segmented_phantom.iterdir()}


def test_that_corrected_results_go_by_the_body_that_was_typed(segmented_phantom: Path, tmp_path: Path) -> None:
    facts = {"body": {"height_cm": 180.0, "weight_kg": 80.0}, "reference": {"sex": "M", "age_years": 50}}
    typed = with_facts(segmented_phantom, tmp_path / "typed", **facts)
    theirs, out = typed / "segmentation.nii.gz", tmp_path / "out"
    assert main(["outlines", str(typed), "--from", str(theirs), "--out", str(out)]) == 0
    corrected = read_results(out / "typed").results
    assert corrected.body == read_results(typed).results.body
    assert corrected.reference is not None
    assert (corrected.reference.sex, corrected.reference.age_years) == ("M", 50)
    measures = {one.measure for one in corrected.reference.comparisons}
    assert "lv.mass_g.indexed" in measures
    assert corrected.choices.heart_rate == "automatic"


def test_that_signed_results_are_not_corrected_on_the_command_line(
    segmented_phantom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = signed_copy(segmented_phantom, tmp_path / "signed", organisation="")
    command = ["outlines", str(signed), "--from", str(segmented_phantom / "segmentation.nii.gz")]
    assert main(command) == 0
    assert main([*command, "--out", str(tmp_path / "out")]) == 2
    assert "is signed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_that_ed_and_es_stay_at_phases_that_were_drawn(segmented_phantom: Path, tmp_path: Path) -> None:
    """Only ES is drawn, and larger than the model has it beside: the volume curve alone would take another phase."""
    before = read_results(segmented_phantom).results
    assert before.es_phase is not None
    image = nibabel.load(segmented_phantom / "segmentation.nii.gz")
    labels = np.asarray(image.dataobj)[..., before.es_phase]
    near = ndimage.binary_dilation(labels == Label.LV, np.ones((5, 5, 1)))
    drawn = np.where(near & (labels == Label.MYO), Label.LV, labels).astype(np.uint8)
    theirs, out = tmp_path / "theirs.nii.gz", tmp_path / "out"
    nibabel.save(nibabel.Nifti1Image(drawn, image.affine), theirs)
    command = ["outlines", str(segmented_phantom), "--from", str(theirs), "--phase", str(before.es_phase + 1)]
    assert main([*command, "--labels", "1=rv", "2=myo", "3=lv", "--out", str(out)]) == 0
    (folder,) = out.iterdir()
    after = read_results(folder).results
    assert after.es_phase == before.es_phase
    assert after.choices.es_phase == "reader"
    assert after.lv.esv_ml is not None
    assert after.lv.esv_ml > min(after.volumes_ml.lv) + 1.0  # where the curve alone would have gone
