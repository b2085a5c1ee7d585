"""`cinecor verify`: what was changed in a folder of results is named, and a sound one is said to be sound."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.review.frames import SPACING_MM
from unit.review.studies import small_review

from cinecor.app.review_session import ReviewSession
from cinecor.app.save_study import save_study
from cinecor.cli.main import main
from cinecor.errors import ResultsChanged, UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.report.kept_results import read_results
from cinecor.report.results import Results
from cinecor.report.verification import read_labels, verify_results
from cinecor.review import Gesture, History, Redraw, Review, SetPhase, redraw_one
from cinecor.review.ledger import Entry, Person, read_ledger
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.review.signed_ef import SignedEf, signed_ef
from cinecor.review.standing import Standing
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.review.tools.push import push
from cinecor.study.cine_stack import NiftiGrid

DOCTOR = Person("Dr Ada Wall", "Heart Centre", "ada")
INPUT = Path("study")
_INTERVAL = {"low_percent": 50.0, "high_percent": 60.0, "level": 0.9, "data": "x", "calibrated": 1}


def pushed(review: Review, phase: int) -> Redraw:
    assert review.labels is not None
    path = [(46.0, 36.0), (58.0, 36.0)]
    frame = push(review.labels[0, phase], path, radius_mm=9.0, pixel_spacing_mm=SPACING_MM)
    return redraw_one(Gesture.PUSH, (0, phase), frame)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a corrected and signed study."""
    folder = tmp_path_factory.mktemp("signed")
    review = small_review()
    store = StudyStore(folder / "store")
    kept = store.open(study_identity(review.stack), StudyCard(INPUT))
    kept.add_result(review.segmentation)  # type: ignore[arg-type]
    session = ReviewSession(History(review), kept=kept, person=DOCTOR)
    assert session.apply(pushed(session.review, 0))
    assert session.apply(SetPhase(Moment.ES, 2))
    session.undo()
    doubts = session.open_doubts(_findings(session.review))
    session.sign(comment="Base checked", reasons=dict.fromkeys(doubts, "small phantom"), input_path=INPUT)
    return save_study(session.review, input_path=INPUT, out_dir=folder / "out", standing=session.standing).folder.path


def _findings(review: Review) -> tuple[Any, ...]:
    from cinecor.review import review_result

    result = review_result(review)
    assert result is not None
    return result.quality.findings


@pytest.fixture
def results(signed: Path, tmp_path: Path) -> Path:
    """A copy of it to tamper with."""
    copy = tmp_path / "results"
    copy.mkdir()
    for file in signed.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def test_that_a_signed_result_is_sound_and_says_by_whom_it_is_signed(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify_results(results).faults == ()
    assert main(["verify", str(results)]) == 0
    told = capsys.readouterr().out
    assert "sound" in told
    assert "Signed by Dr Ada Wall" in told
    assert "version 1" in told


def test_that_the_final_masks_and_the_models_lie_side_by_side(results: Path) -> None:
    facts = Results.model_validate_json((results / "results.json").read_bytes())
    final, of_model = (read_labels(results / name, facts) for name in ("segmentation.nii.gz", "segmentation_ai.nii.gz"))
    review = small_review()
    assert (of_model == review.labels).all()
    assert facts.ai is not None
    assert facts.ai.frames_changed == [(0, 0)]
    assert np.argwhere((final != of_model).any(axis=(2, 3))).tolist() == [[0, 0]]
    assert facts.lv.edv_ml is not None
    assert facts.ai.lv.edv_ml is not None
    assert facts.ai.lv_change["edv_ml"] == pytest.approx(facts.lv.edv_ml - facts.ai.lv.edv_ml, abs=0.002)
    assert facts.volumes_ml.lv[1:] == facts.ai.volumes_ml.lv[1:]


def test_that_a_result_nobody_touched_is_the_models_and_not_verified(tmp_path: Path) -> None:
    saved = save_study(small_review(), input_path=INPUT, out_dir=tmp_path)
    assert saved.results.ai is None
    assert saved.results.status is not None
    assert saved.results.status.text == "AI, not verified"
    assert {path.name for path in saved.folder.path.iterdir()} == {"segmentation.nii.gz", "results.json", "volumes.csv"}
    assert verify_results(saved.folder.path).sound


def test_that_a_result_in_review_says_so_and_a_stale_model_mask_goes(tmp_path: Path) -> None:
    review = small_review()
    changed = pushed(review, 0).apply(review)
    saved = save_study(changed, input_path=INPUT, out_dir=tmp_path)
    assert saved.results.status is not None
    assert saved.results.status.state == "in_review"
    assert (saved.folder.path / "segmentation_ai.nii.gz").is_file()
    assert verify_results(saved.folder.path).sound
    save_study(review, input_path=INPUT, out_dir=tmp_path)
    assert not (saved.folder.path / "segmentation_ai.nii.gz").exists()


def _masks(results: Path, name: str = "segmentation.nii.gz") -> None:
    content = bytearray(gzip.decompress((results / name).read_bytes()))
    shape = (80, 72, 2, 4)  # x, y, slice, phase
    voxels = np.frombuffer(content, np.uint8, offset=len(content) - int(np.prod(shape))).reshape(shape, order="F")
    voxels[30:34, 30:34, 1, 2] = 0
    (results / name).write_bytes(gzip.compress(bytes(content)))


def _ai_masks(results: Path) -> None:
    _masks(results, "segmentation_ai.nii.gz")


def _json(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def tamper(results: Path) -> None:
        document = json.loads((results / "results.json").read_text(encoding="utf-8"))
        change(document)
        (results / "results.json").write_text(json.dumps(document), encoding="utf-8")

    return tamper


def _lines(change: Callable[[list[str]], object]) -> Callable[[Path], None]:
    def tamper(results: Path) -> None:
        lines = (results / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        change(lines)
        (results / "ledger.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    return tamper


def _swap(lines: list[str]) -> None:
    lines[0], lines[1] = lines[1], lines[0]


def _reword(lines: list[str]) -> None:
    lines[0] = lines[0].replace('"ada"', '"eve"')  # hashes may hold the letters too


def _other_ef(lines: list[str]) -> None:
    signature = json.loads(lines[-1])
    signature["act"]["facts"]["ef_percent"]["lv"]["ai"] += 1
    lines[-1] = json.dumps(signature)


def _signed_anew(results: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Write the signature's line with other facts and hashes that fit."""
    lines = (results / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    line = json.loads(lines[-1])
    change(line["act"]["facts"])
    line["hash"] = Entry.of_json(line).true_hash
    _lines(lambda lines: lines.__setitem__(-1, json.dumps(line)))(results)
    _json(lambda d: d["status"]["ledger"].update(last_hash=line["hash"]))(results)


def _bind_anew(document: dict[str, Any]) -> None:
    """Somebody who knows how: numbers that fit each other, with a digest that fits them."""
    from cinecor.review.ledger.entry import digest

    document["lv"]["mass_g"] = None
    document["status"]["bound"]["fields"]["lv"] = digest(document["lv"])


@pytest.mark.parametrize(
    ("tamper", "codes"),
    [
        (_masks, {"masks_changed", "volumes_not_of_masks", "ai_masks_changed"}),
        (_ai_masks, {"ai_masks_changed", "ai_volumes_not_of_masks"}),
        (
            _json(lambda d: d["lv"].update(ef_percent=60.0)),
            {"number_not_of_volumes", "fields_changed", "signed_other_ef"},
        ),
        (_json(lambda d: d["ai"]["lv"].update(ef_percent=60.0)), {"fields_changed", "signed_other_ef"}),
        (_json(lambda d: d["ai"]["rv"].update(ef_percent=None)), {"fields_changed", "signed_other_ef"}),
        (_json(lambda d: d["rv"].update(sv_ml=None)), {"number_not_of_volumes", "fields_changed"}),
        (
            _json(lambda d: d["volumes_ml"]["lv"].__setitem__(1, 99.0)),
            {"volumes_not_of_masks", "fields_changed", "table_changed"},
        ),
        (_json(lambda d: d["regional"].update(mid_wall_ed_mm=9.0)), {"fields_changed"}),
        (_json(lambda d: d["reference"].update(sex="F")), {"fields_changed"}),
        (_json(lambda d: d["choices"].update(es_phase="reader")), {"fields_changed"}),
        (_json(lambda d: d["ef_interval"].update(lv=_INTERVAL)), {"fields_changed"}),
        (_json(lambda d: d["quality"].update(findings=[])), {"fields_changed"}),
        (_json(lambda d: d["model"].update(id="other", version="9")), {"fields_changed"}),
        (_json(lambda d: d["stack"].update(phase_times_ms=[0.0, 1.0, 2.0, 3.0])), {"fields_changed", "table_changed"}),
        (_json(lambda d: d.pop("regional")), {"fields_changed"}),
        (_json(lambda d: d.update(more=1e999)), {"fields_changed"}),
        (_json(lambda d: d["status"].update(text="Signed by nobody")), {"status_changed"}),
        (_json(lambda d: d["status"].update(state="in_review")), {"status_changed"}),
        (_json(lambda d: d["status"].update(signature=None)), {"status_changed"}),
        (_json(lambda d: d["model"].update(sha256="0" * 64)), {"fields_changed"}),
        (_json(lambda d: d["status"]["signature"].update(name="Dr Eve")), {"signature_changed", "status_changed"}),
        (_json(lambda d: d["status"].update(version=2)), {"signature_changed", "status_changed"}),
        (_json(lambda d: d["status"]["bound"].update(masks="0" * 64)), {"mask_digest_changed", "signed_other_results"}),
        (_json(_bind_anew), {"number_not_of_volumes", "signed_other_results"}),
        (_lines(_swap), {"ledger_order_broken"}),
        (_lines(_reword), {"ledger_entry_changed"}),
        (_lines(_other_ef), {"ledger_entry_changed", "signed_other_ef"}),
        (_lines(lambda lines: lines.pop()), {"ledger_end_changed", "signature_not_in_ledger"}),
        (_lines(lambda lines: lines.append("{")), {"ledger_line_unreadable"}),
        (lambda results: (results / "ledger.jsonl").unlink(), {"result_file_missing"}),
        (lambda results: (results / "segmentation_ai.nii.gz").unlink(), {"result_file_missing"}),
        (lambda results: (results / "volumes.csv").unlink(), {"result_file_missing"}),
        (lambda results: (results / "volumes.csv").write_text("phase\n"), {"table_changed"}),
        (lambda results: (results / "segments.csv").write_text("segment\n"), {"table_changed"}),
        (lambda results: (results / "segmentation.nii.gz").write_bytes(b"nothing"), {"masks_unreadable"}),
        (lambda results: (results / "segmentation.nii.gz").write_bytes(gzip.compress(b"1")), {"masks_of_other_size"}),
        (lambda results: (results / "results.json").write_text("{}"), {"results_page_unreadable"}),
    ],
)  # fmt: skip
def test_that_what_was_changed_is_named_and_the_exit_code_tells(
    results: Path, tamper: Callable[[Path], object], codes: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(results)
    assert {fault.code for fault in verify_results(results).faults} == codes
    assert main(["verify", str(results)]) == 5
    assert str(results) in capsys.readouterr().err


def test_that_a_signature_tells_both_efs_and_they_are_those_of_the_results(results: Path) -> None:
    facts = Results.model_validate_json((results / "results.json").read_bytes())
    entries, _ = read_ledger((results / "ledger.jsonl").read_bytes())
    assert facts.ai is not None
    for ventricle, final, ai in (
        (Ventricle.LV, facts.lv.ef_percent, facts.ai.lv.ef_percent),
        (Ventricle.RV, facts.rv.ef_percent, facts.ai.rv.ef_percent),
    ):
        assert signed_ef(entries[-1], ventricle) == SignedEf(final, ai)
    assert facts.lv.ef_percent != facts.ai.lv.ef_percent
    assert [signed_ef(entry, Ventricle.LV) for entry in entries[:-1]] == [None] * (len(entries) - 1)


def test_that_a_signature_of_an_earlier_version_is_sound_without_efs(results: Path) -> None:
    _signed_anew(results, lambda facts: facts.pop("ef_percent"))
    assert verify_results(results).faults == ()


def test_that_efs_that_were_signed_anew_are_held_against_the_results(results: Path) -> None:
    _signed_anew(results, lambda facts: facts["ef_percent"]["rv"].update(final=1.0))
    assert [fault.code for fault in verify_results(results).faults] == ["signed_other_ef"]


def _signed_without(field: str) -> Callable[[dict[str, Any]], object]:
    return lambda facts: facts["bound"]["fields"].pop(field)


def _signed_as(field: str) -> Callable[[dict[str, Any]], object]:
    return lambda facts: facts["bound"]["fields"].update({field: "0" * 64})


def test_that_a_field_which_the_version_that_signed_did_not_have_is_no_fault(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _signed_anew(results, _signed_without("body"))
    found = verify_results(results)
    assert (found.faults, found.anew) == ((), ("body",))
    assert read_results(results).results.status is not None
    assert main(["verify", str(results)]) == 0
    assert "the signature does not hold them: body." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("field", "sound"), [("quality", True), ("reference", True), ("choices", False), ("lv", False)]
)
def test_that_findings_of_a_later_version_are_told_and_what_a_person_signed_must_be_the_same(
    results: Path, field: str, sound: bool
) -> None:
    """The signature holds another digest of a field, and the results say that it was made anew."""
    _signed_anew(results, _signed_as(field))
    assert [fault.code for fault in verify_results(results).faults] == ["signed_other_results"]  # nobody said so
    _json(lambda d: d["status"].update(anew=[field]))(results)
    found = verify_results(results)
    assert found.sound is sound
    assert found.anew == ((field,) if sound else ())


def test_that_a_signature_that_binds_no_fields_holds_for_none(results: Path) -> None:
    _signed_anew(results, lambda facts: facts["bound"].pop("fields"))
    assert [fault.code for fault in verify_results(results).faults] == ["signed_other_results"]


def test_that_results_say_which_fields_were_made_anew_since_they_were_signed(tmp_path: Path) -> None:
    """An older version signed without `body` and with other findings; this one writes the reading again."""
    review = small_review()
    store = StudyStore(tmp_path / "store")
    kept = store.open(study_identity(review.stack), StudyCard(INPUT))
    kept.add_result(review.segmentation)  # type: ignore[arg-type]
    session = ReviewSession(History(review), kept=kept, person=DOCTOR)
    reasons = dict.fromkeys(session.open_doubts(_findings(session.review)), "small phantom")
    signature = session.sign(comment="", reasons=reasons, input_path=INPUT)
    fields = signature.act.facts["bound"]["fields"]
    fields.pop("body")
    fields["quality"] = "0" * 64
    standing = replace(session.standing, ledger=(*session.standing.ledger[:-1], signature))
    saved = save_study(session.review, input_path=INPUT, out_dir=tmp_path / "out", standing=standing)
    assert saved.results.status is not None
    assert saved.results.status.anew == ["quality", "body"]


def test_that_changed_fields_are_named(results: Path) -> None:
    _json(lambda d: (d["quality"].update(findings=[]), d["model"].update(version="9")))(results)
    told = [str(fault) for fault in verify_results(results).faults]
    assert told == ["results.json was changed after it was written: quality and model."]


def test_that_nothing_is_read_from_changed_results(results: Path) -> None:
    assert read_results(results).results.status is not None
    _json(lambda d: d["lv"].update(ef_percent=60.0))(results)
    with pytest.raises(ResultsChanged, match="cinecor verify"):
        read_results(results)


def test_that_a_folder_of_results_is_verified_one_by_one(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(results.parent)]) == 0
    told = capsys.readouterr()
    assert f"{results}: sound" in told.out
    assert told.err == ""
    _masks(results)
    assert main(["verify", str(results.parent)]) == 5
    told = capsys.readouterr()
    assert told.out == ""
    *_, last = told.err.splitlines()
    assert told.err.count("not sound") == 1
    assert f"{results}: not sound. Trust none of its numbers" in last  # what that means, below what was changed


def test_that_what_was_signed_is_sound_when_it_is_saved_from_the_store(tmp_path: Path) -> None:
    """Findings and doubts are counted again from what the store kept."""
    review = small_review()
    assert review.segmentation is not None
    uncertain = np.random.default_rng(3).random((2, 4, len(Label)), np.float32) * 30
    review = replace(review, segmentation=replace(review.segmentation, uncertain_px=uncertain))
    assert review.segmentation is not None
    store, identity = StudyStore(tmp_path / "store"), study_identity(review.stack)
    kept = store.open(identity, StudyCard(INPUT))
    kept.add_result(review.segmentation)
    session = ReviewSession(History(review), kept=kept, person=DOCTOR)
    reasons = dict.fromkeys(session.open_doubts(_findings(review)), "small phantom")
    session.sign(comment="", reasons=reasons, input_path=INPUT)
    again = replace(review, segmentation=kept.segmentation())
    assert again.segmentation is not None
    assert (again.segmentation.uncertain_px == uncertain).all()
    folder = save_study(again, input_path=tmp_path / "moved", out_dir=tmp_path, standing=session.standing).folder.path
    assert verify_results(folder).faults == ()


def test_that_only_the_same_reading_replaces_what_was_signed(tmp_path: Path) -> None:
    review = small_review()
    store = StudyStore(tmp_path / "store")
    kept = store.open(study_identity(review.stack), StudyCard(INPUT))
    kept.add_result(review.segmentation)  # type: ignore[arg-type]
    session = ReviewSession(History(review), kept=kept, person=DOCTOR)
    out = tmp_path / "out"

    def saved(review: Review, standing: Standing | None) -> Path:
        return save_study(review, input_path=INPUT, out_dir=out, standing=standing).folder.path

    assert session.apply(pushed(session.review, 0))
    folder = saved(session.review, session.standing)
    reasons = dict.fromkeys(session.open_doubts(_findings(session.review)), "small phantom")
    session.sign(comment="", reasons=reasons, input_path=INPUT)
    assert saved(session.review, session.standing) == folder
    signed = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert saved(small_review(), Standing()) == saved(small_review(), None) == folder.with_name(f"{folder.name}-2")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == signed
    session.amend("measured at the wrong base")
    assert saved(session.review, session.standing) == folder
    assert Results.model_validate_json((folder / "results.json").read_bytes()).status.version == 2  # type: ignore[union-attr]


def test_that_changed_masks_are_named_by_slice_and_phase(results: Path) -> None:
    _masks(results)
    told = [str(fault) for fault in verify_results(results).faults]
    assert "The masks were changed after they were written: slice 2, phase 3." in told
    assert any("volume in phase 3 is not what the masks hold" in text for text in told)


def test_that_a_folder_without_results_is_a_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"no results\.json"):
        verify_results(tmp_path)
    assert main(["verify", str(tmp_path)]) == 2
    assert "results.json" in capsys.readouterr().err


def test_that_results_from_before_they_were_bound_are_counted_again(results: Path) -> None:
    _json(lambda d: (d.pop("status"), d.pop("ai")))(results)
    assert verify_results(results).sound
    _masks(results)
    assert {fault.code for fault in verify_results(results).faults} == {"volumes_not_of_masks"}


def test_that_papillary_muscles_in_the_mass_can_be_verified(tmp_path: Path) -> None:
    review = replace(small_review(), papillaries=PapillaryChoice(PapillaryConvention.MASS, ((1, 0.5),)))
    saved = save_study(review, input_path=INPUT, out_dir=tmp_path)
    assert saved.results.choices.papillary == "mass"
    assert saved.results.choices.papillary_shifts == {1: 0.5}
    assert "included" in saved.results.conventions["mass"]
    assert verify_results(saved.folder.path).sound


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_that_the_masks_of_a_nifti_are_read_on_any_order_of_its_axes(
    tmp_path: Path, axes: tuple[int, int, int]
) -> None:
    import nibabel

    review = small_review()
    labels = review.labels
    assert labels is not None
    shape = (labels.shape[3], labels.shape[2], labels.shape[0])
    in_file = tuple(shape[axes.index(axis)] for axis in range(3))
    header = nibabel.Nifti1Header()
    header.set_data_shape((*in_file, labels.shape[1]))
    header.set_zooms((1.4, 1.4, 8.0, 1.0))
    stack = replace(review.stack, nifti=NiftiGrid(header.binaryblock, axes))
    saved = save_study(replace(review, stack=stack), input_path=tmp_path / "cine.nii.gz", out_dir=tmp_path / "out")
    assert (read_labels(saved.folder.segmentation, saved.results) == labels).all()
    assert verify_results(saved.folder.path).sound
