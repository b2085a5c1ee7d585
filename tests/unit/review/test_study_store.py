"""The study store: a study is found as it was left, by one writer, and what it knew is gone when it is forgotten."""

import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from unit.review.studies import beating_labels, small_result, small_review, with_other_pixels

from cinecor.errors import InputError, OutputError, UsageError
from cinecor.review import Body, Gesture, History, Review, SetBody, redraw_one
from cinecor.review.ledger import Act, Person, faults_of
from cinecor.review.log.record import REDO, UNDO, Record, record_of
from cinecor.review.store import database
from cinecor.review.store.database import FILE_NAME, MIGRATIONS
from cinecor.review.store.file_system import is_local
from cinecor.review.store.identity import study_identity
from cinecor.review.store.kept_study import KeptStudy
from cinecor.review.store.kept_values import Summary
from cinecor.review.store.private_folder import closing_command
from cinecor.review.store.result_file import result_bytes, result_of
from cinecor.review.store.study_store import StudyCard, StudyStore, WaitingResults
from cinecor.review.store.worklist import Order, Status

DOCTOR = Person("Ada Wall", "Heart Centre", "ada")
CARD = StudyCard(Path("/images/one"), ("1.2.3",), "Doe^Jane", "4711", "20240229", "SAX cine")


@pytest.fixture
def store(tmp_path: Path) -> StudyStore:
    return StudyStore(tmp_path / "store")


def opened(store: StudyStore, review: Review, card: StudyCard = CARD) -> KeptStudy:
    return store.open(study_identity(review.stack), card)


def push(study: KeptStudy, history: History, *, phase: int = 1) -> None:
    frame = history.present.labels[0, phase].copy()  # type: ignore[index]
    frame[:30] = 0
    edit = redraw_one(Gesture.PUSH, (0, phase), frame)
    assert history.apply(edit)
    study.keep(record_of(edit), Act("redraw.push", edit.places, "epi"), person=DOCTOR)


def test_that_a_study_is_found_as_it_was_left(store: StudyStore, tmp_path: Path) -> None:
    review = small_review()
    study = opened(store, review)
    assert study.status is Status.NEW
    assert study.segmentation() is None
    assert study.impression == ""
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    assert study.status is Status.OUTLINED
    history = History(review)
    push(study, history)
    push(study, history, phase=2)
    history.undo()
    study.keep(Record(UNDO), Act(UNDO), person=DOCTOR, summary=Summary(55.5, 48.0, "volume_jump", 2))
    study.keep_view({"slice": 1, "phase": 2, "zoom": 3.5})
    study.keep_thumbnail(b"png")
    study.keep_impression("Dilated.\nNo scar.")
    study.close()
    store.close()

    again = StudyStore(tmp_path / "store")
    (row,) = again.worklist()
    assert (row.patient_name, row.patient_id, row.study_date, row.source) == (
        "Doe^Jane",
        "4711",
        "20240229",
        "/images/one",
    )
    assert (row.status, row.lv_ef_percent, row.worst, row.open_findings) == (Status.IN_REVIEW, 55.5, "volume_jump", 2)
    assert row.model == "model 1"
    assert again.thumbnail(row) == b"png"
    study = opened(again, small_review())
    assert study.id == row.id
    kept = study.segmentation()
    assert kept is not None
    found = study.history(replace(review, segmentation=kept))
    assert (found.present.labels == history.present.labels).all()  # type: ignore[union-attr]
    assert found.undo_name == "edit.push"
    assert found.redo_name == "edit.push"
    assert study.view == {"slice": 1, "phase": 2, "zoom": 3.5}
    assert study.impression == "Dilated.\nNo scar."
    ledger = study.ledger()
    assert [entry.act.kind for entry in ledger] == ["redraw.push", "redraw.push", "undo"]
    assert ledger[0].model == "1" * 64
    assert faults_of(ledger, belongs_to=study_identity(review.stack).digest) == ()


def test_that_a_result_is_kept_bit_for_bit_and_damage_to_it_is_noticed() -> None:
    result = small_result(beating_labels())
    content = result_bytes(result)
    again = result_of(content)
    assert (again.labels == result.labels).all()
    assert (again.confidence == result.confidence).all()
    assert (again.model, again.runtime, again.notes) == (result.model, result.runtime, result.notes)
    assert not again.labels.flags.writeable
    for damaged in (content[:-1], content[:200], b"", content[:300] + bytes([content[300] ^ 1]) + content[301:]):
        with pytest.raises(InputError, match="damaged"):
            result_of(damaged)


def test_that_a_newer_result_lies_beside_the_old_one_with_steps_of_its_own(store: StudyStore) -> None:
    review = small_review()
    study = opened(store, review)
    first = study.add_result(review.segmentation)  # type: ignore[arg-type]
    push(study, History(review))
    second = study.add_result(small_result(beating_labels(), version="2"))
    assert study.result_in_use == first  # offered, not put over
    assert [result.model_version for result in study.results] == ["1", "2"]
    study.use_result(second)
    assert study.records() == ()
    assert study.status is Status.OUTLINED
    study.use_result(first)
    assert len(study.records()) == 1
    assert study.status is Status.IN_REVIEW
    with pytest.raises(UsageError, match="no AI result 99"):
        study.use_result(99)
    with pytest.raises(InputError, match="no AI result 99"):
        study.segmentation(99)


def test_that_one_window_writes_and_a_second_one_reads_and_says_so(store: StudyStore) -> None:
    review = small_review()
    first = opened(store, review)
    first.add_result(review.segmentation)  # type: ignore[arg-type]
    second = opened(store, review)
    assert (first.read_only, second.read_only) == (False, True)
    assert first.told == ()
    assert [message.code for message in second.told] == ["study_open_elsewhere"]
    assert second.segmentation() is not None
    for write in (
        lambda: second.keep(Record(UNDO), Act(UNDO), person=DOCTOR),
        lambda: second.add_result(review.segmentation),  # type: ignore[arg-type]
        lambda: second.sign({}, person=DOCTOR),
    ):
        with pytest.raises(UsageError, match="another window"):
            write()
    second.keep_view({"slice": 9})
    assert first.view == {}
    first.close()
    assert not opened(store, review).read_only


def test_that_equal_instances_with_other_pixels_are_another_study_and_told(store: StudyStore) -> None:
    review = small_review(uids=True)
    opened(store, review).close()
    other = with_other_pixels(review)
    found = store.recognise(study_identity(other.stack), CARD)
    assert found.study is None
    assert [message.code for message in found.told] == ["other_pixels"]
    opened(store, other).close()
    assert len(store.worklist()) == 2


def test_that_a_nifti_is_known_by_its_content(store: StudyStore) -> None:
    opened(store, small_review()).close()
    assert store.recognise(study_identity(small_review().stack), CARD).study is not None
    other = store.recognise(study_identity(small_review(seed=5).stack), CARD)
    assert other.study is None
    assert other.told == ()


def test_that_moved_files_are_recognised_and_told_and_a_copy_is_not_worth_a_word(
    store: StudyStore, tmp_path: Path
) -> None:
    review = small_review(uids=True)
    here = tmp_path / "here"
    here.mkdir()
    opened(store, review, replace(CARD, source=here)).close()
    there = replace(CARD, source=tmp_path / "there")
    assert store.recognise(study_identity(review.stack), there).told == ()
    here.rmdir()
    found = store.recognise(study_identity(review.stack), there)
    assert found.study is not None
    (told,) = found.told
    assert told.code == "study_moved"
    assert str(here) in str(told)
    opened(store, review, there).close()
    assert store.worklist()[0].source == str(tmp_path / "there")


@pytest.mark.parametrize(("kept", "now", "code"), [(4, 3, "images_missing"), (3, 4, "images_added")])
def test_that_missing_and_added_images_are_told_with_their_number(
    store: StudyStore, kept: int, now: int, code: str
) -> None:
    review = small_review(uids=True)

    def part(phases: int) -> Review:
        assert review.stack.frames is not None
        frames = tuple(row[:phases] for row in review.stack.frames)
        return replace(review, stack=replace(review.stack, pixels=review.stack.pixels[:, :phases], frames=frames))

    opened(store, part(kept)).close()
    found = store.recognise(study_identity(part(now).stack), CARD)
    assert found.study is None
    (told,) = found.told
    assert (told.code, told.values["n"]) == (code, 2)


def test_that_signing_locks_a_study_and_amending_begins_a_version_of_its_own(store: StudyStore) -> None:
    review = small_review()
    study = opened(store, review)
    with pytest.raises(UsageError, match="no result to sign"):
        study.sign({}, person=DOCTOR)
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    history = History(review)
    push(study, history)
    signed = study.sign({"comment": "fine"}, person=DOCTOR)
    masks = history.present.labels
    assert study.status is Status.SIGNED
    assert study.signature() == signed
    with pytest.raises(UsageError, match="signed"):
        study.keep(Record(UNDO), Act(UNDO), person=DOCTOR)
    assert study.add_result(small_result(beating_labels(), version="2"))  # a newer model may still be offered
    with pytest.raises(UsageError, match="signed"):
        study.use_result(2)

    study.amend("the base was wrong", person=DOCTOR)
    push(study, history, phase=3)
    second = study.sign({"comment": "better"}, person=DOCTOR)
    assert study.version == 2
    assert [entry.act.kind for entry in study.ledger(version=1)] == ["redraw.push", "sign"]
    assert [entry.act.kind for entry in study.ledger()] == ["amend", "redraw.push", "sign"]
    assert study.ledger()[0].previous == signed.hash
    assert faults_of(study.ledger(), belongs_to=study.ledger_belongs_to) == ()
    assert study.signature(1) == signed
    assert study.signature() == second
    first = study.signed_history(review, version=1)
    assert (first.present.labels == masks).all()  # type: ignore[union-attr]
    assert (study.signed_history(review, version=2).present.labels == history.present.labels).all()  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="Version 3 of this study was never signed"):
        study.signed_history(review, version=3)


def test_that_only_a_signed_study_can_be_amended(store: StudyStore) -> None:
    review = small_review()
    study = opened(store, review)
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Only a signed study"):
        study.amend("why not", person=DOCTOR)
    assert study.version == 1
    assert study.ledger() == ()


def test_that_a_step_without_a_result_is_refused_whole(store: StudyStore) -> None:
    study = opened(store, small_review())
    with pytest.raises(UsageError, match="no AI result yet"):
        study.keep(record_of(SetBody(Body(70.0))), Act("body"), person=DOCTOR)
    assert study.ledger() == ()
    assert study.status is Status.NEW


def test_that_a_forgotten_study_leaves_no_trace_of_its_patient(store: StudyStore) -> None:
    review = small_review()
    study = opened(store, review, replace(CARD, patient_name="Unmistakable^Name"))
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    push(study, History(review))
    assert store.forget([study.id]) == (study.id,)  # open in a window
    study.close()
    other = opened(store, small_review(seed=5))
    assert store.forget([study.id]) == ()
    assert [row.id for row in store.worklist()] == [other.id]
    left = [path for path in store.folder.rglob("*") if path.is_file()]
    assert not any(b"Unmistakable" in path.read_bytes() for path in left)
    assert len(list((store.folder / "studies").iterdir())) == 1
    other.close()
    assert store.forget_all() == ()
    assert store.worklist() == ()


def test_that_old_studies_expire_but_never_what_is_in_review_or_signed(store: StudyStore) -> None:
    studies = {}
    for seed, status in enumerate(Status):
        review = small_review(seed=seed)
        study = opened(store, review)
        if status is not Status.NEW:
            study.add_result(review.segmentation)  # type: ignore[arg-type]
        if status in (Status.IN_REVIEW, Status.SIGNED):
            push(study, History(review))
        if status is Status.SIGNED:
            study.sign({}, person=DOCTOR)
        studies[status] = study.id
        study.close()
    assert store.expire(1) == 0
    with sqlite3.connect(store.folder / FILE_NAME) as connection:
        connection.execute("UPDATE studies SET touched = ?", (time.time() - 31 * 86_400,))
    assert store.expire(32) == 0
    assert store.expire(30) == 2
    assert {row.id for row in store.worklist()} == {studies[Status.IN_REVIEW], studies[Status.SIGNED]}


def test_that_the_worklist_is_searched_filtered_and_sorted(store: StudyStore) -> None:
    cards = [
        ("Doe^Jane", "4711", "20240229", 61.0),
        ("Roe^Richard", "0815", "20231224", 35.0),
        ("Dœ^100%", "7", "", None),
    ]
    for seed, (name, number, date, ef) in enumerate(cards):
        study = opened(store, small_review(seed=seed), StudyCard(Path(f"/i/{seed}"), (), name, number, date, "cine"))
        study.keep_summary(Summary(ef))
        study.close()

    def names(**options: object) -> list[str]:
        return [row.patient_name for row in store.worklist(**options)]  # type: ignore[arg-type]

    assert names(search="doe 47") == ["Doe^Jane"]
    assert names(search="2023") == ["Roe^Richard"]
    assert names(search="100%") == ["Dœ^100%"]
    assert names(search="%") == ["Dœ^100%"]
    assert names(search="nobody") == []
    assert names(order=Order.LV_EF) == ["Roe^Richard", "Doe^Jane", "Dœ^100%"]
    assert names(order=Order.PATIENT)[0] == "Doe^Jane"
    assert names(order=Order.TOUCHED)[0] == "Dœ^100%"
    assert names(order=Order.STUDY_DATE) == ["Doe^Jane", "Roe^Richard", "Dœ^100%"]
    assert names(status=Status.SIGNED) == []
    assert len(names(limit=2)) == 2


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def _results(number: int, *, series_uid: str | None) -> WaitingResults:
    return WaitingResults(
        Path(f"/results/{number}"), Path(f"/images/{number}.nii.gz"), series_uid, f"p{number}", "trial",
        50.0 + number, None, "rv_area_off", 2, "cinecor-sax 1", frozenset({"lv.ef_percent"} if number == 2 else ()),
    )  # fmt: skip


def test_that_results_for_a_reader_wait_in_their_order_with_their_numbers(store: StudyStore) -> None:
    results = [_results(number, series_uid=None if number == 1 else f"1.2.{number}") for number in range(3)]
    assert store.wait_for_reader(results) == 3
    rows = store.worklist(search="trial")
    assert [(row.source, row.series_uid) for row in rows] == [
        ("/results/0", "1.2.0"), ("/results/1", ""), ("/results/2", "1.2.2"),
    ]  # fmt: skip
    assert [row.lv_ef_percent for row in rows] == [50.0, 51.0, 52.0]
    assert [row.doubtful for row in rows] == [frozenset(), frozenset(), frozenset({"lv.ef_percent"})]
    assert {(row.open_findings, row.worst, row.model, row.status) for row in rows} == {
        (2, "rv_area_off", "cinecor-sax 1", Status.OUTLINED)
    }
    assert store.wait_for_reader(results) == 3  # once more, as after another run
    assert len(store.worklist()) == 3


@pytest.mark.parametrize("series_uid", ["1.2.3", None])
def test_that_results_wait_no_more_once_their_study_is_opened(store: StudyStore, series_uid: str | None) -> None:
    waiting = _results(1, series_uid=series_uid)
    store.wait_for_reader([waiting])
    uids = () if series_uid is None else (series_uid,)
    opened(store, small_review(), replace(CARD, source=waiting.input, series_uids=uids)).close()
    assert [row.source for row in store.worklist()] == [str(waiting.input)]
    assert store.wait_for_reader([waiting]) == 0  # its row says more
    assert len(store.worklist()) == 1


def test_that_the_store_is_closed_to_everybody_else(tmp_path: Path) -> None:
    loose = tmp_path / "store"
    loose.mkdir(mode=0o755)
    store = StudyStore(loose)
    review = small_review()
    study = opened(store, review)
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    study.keep_thumbnail(b"png")
    assert loose.stat().st_mode & 0o077 == 0
    folder = loose / "studies"
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.rglob("*"):
        if path.is_dir():
            assert path.stat().st_mode & 0o077 == 0
    assert (loose / FILE_NAME).stat().st_mode & 0o077 == 0


def test_that_windows_is_told_to_give_the_folder_to_its_user_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERDOMAIN", "CLINIC")
    monkeypatch.setenv("USERNAME", "ada")
    command = closing_command(Path("store"))
    assert command[:3] == ["icacls", "store", "/inheritance:r"]
    assert "CLINIC\\ada:(OI)(CI)F" in command


def test_that_a_store_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    StudyStore(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(OutputError, match="newer Cinecor"):
        StudyStore(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_that_a_store_of_an_older_version_is_brought_up_to_date_with_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = StudyStore(tmp_path)
    opened(store, small_review()).close()
    store.close()
    monkeypatch.setattr(
        database, "MIGRATIONS", (*MIGRATIONS, "ALTER TABLE studies ADD COLUMN ward TEXT NOT NULL DEFAULT '3'")
    )
    store = StudyStore(tmp_path)
    assert len(store.worklist()) == 1
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT ward FROM studies").fetchall() == [("3",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)


def test_that_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    StudyStore(tmp_path).close()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "ALTER TABLE studies ADD COLUMN ward TEXT; NONSENSE"))
    with pytest.raises(OutputError, match="cannot be opened"):
        StudyStore(tmp_path)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert "ward" not in [row[1] for row in connection.execute("PRAGMA table_info(studies)")]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_that_a_damaged_store_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(OutputError, match=FILE_NAME):
        StudyStore(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="mounts are POSIX's")
@pytest.mark.parametrize(
    ("lines", "local"),
    [("/dev/sda1 / ext4 rw 0 0\n", True), ("/dev/sda1 / ext4 rw 0 0\nhost:/x {place} nfs4 rw 0 0\n", False),
     ("host:/x / nfs rw 0 0\n/dev/sdb {place} xfs rw 0 0\n", True), ("//host/x {place} cifs rw 0 0\n", False),
     ("", False)],
)  # fmt: skip
def test_that_a_remote_file_system_is_told_by_its_mount(tmp_path: Path, lines: str, local: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(lines.format(place=tmp_path.resolve()))
    assert is_local(tmp_path / "store", mounts=mounts) is local


@pytest.mark.parametrize(("local", "mode"), [(True, "wal"), (False, "delete")])
def test_that_the_journal_suits_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local: bool, mode: str
) -> None:
    monkeypatch.setattr(database, "is_local", lambda _: local)
    store = StudyStore(tmp_path)
    review = small_review()
    study = opened(store, review)
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    push(study, History(review))
    assert len(study.records()) == 1
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_that_a_full_disk_loses_the_step_and_nothing_else(store: StudyStore) -> None:
    review = small_review()
    study = opened(store, review)
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    history = History(review)
    push(study, history)
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    noise = np.random.default_rng(0).integers(0, 4, history.present.labels.shape[2:]).astype(np.uint8)  # type: ignore[union-attr]
    edit = redraw_one(Gesture.PUSH, (1, 1), noise)

    def fill() -> None:
        for _ in range(40):
            study.keep(record_of(edit), Act("redraw.push"), person=DOCTOR)

    with pytest.raises(OutputError, match="cannot be kept"):
        fill()
    store._connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
    assert len(study.records()) == len(study.ledger())
    assert faults_of(study.ledger(), belongs_to=study.ledger_belongs_to) == ()
    study.keep(Record(REDO), Act(REDO), person=DOCTOR)
    assert study.records()[-1] == Record(REDO)
