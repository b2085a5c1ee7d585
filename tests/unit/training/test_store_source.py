"""Rules of the store as a source: signed readings alone, patient by patient, with the images they were drawn on."""

import shutil
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from unit.review.valve.rings import MITRAL, lines

from cinecor.app.drift import drift
from cinecor.app.review_session import ReviewSession
from cinecor.cli.main import main
from cinecor.errors import InputError, UsageError
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.review import (
    AcceptFrames,
    BaseRule,
    Body,
    ChooseBase,
    DropSlice,
    Edit,
    Gesture,
    History,
    Moment,
    Redraw,
    Review,
    ToggleSlice,
    redraw_one,
    review_result,
)
from cinecor.review.ledger import Person
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.study import open_input
from cinecor_phantom import Phantom, write_dicom
from cinecor_training.data.canvas import Canvas
from cinecor_training.data.case import ALL_KNOWN
from cinecor_training.data.settings import FolderSettings, StoreSettings, moved, open_sources, settings_from_argument
from cinecor_training.data.store_folder import SourcedCase, cached_store
from cinecor_training.data.store_source import StoredCase, StoreSource

MODEL = "ab" * 32


def _keep(
    store: StudyStore,
    phantom: Phantom,
    folder: Path,
    *,
    patient: str,
    name: str = "",
    sign: bool = True,
    untouched: Collection[int] = (),
    edits: Sequence[Edit] = (),
) -> None:
    """Outline a study wrongly, have a reader redraw all slices but some and do some more, and sign."""
    write_dicom(phantom, folder, style="siemens")
    stack, audit = open_input(folder)
    labels = np.where(phantom.labels == 3, 2, phantom.labels).astype(np.uint8)
    labels[:, :, ::2] = phantom.labels[:, :, ::2]
    segmentation = Segmentation(
        labels,
        np.full(labels.shape[:2], 0.9, np.float32),
        ModelIdentity("cinecor-sax", "1", MODEL, "fp32"),
        Runtime("auto", "CPUExecutionProvider"),
        (),
    )
    review = Review(stack, audit, None, body=Body(stack.heart_rate_bpm))
    card = StudyCard(folder, stack.series_uids, name or patient, patient)
    with closing(store.open(study_identity(stack), card)) as kept:
        session = ReviewSession(History(review), kept=kept, person=Person("Dr Ada Wall", "Heart Centre", "ada"))
        session.outlined(segmentation)
        slices = [index for index in range(stack.slices) if index not in untouched]
        places = [(index, phase) for index in slices for phase in range(stack.phases)]
        session.apply(Redraw(Gesture.OUTLINE, {place: phantom.labels[place] for place in places}))
        for edit in edits:
            assert session.apply(edit)
        if sign:
            result = review_result(session.review)
            assert result is not None
            doubts = session.open_doubts(result.quality.findings)
            session.sign(comment="", reasons=dict.fromkeys(doubts, "phantom"), input_path=folder)


@pytest.fixture
def store(tmp_path: Path, small_phantom: Phantom) -> Path:
    with closing(StudyStore(tmp_path / "store")) as store:
        _keep(store, small_phantom, tmp_path / "one", patient="Anna")
        brighter = replace(small_phantom, pixels=small_phantom.pixels // 2, seed=99)
        _keep(store, brighter, tmp_path / "two", patient="Bert", sign=False)
    return tmp_path / "store"


def test_that_signed_readings_come_with_what_was_signed(store: Path, small_phantom: Phantom) -> None:
    cases = StoreSource(store).find().cases
    assert [case.moment for case in cases] == ["ED", "ES"]
    for case, phase in zip(cases, (small_phantom.truth.ed_phase, small_phantom.truth.es_phase), strict=True):
        frames = case.read()
        np.testing.assert_array_equal(frames.labels, small_phantom.labels[:, phase])
        np.testing.assert_allclose(frames.pixels, small_phantom.pixels[:, phase], atol=1)
        assert isinstance(case, StoredCase)
        assert len(case.provenance.signature) == 64
        assert case.provenance.model_sha256 == MODEL


BASE, BELOW_BASE, MIDDLE, NEXT = 3, 4, 5, 6  # slices with all three structures at both moments


@pytest.fixture
def taken_out(tmp_path: Path, small_phantom: Phantom) -> Path:
    """A signed study: one slice dropped, one left out at ED and one at ES, whose outlines nobody touched."""
    edits = (DropSlice(BASE), ToggleSlice(BELOW_BASE, Moment.ED), ToggleSlice(MIDDLE, Moment.ES))
    with closing(StudyStore(tmp_path / "store")) as store:
        untouched = (BASE, BELOW_BASE, MIDDLE)
        _keep(store, small_phantom, tmp_path / "one", patient="Anna", untouched=untouched, edits=edits)
    return tmp_path / "store"


def test_that_of_a_slice_that_does_not_count_nothing_is_known(taken_out: Path, small_phantom: Phantom) -> None:
    ed, es = (case.read() for case in StoreSource(taken_out).find().cases)
    assert ed.left_out == {BASE, BELOW_BASE}
    assert es.left_out == {BASE, MIDDLE}
    for frames in (ed, es):
        out = sorted(frames.left_out)
        assert not frames.labels[out].any()
        assert not frames.known[out].any()
        assert (np.delete(frames.known, out) == ALL_KNOWN).all()
    assert ed.labels[MIDDLE].any()  # at this moment it counts: the model's outline, which was signed
    np.testing.assert_array_equal(ed.labels[NEXT], small_phantom.labels[NEXT, small_phantom.truth.ed_phase])


def test_that_a_slice_that_does_not_count_is_neither_drawn_nor_a_heart_that_is_not_there(
    taken_out: Path, tmp_path: Path
) -> None:
    cases = [SourcedCase("store", case) for case in StoreSource(taken_out).find().cases]
    frames = cached_store(cases, canvas=Canvas(2.0, 64), folder=tmp_path / "frames")
    slices = len(frames.known) // 2
    assert not {BASE, BELOW_BASE, slices + BASE, slices + MIDDLE} & set(frames.drawn.tolist())
    assert len(frames.drawn) == 2 * slices - 4


def test_that_what_a_reader_drew_or_accepted_is_known_though_it_does_not_count(
    tmp_path: Path, small_phantom: Phantom
) -> None:
    ed = small_phantom.truth.ed_phase
    empty = np.zeros_like(small_phantom.labels[0, 0])
    edits = (
        redraw_one(Gesture.DELETE, (BELOW_BASE, ed), empty),
        AcceptFrames.of({(MIDDLE, ed)}),
        *(DropSlice(index) for index in (BASE, BELOW_BASE, MIDDLE, NEXT)),
    )
    with closing(StudyStore(tmp_path / "store")) as store:
        untouched = (MIDDLE, NEXT)
        _keep(store, small_phantom, tmp_path / "one", patient="Anna", untouched=untouched, edits=edits)
    frames = StoreSource(tmp_path / "store").find().cases[0].read()
    assert frames.left_out == {NEXT}
    np.testing.assert_array_equal(frames.labels[BASE], small_phantom.labels[BASE, ed])  # drawn by hand
    assert not frames.labels[BELOW_BASE].any()  # the reader said that nothing is there
    assert frames.labels[MIDDLE].any()  # the model's, found right
    assert (frames.known[[BASE, BELOW_BASE, MIDDLE]] == ALL_KNOWN).all()


@pytest.mark.parametrize("base", BaseRule)
def test_that_of_a_slice_of_which_parts_count_nothing_is_known(
    tmp_path: Path, small_phantom: Phantom, base: BaseRule
) -> None:
    """A reader outlines beyond the valve and draws its line; without parts the outlines themselves are the word."""
    labels = small_phantom.labels.copy()
    outlined = np.flatnonzero((labels[:, 0] == Label.LV).any(axis=(1, 2)))
    area = np.count_nonzero(labels[:, 0], axis=(1, 2))
    first, step = (outlined[0], -1) if area[outlined[0]] > area[outlined[-1]] else (outlined[-1], 1)
    beyond, inner = int(first + step), int(first - 3 * step)
    labels[min(beyond, inner) : max(beyond, inner) + 1] = labels[inner]
    edits = (*lines(small_phantom, *MITRAL, phases=(0, 1)), ChooseBase(base))[: 4 if base is BaseRule.FRACTIONAL else 3]
    with closing(StudyStore(tmp_path / "store")) as store:
        _keep(store, replace(small_phantom, labels=labels), tmp_path / "one", patient="Anna", edits=edits)
    for case in StoreSource(tmp_path / "store").find().cases:
        frames = case.read()
        assert (beyond in frames.left_out) is (base is BaseRule.FRACTIONAL)
        assert inner not in frames.left_out
        assert all(abs(index - beyond) < abs(inner - beyond) for index in frames.left_out)
        assert bool(frames.labels[beyond].any()) is (base is BaseRule.WHOLE)


def test_that_nothing_in_a_case_names_the_patient(store: Path) -> None:
    for case in StoreSource(store).find().cases:
        assert "Anna" not in f"{case.patient} {case.moment}"


def test_that_a_patient_is_one_by_the_id_however_the_name_is_spelt(tmp_path: Path, small_phantom: Phantom) -> None:
    with closing(StudyStore(tmp_path / "store")) as store:
        for seed, name in enumerate(("Anna", "ANNA^A")):
            phantom = replace(small_phantom, pixels=small_phantom.pixels // (seed + 1), seed=seed)
            _keep(store, phantom, tmp_path / name, patient="4711", name=name)
    cases = StoreSource(tmp_path / "store").find().cases
    assert len({case.patient for case in cases}) == 1
    assert len({case.moment for case in cases}) == 4


@pytest.mark.parametrize("by", ["id", "digest", "study"])
def test_that_who_took_consent_back_is_not_learnt_from(taken_out: Path, tmp_path: Path, by: str) -> None:
    (case, _) = StoreSource(taken_out).find().cases
    assert isinstance(case, StoredCase)
    line = {"id": "Anna", "digest": case.patient, "study": case.provenance.study}[by]
    (tmp_path / "withdrawn.txt").write_text(f"nobody\n\n{line}\n")
    settings = StoreSettings(
        kind="store", folder=taken_out, consent="ethics vote 1/26", spared=tmp_path / "withdrawn.txt"
    )
    (used,) = open_sources([settings])
    found = used.source.find()
    assert found.cases == ()
    assert [(bad.patient, bad.reason) for bad in found.bad] == [
        *2 * [(case.patient, "withdrawn.txt names it.")],
        ("", "withdrawn.txt: line 1 names nobody who is here."),
    ]
    (tmp_path / "withdrawn.txt").unlink()
    with pytest.raises(InputError, match="whom to leave out"):
        used.source.find()


def test_that_images_that_are_gone_or_changed_make_a_bad_case(store: Path, tmp_path: Path) -> None:
    case = StoreSource(store).find().cases[0]
    shutil.rmtree(tmp_path / "one")
    with pytest.raises(InputError):
        case.read()
    shutil.copytree(tmp_path / "two", tmp_path / "one")
    with pytest.raises(InputError) as refused:
        StoreSource(store).find().cases[1].read()
    assert refused.value.message.code == "stored_images_gone"


def test_that_a_folder_without_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        StoreSource(tmp_path).find()
    assert refused.value.message.code == "no_store"
    assert not (tmp_path / "studies.sqlite3").exists()


@pytest.mark.parametrize("data", ["store=FOLDER", "corrected=FOLDER", "store"])
def test_that_nobodys_studies_are_learnt_from_without_a_word_by_what_right(data: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_sources([settings_from_argument(data)])
    assert refused.value.message.code == "consent_not_said"
    assert len(open_sources([settings_from_argument(data, consent="ethics vote 1/26")])) == 1


def test_that_a_runs_data_are_named_again_by_the_names_and_the_right_of_the_run() -> None:
    ours = StoreSettings(
        kind="store", name="ours", folder=Path("then"), consent="ethics vote 1/26", licence="ours only"
    )
    first, second = (FolderSettings(kind="acdc", name=name, folder=Path("then")) for name in ("one", "two"))
    found = moved((first, ours, second), ["store=now", "acdc=a", "acdc=b", "corrected=c"], consent="")
    now = {"folder": Path("now")}
    assert found[:3] == (
        ours.model_copy(update=now),
        first.model_copy(update={"folder": Path("a")}),
        second.model_copy(update={"folder": Path("b")}),
    )
    with pytest.raises(UsageError):
        open_sources(found)  # by what right the last ones are taken, nobody said
    (other,) = moved((ours,), ["corrected=c"], consent="ethics vote 2/26")
    assert len(open_sources([other])) == 1
    (again,) = moved((ours,), ["store=now"], consent="ethics vote 2/26")
    assert again == ours.model_copy(update=now | {"consent": "ethics vote 2/26"})


def test_that_the_store_tells_how_much_is_corrected(store: Path) -> None:
    with closing(StudyStore(store)) as opened:
        found = drift(opened, model_sha256=MODEL, with_confidence=True)
    (month,) = found.months
    assert (month.signed, month.corrected) == (1, 1)
    assert month.ef_known == 1
    assert month.ef_change_points is not None
    assert month.ef_change_points > 0
    assert month.confidence == pytest.approx(0.9)
    assert found.corrected_of_model == 1
    assert not found.worth_it
    assert found.why.code == "round_too_early"


def test_that_studies_of_another_model_that_nobody_signed_may_be_outlined_anew(store: Path) -> None:
    with closing(StudyStore(store)) as opened:
        assert [row.patient_name for row in opened.outlined_by_others("cd" * 32)] == ["Bert"]
        assert opened.outlined_by_others(MODEL) == ()


def test_that_a_change_of_the_active_model_tells_how_many_studies_may_be_outlined_anew(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(store.parent))
    assert main(["model", "activate", "bundled"]) == 0
    assert "1 study that nobody has signed was outlined by another model" in capsys.readouterr().out
