"""Exports hold what the results hold, in forms that validators and other programs take; and no identity if asked."""

import gzip
import json
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pydicom
import pypdfium2
import pytest
from highdicom.seg import segread
from result_folders import signed_copy
from validators import dcentvfy_errors, dciodvfy_errors, dciodvfy_kind

from cinecor.app.export_options import Anonymity, Exported, ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.report_study import ReportOptions, report_study
from cinecor.cli.main import main
from cinecor.errors import InputError, OutputError, UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.anonymous.image_file import read_image
from cinecor.report.anonymous.mapping import Mapping, open_mapping
from cinecor.report.anonymous.pseudonym import Pseudonym
from cinecor.report.dicom.measurement_reader import numbers_in
from cinecor.report.dicom.segmentation_reader import read_segmentations
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.report.verification import verify_results
from cinecor.study import open_input
from cinecor.study.cine_stack import CineStack
from cinecor.study.dicom.file_source import FileSource
from cinecor_phantom import Acquisition, make_phantom, write_dicom

EVERYTHING = frozenset(Form)
WITHOUT_IMAGES = EVERYTHING - {Form.IMAGES}
PLANTED = ("ZZQSURNAME", "ZZQ4711", "19421231", "ZZQACC99", "ZZQHOSPITAL", "ZZQREFERRER", "ZZQSERIES", "ZZQFOLDER",
           "ZZQPRIVATE", "ZZQREADER", "ZZQCLINIC", "ZZQCOMMENT", "ZZQWARD", "ZZQLOGO", "ZZQWORDS",
           "1.2.276.0.99999.77")  # fmt: skip


@pytest.fixture(scope="module")
def stack(phantom_study: Path) -> CineStack:
    return open_input(phantom_study)[0]


@pytest.fixture(scope="module")
def kept(segmented_phantom: Path) -> KeptResults:
    return read_results(segmented_phantom)


@pytest.fixture(scope="module")
def exported(segmented_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export_study(
        segmented_phantom, out_dir=tmp_path_factory.mktemp("export"), options=ExportOptions(WITHOUT_IMAGES)
    )


@pytest.fixture(scope="module")
def whole_cine(segmented_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = ExportOptions(frozenset({Form.SEG}), whole_cine=True)
    return export_study(segmented_phantom, out_dir=tmp_path_factory.mktemp("cine"), options=options).folder


def objects_of(folder: Path) -> list[tuple[str, pydicom.Dataset]]:
    return [(path.name, pydicom.dcmread(path)) for path in sorted(folder.rglob("seg-*/*.dcm"))]


def test_that_every_form_is_there_and_nothing_is_refused(exported: Exported, kept: KeptResults) -> None:
    assert exported.refused == ()
    phases = {f"seg-ai/phase-{phase + 1:03d}.dcm" for phase in range(kept.results.stack.phases)}
    assert set(exported.files) == phases | {
        "sr-ai.dcm", "report.pdf", "report.dcm", "report-page.dcm", "volumes.csv", "segments.csv", "results.json",
        "segmentation.nii.gz",
    }  # fmt: skip


def test_that_dciodvfy_finds_no_error(exported: Exported, whole_cine: Path) -> None:
    kinds = {
        "seg-ai/phase-001.dcm": "Segmentation", "sr-ai.dcm": "Comprehensive3DSR", "report.dcm": "EncapsulatedPDF",
        "report-page.dcm": "SCImage",
    }  # fmt: skip
    looked_at = {exported.folder / name: kind for name, kind in kinds.items()}
    for path, kind in {**looked_at, whole_cine / "seg-ai" / "cine.dcm": "Segmentation"}.items():
        assert dciodvfy_errors(path) == [], path
        assert dciodvfy_kind(path) == kind


def test_that_dcentvfy_finds_the_objects_consistent_with_each_other(exported: Exported) -> None:
    assert dcentvfy_errors(exported.folder / name for name in exported.files if name.endswith(".dcm")) == []


@pytest.mark.parametrize(("cine", "label_map"), [(False, False), (False, True), (True, False), (True, True)])
def test_that_labels_come_back_bit_for_bit_on_their_own_frames(
    segmented_phantom: Path, exported: Exported, whole_cine: Path, stack: CineStack, tmp_path: Path,
    *, cine: bool, label_map: bool,
) -> None:  # fmt: skip
    kept = read_results(segmented_phantom)
    folder = whole_cine if cine else exported.folder
    if label_map:
        options = ExportOptions(frozenset({Form.SEG}), whole_cine=cine, label_map=True)
        folder = export_study(segmented_phantom, out_dir=tmp_path, options=options).folder
    read = read_segmentations(objects_of(folder), stack)
    assert (read.labels == kept.labels).all()
    assert set(read.drawn) == set(np.ndindex(kept.labels.shape[:2]))
    assert set(read.drawn.values()) == {frozenset({Label.RV, Label.MYO, Label.LV})}
    assert read.left_out == ()


def test_that_highdicom_reads_the_whole_cine_by_source_image(
    whole_cine: Path, kept: KeptResults, stack: CineStack
) -> None:
    seg = segread(whole_cine / "seg-ai" / "cine.dcm")
    assert stack.frames is not None
    for phase in range(stack.phases):
        uids = [str(row[phase].sop_instance_uid) for row in stack.frames if row[phase] is not None]
        read = seg.get_pixels_by_source_instance(source_sop_instance_uids=uids, combine_segments=True)
        assert (np.asarray(read) == kept.labels[:, phase]).all()


def test_that_dcmqi_reads_each_phase_as_it_is(exported: Exported, kept: KeptResults, tmp_path: Path) -> None:
    """The other program gives one NIfTI a segment, on the geometry that the object says."""
    import nibabel

    phase = int(kept.results.es_phase or 0)
    path = exported.folder / f"seg-ai/phase-{phase + 1:03d}.dcm"
    program = [sys.executable, "-c", "import dcmqi; dcmqi.segimage2itkimage()"]
    how = ["--outputDirectory", tmp_path, "--outputType", "nii", "--prefix", "x"]
    subprocess.run([*program, "--inputDICOM", path, *how], check=True, capture_output=True)
    ours = nibabel.load(exported.folder / "segmentation.nii.gz")
    for number in (1, 2, 3):
        theirs = nibabel.load(next(tmp_path.glob(f"x-{number}.nii*")))
        wanted = np.asanyarray(ours.dataobj)[..., phase] == number
        require_same_place(np.asanyarray(theirs.dataobj) != 0, theirs.affine, wanted, ours.affine)


def require_same_place(theirs: np.ndarray, their_affine: np.ndarray, ours: np.ndarray, our_affine: np.ndarray) -> None:
    """Fail where one voxel of theirs has another value than the voxel of ours that lies there."""
    import nibabel

    inside = np.argwhere(ours != 0)
    there = nibabel.affines.apply_affine(np.linalg.inv(their_affine) @ our_affine, inside)
    assert np.abs(there - there.round()).max() < 0.01
    found = np.zeros_like(theirs)
    found[tuple(there.round().astype(int).T)] = ours[tuple(inside.T)]
    assert (found == theirs).all()


def test_that_dcmqi_reads_a_label_map_as_it_is(segmented_phantom: Path, kept: KeptResults, tmp_path: Path) -> None:
    import nibabel

    options = ExportOptions(frozenset({Form.SEG}), label_map=True)
    folder = export_study(segmented_phantom, out_dir=tmp_path / "out", options=options).folder
    phase = int(kept.results.es_phase or 0)
    program = [sys.executable, "-c", "import dcmqi; dcmqi.segimage2itkimage()", "--outputDirectory", tmp_path]
    how = ["--outputType", "nii", "--prefix", "x", "--inputDICOM", folder / f"seg-ai/phase-{phase + 1:03d}.dcm"]
    subprocess.run([*program, *how], check=True, capture_output=True)
    theirs = nibabel.load(tmp_path / "x-1.nii.gz")
    ours = nibabel.load(segmented_phantom / "segmentation.nii.gz")
    wanted = np.asanyarray(ours.dataobj)[..., phase]
    require_same_place(np.asanyarray(theirs.dataobj), theirs.affine, wanted, ours.affine)


def test_that_dcmqi_reads_the_numbers_of_the_report(exported: Exported, kept: KeptResults, tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import dcmqi; dcmqi.tid1500reader()"]
    how = ["--inputDICOM", exported.folder / "sr-ai.dcm", "--outputMetadata", tmp_path / "sr.json"]
    subprocess.run([*program, *how], check=True, capture_output=True)
    groups = json.loads((tmp_path / "sr.json").read_text())["Measurements"]
    assert [group["Finding"]["CodeValue"] for group in groups] == ["87878005", "53085002"]
    for group, ventricle, function in zip(groups, Ventricle, (kept.results.lv, kept.results.rv), strict=True):
        told = {
            item["quantity"]["CodeValue"]: (float(item["value"]), item["units"]["CodeValue"])
            for item in group["measurementItems"]
        }
        for quantity in QUANTITIES:
            value = quantity.of(function)
            if ventricle in quantity.codes and value is not None:
                assert told[quantity.codes[ventricle].value] == (value, quantity.ucum)


def test_that_the_report_holds_the_numbers_of_the_results(exported: Exported, kept: KeptResults) -> None:
    found = numbers_in(pydicom.dcmread(exported.folder / "sr-ai.dcm"))
    for ventricle, code, function in (
        (Ventricle.LV, "87878005", kept.results.lv),
        (Ventricle.RV, "53085002", kept.results.rv),
    ):
        for quantity in QUANTITIES:
            if ventricle in quantity.codes and quantity.of(function) is not None:
                assert found[code, quantity.codes[ventricle].value] == quantity.of(function)


def test_that_what_nobody_signed_is_not_verified(exported: Exported) -> None:
    report = pydicom.dcmread(exported.folder / "sr-ai.dcm")
    assert report.VerificationFlag == "UNVERIFIED"
    assert report.CompletionFlag == "PARTIAL"
    assert "AI, not verified" in report.SeriesDescription


@pytest.mark.parametrize(("organisation", "flag"), [("Heart Centre", "VERIFIED"), ("", "UNVERIFIED")])
def test_that_only_a_signature_with_an_organisation_verifies(
    segmented_phantom: Path, tmp_path: Path, organisation: str, flag: str
) -> None:
    signed = signed_copy(segmented_phantom, tmp_path / "signed", organisation=organisation)
    folder = export_study(
        signed, out_dir=tmp_path / "out", options=ExportOptions(frozenset({Form.SR, Form.SEG}))
    ).folder
    report = pydicom.dcmread(folder / "sr-final.dcm")
    assert report.VerificationFlag == flag
    assert ("Wall^Ada" in str(report.get("VerifyingObserverSequence", ""))) == bool(organisation)
    assert pydicom.dcmread(folder / "sr-ai.dcm").VerificationFlag == "UNVERIFIED"
    ai, final = (pydicom.dcmread(folder / f"seg-{who}" / "phase-001.dcm") for who in ("ai", "final"))
    assert ai.SeriesInstanceUID != final.SeriesInstanceUID
    assert ai.SegmentSequence[0].SegmentAlgorithmType == "AUTOMATIC"
    assert final.SegmentSequence[0].SegmentAlgorithmType == "SEMIAUTOMATIC"


@pytest.mark.parametrize("anonymity", [None, Anonymity(), Anonymity(keep_characteristics=True)])
@pytest.mark.parametrize("signed", [False, True])
def test_that_what_is_exported_can_be_verified_and_a_change_of_it_is_noticed(
    segmented_phantom: Path, tmp_path: Path, anonymity: Anonymity | None, signed: bool
) -> None:
    results = signed_copy(segmented_phantom, tmp_path / "r", organisation="") if signed else segmented_phantom
    options = ExportOptions(frozenset({Form.CSV, Form.NIFTI}), anonymity=anonymity)
    done = export_study(results, out_dir=tmp_path / "out", options=options)
    found = verify_results(done.folder)
    assert found.faults == ()
    assert ("Wall" in found.status) == (signed and anonymity is None)
    assert found.status.startswith("Signed" if signed else "AI")
    assert ("ledger.jsonl" in done.files) == (signed and anonymity is None)
    table = (done.folder / "segments.csv").read_text()
    (done.folder / "segments.csv").write_text(table.replace("basal", "apical"))
    assert [str(fault) for fault in verify_results(done.folder).faults] == [
        "segments.csv does not hold what results.json says."
    ]
    page = json.loads((done.folder / "results.json").read_text())
    page["quality"]["findings"] = page["quality"]["findings"][1:]
    (done.folder / "results.json").write_text(json.dumps(page))
    assert "fields_changed" in {fault.code for fault in verify_results(done.folder).faults}


@pytest.mark.parametrize(
    "command", [("report",), ("export", "--to", "csv"), ("export", "--to", "csv", "nifti", "--anonymise")]
)
def test_that_nothing_is_made_of_results_that_were_changed(
    segmented_phantom: Path, tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    shutil.copytree(segmented_phantom, results)
    page = json.loads((results / "results.json").read_text())
    page["lv"]["ef_percent"] += 20
    (results / "results.json").write_text(json.dumps(page))
    out = tmp_path / ("report.pdf" if command[0] == "report" else "out")
    assert main([command[0], str(results), *command[1:], "--out", str(out)]) == 5
    told = capsys.readouterr().err
    assert "were changed after they were written; `cinecor verify`" in told
    assert not out.exists()


def test_that_a_comment_on_signing_is_no_impression(segmented_phantom: Path, tmp_path: Path) -> None:
    signed = signed_copy(segmented_phantom, tmp_path / "signed", organisation="")
    for given in ("", "ZZQIMPRESSION"):
        made = report_study(signed, options=ReportOptions(impression=given))
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made)]
        assert re.search(r"Comment of the signature\s+ZZQCOMMENT", pages[0])
        assert ("Impression" in pages[0]) == bool(given)
        assert (re.search(r"Impression\s+ZZQIMPRESSION", pages[0]) is not None) == bool(given)
        assert "ZZQ" not in " ".join(pages[1:])  # what fits on the first page stands there alone


def test_that_an_export_bears_the_impression_in_its_report(segmented_phantom: Path, tmp_path: Path) -> None:
    words = ("--to", "pdf", "csv", "--impression", "ZZQIMPRESSION", "--out", str(tmp_path))
    assert main(["export", str(segmented_phantom), *words]) in (0, 1)  # 1: no DICOM of a study that is not at hand
    (report,) = tmp_path.glob("*/report.pdf")
    assert "ZZQIMPRESSION" in pypdfium2.PdfDocument(report)[0].get_textpage().get_text_range()


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--to", "csv"), "add pdf, capture or sr to --to"), (("--to", "pdf", "--anonymise"), "may name the patient")],
)
def test_that_an_impression_that_would_stand_nowhere_is_refused(
    segmented_phantom: Path, tmp_path: Path, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(segmented_phantom), *options, "--impression", "Fine.", "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_that_the_encapsulated_report_is_the_report(exported: Exported) -> None:
    held = pydicom.dcmread(exported.folder / "report.dcm")
    pdf = (exported.folder / "report.pdf").read_bytes()
    assert held.EncapsulatedDocument[: held.EncapsulatedDocumentLength] == pdf
    assert len(held.EncapsulatedDocument) % 2 == 0
    assert held.BurnedInAnnotation == "YES"


def test_that_the_captured_page_is_the_reports_first(exported: Exported) -> None:
    shown = pydicom.dcmread(exported.folder / "report-page.dcm")
    page = pypdfium2.PdfDocument(exported.folder / "report.pdf")[0].render(scale=150 / 72).to_numpy()[..., ::-1]
    pixels = shown.pixel_array
    assert pixels.shape == (1754, 1240, 3)
    page = page[: pixels.shape[0], : pixels.shape[1]]
    difference = np.abs(pixels[: page.shape[0], : page.shape[1]].astype(int) - page)
    assert difference.mean() < 4
    blank = np.abs(255 - page.astype(int)).mean()
    assert blank > 3 * difference.mean()  # an empty page would be as near
    assert (shown.BurnedInAnnotation, shown.Modality) == ("YES", "OT")
    report = pydicom.dcmread(exported.folder / "report.dcm")
    assert shown.StudyInstanceUID == report.StudyInstanceUID
    assert shown.SeriesInstanceUID != report.SeriesInstanceUID


def test_that_an_export_writes_over_nothing(segmented_phantom: Path, tmp_path: Path) -> None:
    options = ExportOptions(frozenset({Form.CSV}))
    first = export_study(segmented_phantom, out_dir=tmp_path, options=options).folder
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    second = export_study(segmented_phantom, out_dir=tmp_path, options=options).folder
    assert second != first
    assert before == {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}


def test_that_images_go_out_without_identity_only(segmented_phantom: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="add --anonymise"):
        export_study(segmented_phantom, out_dir=tmp_path, options=ExportOptions(frozenset({Form.IMAGES})))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A heart of few and coarse frames: what is done with many objects is quick then."""
    acquisition = Acquisition(slices=11, phases=3, rows=96, columns=112, pixel_spacing_mm=2.2)
    study = tmp_path_factory.mktemp("small") / "study"
    write_dicom(make_phantom(acquisition=acquisition), study, style="siemens")
    return study


@pytest.mark.parametrize("cine", [False, True])
@pytest.mark.parametrize("of_each", ["SeriesInstanceUID", "SOPInstanceUID"])
def test_that_each_frame_of_reference_gets_objects_of_its_own(
    small_study: Path, write_true_results: Callable[[Path, Path], Path], tmp_path: Path, of_each: str, cine: bool
) -> None:
    study = tmp_path / "study"
    shutil.copytree(small_study, study)
    named = {}
    for path in sorted(study.rglob("*.dcm")):
        image = pydicom.dcmread(path)
        image.FrameOfReferenceUID = pydicom.uid.generate_uid(entropy_srcs=[str(image[of_each].value)])
        named[image.SOPInstanceUID] = image.FrameOfReferenceUID
        image.save_as(path)
    results = write_true_results(study, tmp_path / "results")
    options = ExportOptions(frozenset({Form.SEG}), whole_cine=cine)
    done = export_study(results, out_dir=tmp_path / "out", options=options)
    assert [note.code for note in done.notes] == ["seg_in_parts"]
    assert f"name {len(set(named.values()))} frames of reference" in str(done.notes[0])
    objects = objects_of(done.folder)
    assert len(objects) == (len(set(named.values())) if cine or of_each == "SOPInstanceUID" else len(named))
    for _, seg in objects:
        for item in seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence:
            assert named[item.ReferencedSOPInstanceUID] == seg.FrameOfReferenceUID
    assert dciodvfy_errors(done.folder / "seg-ai" / objects[0][0]) == []
    read = read_segmentations(objects, open_input(study)[0])
    assert (read.labels == read_results(results).labels).all()
    assert read.left_out == ()


def test_that_images_without_a_frame_of_reference_make_no_seg_and_all_the_rest(
    small_study: Path, write_true_results: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(small_study, study)
    path = sorted(study.rglob("*.dcm"))[-1]
    image = pydicom.dcmread(path)
    del image.FrameOfReferenceUID
    image.save_as(path)
    results = write_true_results(study, tmp_path / "results")
    with pytest.raises(InputError, match="name no frame of reference"):
        export_study(results, out_dir=tmp_path / "out", options=ExportOptions(frozenset({Form.SEG})))
    done = export_study(results, out_dir=tmp_path / "out", options=ExportOptions(WITHOUT_IMAGES))
    assert [form for form, _ in done.refused] == [Form.SEG]
    assert "sr-ai.dcm" in done.files


@pytest.fixture(scope="module")
def planted(
    phantom_study: Path, write_true_results: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Results of a study that names its patient wherever there is a place for it."""
    folder = tmp_path_factory.mktemp("planted")
    study = folder / "ZZQFOLDER ZZQSURNAME"
    shutil.copytree(phantom_study, study)
    for number, path in enumerate(sorted(study.rglob("*.dcm"))):
        image = pydicom.dcmread(path)
        image.PatientName, image.PatientID, image.PatientBirthDate = "ZZQSURNAME^Given", "ZZQ4711", "19421231"
        image.AccessionNumber, image.InstitutionName, image.ReferringPhysicianName = (
            "ZZQACC99",
            "ZZQHOSPITAL",
            "ZZQREFERRER",
        )
        image.SeriesDescription = image.ProtocolName = "SAX ZZQSERIES ZZQSURNAME"
        image.PatientSex, image.PatientSize, image.PatientWeight = "F", 1.71, 64
        image.ImageComments = image.StudyDescription = image.StationName = "ZZQSURNAME"
        image.StudyInstanceUID = "1.2.276.0.99999.77.1"
        image.FrameOfReferenceUID = "1.2.276.0.99999.77.2"
        image.SeriesInstanceUID = f"1.2.276.0.99999.77.3.{int(str(image.SeriesInstanceUID)[-6:])}"
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = f"1.2.276.0.99999.77.4.{number + 1}"
        image.private_block(0x0029, "ZZQPRIVATE", create=True).add_new(0x10, "LO", "ZZQSURNAME")
        image.file_meta.SourceApplicationEntityTitle = "ZZQHOSPITAL"
        image.save_as(path.with_name(f"ZZQSURNAME {number}.dcm"))
        path.unlink()
    (study / "ZZQSURNAME notes.txt").write_text("left out, and named in the audit")
    results = write_true_results(study, folder / "results")
    return signed_copy(
        results, folder / "signed", name="ZZQREADER^Ada", organisation="ZZQCLINIC", comment="ZZQCOMMENT on ZZQSURNAME"
    )


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it lies there, and what is packed inside: gzip, the streams and the text of a PDF."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)), str(path.relative_to(folder)).encode()
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path.name, content
        if path.name.endswith(".gz"):
            yield f"{path.name}, unpacked", gzip.decompress(content)
        if path.suffix == ".pdf":
            for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
                for packed in (stream, stream.strip()):
                    try:
                        yield f"{path.name}, stream", zlib.decompress(packed)
                    except zlib.error:
                        continue
            document = pypdfium2.PdfDocument(content)
            yield f"{path.name}, metadata", json.dumps(document.get_metadata_dict()).encode()
            for page in document:
                yield f"{path.name}, text", page.get_textpage().get_text_range().encode()


@pytest.mark.parametrize("keep", [False, True])
def test_that_an_anonymous_export_holds_no_planted_identifier(planted: Path, tmp_path: Path, keep: bool) -> None:
    named = b"".join(content for _, content in contents(planted))
    assert b"ZZQSURNAME" in named  # else the test would see nothing
    logo = planted.parent / "ZZQLOGO.png"  # is not there: whoever looks for it fails
    report = ReportOptions(department="ZZQWARD", logo=logo, impression="Mrs ZZQSURNAME: ZZQWORDS")
    options = ExportOptions(EVERYTHING, report=report, anonymity=Anonymity(keep_characteristics=keep))
    done = export_study(planted, out_dir=tmp_path, options=options)
    assert done.refused == ()
    looked_at = 0
    for where, content in contents(tmp_path):
        looked_at += 1
        for secret in PLANTED:
            for spelled in (secret, secret.lower(), secret.capitalize()):
                for written in (spelled.encode(), spelled.encode("utf-16-le"), spelled.encode("utf-16-be")):
                    assert written not in content, (where, spelled)
    assert looked_at > 60
    image = pydicom.dcmread(done.folder / "images" / "00001.dcm")
    assert image.get("PatientWeight") == (64 if keep else None)
    body = json.loads((done.folder / "results.json").read_text(encoding="utf-8"))["body"]
    assert body == ({"height_cm": 171.0, "weight_kg": 64.0} if keep else None)
    codes = {item.CodeValue for item in image.DeidentificationMethodCodeSequence}
    assert codes == ({"113100", "113108"} if keep else {"113100"})


def test_that_an_anonymous_study_is_whole_and_its_pixels_are_untouched(planted: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    anonymity = Anonymity(pseudonym="CASE-7", mapping=mapping)
    folder = export_study(
        planted, out_dir=tmp_path / "out", options=ExportOptions(EVERYTHING, anonymity=anonymity)
    ).folder
    assert folder.name == "CASE-7"
    named, _ = open_input(Path(read_results(planted).results.input))
    stack, _ = open_input(folder / "images")
    assert (stack.pixels == named.pixels).all()
    assert stack.phase_times_ms == named.phase_times_ms
    read = read_segmentations(objects_of(folder), stack)
    assert (read.labels == read_results(planted).labels).all()
    back = json.loads(mapping.read_text())
    assert back[0]["pseudonym"] == "CASE-7"
    assert back[0]["patient_id"] == "ZZQ4711"
    assert mapping.stat().st_mode & 0o077 == 0
    results = json.loads((folder / "results.json").read_text())
    assert results["stack"]["files"][0][0] == "images/00001.dcm"
    assert results["lv"] == json.loads((planted / "results.json").read_text())["lv"]


def test_that_the_same_study_gets_other_uids_in_another_export(planted: Path, tmp_path: Path) -> None:
    options = ExportOptions(frozenset({Form.SR}), anonymity=Anonymity())
    one, other = (
        pydicom.dcmread(export_study(planted, out_dir=tmp_path, options=options).folder / "sr-ai.dcm") for _ in range(2)
    )
    assert one.StudyInstanceUID != other.StudyInstanceUID
    assert one.PatientID != other.PatientID


@pytest.fixture(scope="module")
def burned_in(
    planted: Path, write_true_results: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Results of a study whose next to last image says that text is burned into it."""
    folder = tmp_path_factory.mktemp("burned")
    study = folder / "study"
    shutil.copytree(Path(read_results(planted).results.input), study)
    stack, _ = open_input(study)
    assert stack.frames is not None
    frame = stack.frames[-1][-2]
    assert frame is not None
    image = pydicom.dcmread(study / frame.path)
    image.BurnedInAnnotation = "YES"
    image.save_as(study / frame.path)
    return write_true_results(study, folder / "results")


@pytest.mark.parametrize("form", [Form.IMAGES, Form.PDF, Form.CAPTURE])
def test_that_nothing_that_shows_burned_in_text_goes_out_without_identity(
    burned_in: Path, tmp_path: Path, form: Form
) -> None:
    with pytest.raises(InputError, match="text is burned into it"):
        export_study(burned_in, out_dir=tmp_path, options=ExportOptions(frozenset({form}), anonymity=Anonymity()))
    assert list(tmp_path.iterdir()) == []


def test_that_what_shows_no_pixels_goes_out_beside_burned_in_text(burned_in: Path, tmp_path: Path) -> None:
    done = export_study(burned_in, out_dir=tmp_path, options=ExportOptions(EVERYTHING, anonymity=Anonymity()))
    assert {form for form, _ in done.refused} == {Form.IMAGES, Form.PDF, Form.CAPTURE}
    there = {path.name for path in done.folder.iterdir()}
    assert there >= {"results.json", "volumes.csv", "segmentation.nii.gz"}
    assert not there & {"images", "report.pdf", "report.dcm", "report-page.dcm"}
    files = json.loads((done.folder / "results.json").read_text())["stack"]["files"]
    assert {name for row in files for name in row} == {None}


def test_that_images_are_whole_or_absent(planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    def fails_later(source: FileSource) -> pydicom.FileDataset:
        read.append(source)
        if len(read) == 9:
            raise InputError(Message("image_unreadable", "An image of the study can no longer be read (gone)."))
        return read_image(source)

    monkeypatch.setattr("cinecor.report.anonymous.image_file.read_image", fails_later)
    options = ExportOptions(frozenset({Form.IMAGES, Form.CSV}), anonymity=Anonymity())
    done = export_study(planted, out_dir=tmp_path, options=options)
    assert [form for form, _ in done.refused] == [Form.IMAGES]
    assert not (done.folder / "images").exists()
    assert not any(name.startswith("images/") for name in done.files)
    assert "images/" not in (done.folder / "results.json").read_text()


def test_that_a_mapping_that_cannot_be_added_to_stops_the_export_before_it_begins(
    segmented_phantom: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.json"
    options = ExportOptions(frozenset({Form.CSV}), anonymity=Anonymity(mapping=mapping))
    for content in ("no mapping", '{"a": "thing of somebody else"}'):
        mapping.write_text(content)
        with pytest.raises(InputError, match="no mapping"):
            export_study(segmented_phantom, out_dir=tmp_path / "out", options=options)
        assert mapping.read_text() == content
    nowhere = ExportOptions(options.forms, anonymity=Anonymity(mapping=tmp_path / "not there" / "mapping.json"))
    with pytest.raises(OutputError, match="cannot be kept"):
        export_study(segmented_phantom, out_dir=tmp_path / "out", options=nowhere)
    assert not (tmp_path / "out").exists()


def test_that_no_export_adds_to_a_mapping_while_another_does(tmp_path: Path) -> None:
    path = tmp_path / "mapping.json"

    def keep(mapping: Mapping, name: str) -> None:
        mapping.keep(Pseudonym(name), patient_id="", patient_name="", results=tmp_path)

    with open_mapping(path) as one:
        with pytest.raises(OutputError, match="Another export"), open_mapping(path, longest_wait_s=0.0):
            pass
        keep(one, "A")
    with open_mapping(path) as other:
        keep(other, "B")
    assert [row["pseudonym"] for row in json.loads(path.read_text())] == ["A", "B"]


def test_that_a_nifti_study_makes_no_dicom(tmp_path: Path, segmented_phantom: Path) -> None:
    import nibabel

    study = tmp_path / "cine.nii"
    nibabel.save(nibabel.Nifti1Image(np.random.default_rng(1).random((32, 32, 3, 4), np.float32), np.eye(4)), study)
    page = json.loads((segmented_phantom / "results.json").read_text())
    from cinecor.report.names import input_id

    page |= {"input": str(study), "input_id": input_id(study), "status": None}
    page["stack"] |= {
        "slices": 3, "phases": 4, "rows": 32, "columns": 32, "series_uids": [], "file_axes": [0, 1, 2],
        "files": [["cine.nii"] * 4] * 3, "slice_extent_mm": [1.0] * 3, "phase_times_ms": None,
    }  # fmt: skip
    page["volumes_ml"] = {name: [1.0] * 4 for name in ("lv", "rv", "myo")}
    page |= {"ed_phase": 0, "es_phase": 1}
    results = tmp_path / "results"
    results.mkdir()
    (results / "results.json").write_text(json.dumps(page))
    nibabel.save(nibabel.Nifti1Image(np.zeros((32, 32, 3, 4), np.uint8), np.eye(4)), results / "segmentation.nii.gz")
    with pytest.raises(UsageError, match="no DICOM images"):
        export_study(results, out_dir=tmp_path / "out", options=ExportOptions(frozenset({Form.SEG, Form.SR})))
    done = export_study(results, out_dir=tmp_path / "out", options=ExportOptions(WITHOUT_IMAGES))
    assert {form for form, _ in done.refused} == {Form.SEG, Form.SR, Form.CAPTURE}
    assert set(done.files) == {"report.pdf", "volumes.csv", "segments.csv", "results.json", "segmentation.nii.gz"}
