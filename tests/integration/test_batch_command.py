"""Rules of `cinecor batch`: every study once, whatever fails, dies or is killed; tables, page and list at the end."""

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pypdfium2
import pytest
from cohorts import dicom_files, write_studies
from offline import offline
from program import Cinecor
from result_folders import signed_copy
from small_models import write_small_package

from cinecor.app.cohort.cohort_run import CohortSettings, Redone, Settled, run_cohort
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.local_workers import LocalWorkers
from cinecor.app.cohort.reading_list import fill_worklist
from cinecor.app.cohort.worker import _Writing
from cinecor.app.cohort.worker_messages import Freed, WorkerSettings
from cinecor.app.settings import Settings, settings_path
from cinecor.cohort.input_row import State, study_folder
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.review_list import ReviewItem, review_list
from cinecor.errors import ModelRefused
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.store.model_store import ModelStore
from cinecor.review.store.study_store import StudyStore
from cinecor.study.study_walk import inputs_below

STUDIES = 6
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of six studies: two folders and links to them, a broken archive, and a folder of other files."""
    place = tmp_path_factory.mktemp("cohort")
    first, second = write_studies(place / "real", ("one", "two"))
    root = place / "root"
    root.mkdir()
    for number in range(STUDIES):
        (root / f"study{number}").symlink_to((first, second)[number % 2], target_is_directory=True)
    (root / "broken.zip").write_bytes(b"PK\x03\x04 nothing more")
    (root / "papers").mkdir()
    (root / "papers" / "readme.txt").write_text("no image")
    return root


@pytest.fixture(scope="module")
def finished(cinecor: Cinecor, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "out"
    run = cinecor.process("batch", root, "--out", out, "--device", "cpu", "--json-lines", "--progress-every", "0.1")
    (out.parent / "stderr.txt").write_text(run.stderr)
    assert run.returncode == 1, run.stderr  # one archive is broken
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert sorted(Path(line["input"]).name for line in told) == ["broken.zip", *(f"study{n}" for n in range(STUDIES))]
    assert "zip_broken" in run.stderr
    assert "2 studies lie more than once among the inputs: study" in run.stderr  # links to the same two
    return out


def _rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "cohort.csv").open(newline="") as file:
        return {row["study"]: row for row in csv.DictReader(file)}


def test_that_the_table_has_a_row_for_each_study_and_each_failure(finished: Path) -> None:
    rows = _rows(finished)
    assert {name: row["state"] for name, row in rows.items()} == {
        **{f"study{number}": "done" for number in range(STUDIES)},
        "broken": "failed",
        "papers": "without_image",
    }
    assert rows["broken"]["code"] == "zip_broken"
    for number in range(STUDIES):
        results = json.loads((finished / f"study{number}" / "results.json").read_text())
        row = rows[f"study{number}"]
        assert float(row["lv_edv_ml"]) == results["lv"]["edv_ml"]
        assert float(row["rv_ef_percent"]) == results["rv"]["ef_percent"]
        assert row["doubtful"].split() == results["quality"]["doubtful"]
        assert row["model_sha256"] == results["model"]["sha256"]


def test_that_a_pipe_gets_lines_that_tell_how_far_the_run_is(finished: Path) -> None:
    told = (finished.parent / "stderr.txt").read_text().splitlines()
    lines = [line for line in told if "studies an hour" in line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"cinecor: \d+ of \d+\+? done, \d+ failed; \d+ studies an hour", line), line
    done = [int(line.split()[1]) for line in lines]
    assert done == sorted(done)
    assert "\r" not in "".join(told)
    assert told[-1].startswith(f"cinecor: {STUDIES} done, 1 failed, 0 set aside, 1 folders without images")


def test_that_a_terminal_gets_a_bar(cinecor: Cinecor, root: Path, finished: Path) -> None:
    """The other end of a pseudo-terminal is read while the program runs, which else would wait for that."""
    reader, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    command = [*cinecor.command, "batch", str(root), "--out", str(finished), "--device", "cpu", "--resume"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal)
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError), open(reader, "rb", buffering=0) as screen:  # noqa: PTH123  until nobody writes
        while piece := screen.read(4096):
            shown += piece
    assert run.wait() == 1
    assert b"100%" in shown
    assert b"%d/%d" % (STUDIES + 2, STUDIES + 2) in shown
    assert b"studies an hour" not in shown


def test_that_the_page_links_every_study_and_names_every_reason(finished: Path) -> None:
    page = (finished / "cohort.html").read_text()
    for number in range(STUDIES):
        assert f'href="study{number}/results.json"' in page
    assert "zip_broken" in page
    assert "Research use only" in page
    assert "http://" not in page
    assert "https://" not in page


def test_that_the_list_to_review_begins_with_the_most_doubtful(finished: Path) -> None:
    items = review_list(finished)
    assert len(items) == STUDIES
    doubts = [len(item.facts.doubtful) for item in items]
    assert doubts == sorted(doubts, reverse=True)
    assert all(item.is_doubtful for item in review_list(finished, doubtful_only=True))
    for item in items:
        assert (item.folder / "results.json").is_file()
        assert item.input.is_dir()


def test_that_what_is_doubtful_waits_in_the_worklist_the_worst_on_top(finished: Path, tmp_path: Path) -> None:
    doubtful: dict[str | None, ReviewItem] = {}
    for item in review_list(finished, doubtful_only=True):
        doubtful.setdefault(item.series_uid, item)  # links to one study are one for a reader
    with closing(StudyStore(tmp_path / "store")) as store:
        assert fill_worklist(store, finished) == len(doubtful)
        rows = store.worklist(search=finished.name)
        assert [row.series_uid for row in rows] == list(doubtful)
        for row in rows:
            item = doubtful[row.series_uid]
            assert (Path(row.source) / "results.json").is_file()
            assert row.lv_ef_percent == item.facts.numbers["lv_ef_percent"]
            assert row.open_findings == sum(severity != "info" for severity in item.facts.findings.values())


def _marks(out: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in out.glob("[!.]*/results.json")}


def test_that_a_finished_cohort_is_not_begun_again_unless_asked(
    cinecor: Cinecor, root: Path, finished: Path, tmp_path: Path
) -> None:
    before = _marks(finished)
    refused = cinecor.process("batch", root, "--out", finished)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    again = cinecor.process("batch", root, "--out", finished, "--resume", "--device", "cpu", "--json-lines")
    assert again.returncode == 1
    assert again.stdout == ""
    assert _marks(finished) == before


def test_that_changed_inputs_and_lost_results_are_done_again_and_told(cinecor: Cinecor, tmp_path: Path) -> None:
    studies = write_studies(tmp_path / "root", ("kept", "changed", "lost"))
    out = tmp_path / "out"
    assert cinecor.process("batch", tmp_path / "root", "--out", out, "--device", "cpu").returncode == 0
    before = _marks(out)
    dicom_files(studies[1])[0].touch()
    shutil.rmtree(out / "lost")
    run = cinecor.process("batch", tmp_path / "root", "--out", out, "--device", "cpu", "--resume", "--json-lines")
    assert run.returncode == 0, run.stderr
    assert sorted(Path(json.loads(line)["input"]).name for line in run.stdout.splitlines()) == ["changed", "lost"]
    assert "1 input has changed" in run.stderr
    assert "no longer there" in run.stderr
    after = _marks(out)
    assert after["kept"] == before["kept"]
    assert after["changed"] != before["changed"]


def test_that_a_killed_run_goes_on_and_does_no_study_twice(cinecor: Cinecor, root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [*cinecor.command, "batch", str(root), "--out", str(out), "--device", "cpu", "--resume", "--json-lines"]
    done_by_kill: dict[str, int] = {}
    for lines in (1, 2):
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert run.stdout is not None
        for _ in range(lines):
            run.stdout.readline()
        run.send_signal(signal.SIGKILL)
        run.wait()
        _wait_for_orphans(out)
        marks = _marks(out)
        assert {name: marks[name] for name in done_by_kill} == done_by_kill
        done_by_kill = marks
    last = subprocess.run(command, capture_output=True, text=True, check=False)
    assert last.returncode == 1, last.stderr
    marks = _marks(out)
    assert {name: marks[name] for name in done_by_kill} == done_by_kill
    rows = _rows(out)
    assert sorted(name for name, row in rows.items() if row["state"] == "done") == sorted(marks)
    assert len(marks) == STUDIES


def _wait_for_orphans(out: Path) -> None:
    """Wait until the workers of a killed run have noticed that nobody is there any more."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        alive = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line = (entry / "cmdline").read_bytes()
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
                if b"spawn_main" in line and parent == 1:
                    alive.append(entry.name)
        if not alive:
            return
        time.sleep(0.05)


def test_that_a_run_that_is_stopped_writes_its_tables_and_tells_how_far_it_came(
    cinecor: Cinecor, root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [*cinecor.command, "batch", str(root), "--out", str(out), "--device", "cpu", "--jobs", "1"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in a shell's background ignores it
    try:
        run = subprocess.Popen([*command, "--json-lines"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert run.stdout is not None
    run.stdout.readline()
    run.send_signal(signal.SIGINT)
    _, told = run.communicate()
    assert run.returncode == 130
    assert "results written so far are complete" in told
    assert re.search(r"\d done, \d failed", told)
    assert {row["state"] for row in _rows(out).values()} & {"done", "failed"}
    assert (out / "cohort.html").is_file()


def test_that_another_model_does_all_again_and_says_so(cinecor: Cinecor, tmp_path: Path) -> None:
    write_studies(tmp_path / "root", ("one", "two"))
    out, models = tmp_path / "out", [tmp_path / "first.cinecor", tmp_path / "second.cinecor"]
    tables = []
    for model, moved in zip(models, (0.0, 6.0), strict=True):
        write_small_package(model, moved=moved)
        run = cinecor.process(
            "batch", tmp_path / "root", "--out", out, "--model", model, "--device", "cpu", "--resume", "--json-lines"
        )
        assert run.returncode == 0, run.stderr
        tables.append(_rows(out))
    assert "2 inputs had been outlined with another model: they were done again." in run.stderr
    assert [json.loads(line)["again"] for line in run.stdout.splitlines()] == ["other_model"] * 2
    for name, row in tables[1].items():
        assert row["model_sha256"] != tables[0][name]["model_sha256"]
        assert json.loads((out / name / "results.json").read_text())["model"]["sha256"] == row["model_sha256"]
    shutil.rmtree(tmp_path / "root" / "two")
    run = cinecor.process("batch", tmp_path / "root", "--out", out, "--model", models[0], "--device", "cpu", "--resume")
    told = "Results of 1 input are of another model and could not be made anew, since it is gone"
    assert told in run.stderr
    assert told in (out / "cohort.html").read_text()
    assert _rows(out)["two"]["model_sha256"] == tables[1]["two"]["model_sha256"]


def test_that_an_input_that_wants_more_memory_than_its_process_may_have_fails_alone(
    cinecor: Cinecor, tmp_path: Path
) -> None:
    """A cine of a gigabyte, as a file that has as many bytes on the disk as are asked of one that is no trick."""
    write_studies(tmp_path / "root", ("one", "two"))
    header = nibabel.Nifti1Header()
    header.set_data_shape((250, 250, 64, 60))
    header.set_data_dtype(np.int16)
    header.set_zooms((1.0, 1.0, 8.0, 0.03))
    header["vox_offset"], header["magic"] = 352, b"n+1"
    large = tmp_path / "root" / "large.nii"
    large.write_bytes(header.binaryblock.ljust(352, b"\0") + b"\x64\0" * 6_000_000)
    os.truncate(large, 352 + 2 * 250 * 250 * 64 * 60)
    out, model = tmp_path / "out", write_small_package(tmp_path / "small.cinecor")
    command = ["batch", tmp_path / "root", "--out", out, "--model", model, "--device", "cpu", "--jobs", "1"]
    run = cinecor.process(*command, "--limit-memory", "0.8")
    assert run.returncode == 1, run.stderr
    rows = _rows(out)
    assert {name: row["state"] for name, row in rows.items()} == {"one": "done", "two": "done", "large": "failed"}
    assert rows["large"]["code"] == "memory_exhausted"


def test_that_a_batch_and_a_comparison_open_no_socket_in_any_process(cinecor: Cinecor, tmp_path: Path) -> None:
    if cinecor.frozen:
        pytest.skip("the installed program runs no sitecustomize")
    pytest.importorskip("distributed")  # it is there, and left alone
    write_studies(tmp_path / "root", ("one", "two"))
    model, environment = write_small_package(tmp_path / "small.cinecor"), offline(tmp_path)
    results = [tmp_path / "a", tmp_path / "b"]
    for command in (
        *(["batch", tmp_path / "root", "--out", out, "--model", model, "--device", "cpu"] for out in results),
        ["compare", *results, "--out", tmp_path / "compared"],
    ):
        run = subprocess.run(
            [*cinecor.command, *map(str, command)], capture_output=True, text=True, check=False, env=environment
        )
        assert run.returncode == 0, run.stderr
    told = tmp_path / "told"
    assert len(list(told.glob("watched-*"))) >= 5, "the workers were not watched"
    assert not list(told.glob("socket-*"))


@pytest.fixture
def workers() -> Iterator[LocalWorkers]:
    workers = LocalWorkers(1, WorkerSettings(None, "cpu", 1))
    workers.start()
    yield workers
    workers.close()


def test_that_a_study_that_kills_workers_is_tried_once_more_and_set_aside(
    root: Path, tmp_path: Path, workers: LocalWorkers
) -> None:
    manifest = Manifest.open(tmp_path / "out", resume=False)
    model = open_model_file(ModelStore().active().path)
    settings = CohortSettings(tmp_path / "out", model.sha256)
    poison, deaths = root / "study1", 0
    settled: dict[str, State] = {}
    for told in run_cohort(inputs_below(root), manifest=manifest, workers=workers, settings=settings, redone=Redone()):
        if isinstance(told, Settled):
            settled[told.row.path.name] = told.row.state
        for task, process in workers.pids.items():
            if manifest.row(task).path == poison:
                os.kill(process, signal.SIGKILL)
                deaths += 1
    assert settled.pop("study1") is State.SET_ASIDE
    assert settled.pop("broken.zip") is State.FAILED
    assert settled == {f"study{number}": State.DONE for number in range(STUDIES) if number != 1}
    assert deaths >= 2
    assert manifest.row_of(poison).code == "worker_died"
    manifest.close()


def test_that_a_study_that_takes_too_long_is_set_aside_with_that_reason(root: Path, tmp_path: Path) -> None:
    manifest = Manifest.open(tmp_path / "out", resume=False)
    workers = LocalWorkers(1, WorkerSettings(None, "cpu", 1), time_limit_s=0.0)
    workers.start()
    settings = CohortSettings(tmp_path / "out", open_model_file(ModelStore().active().path).sha256)
    source = iter(inputs_below(root / "study0"))
    try:
        list(run_cohort(source, manifest=manifest, workers=workers, settings=settings, redone=Redone()))
    finally:
        workers.close()
    (row,) = manifest.inputs()
    assert (row.state, row.code, row.deaths) == (State.SET_ASIDE, "took_too_long", 2)
    manifest.close()


def test_that_an_input_is_let_go_before_its_outcome_is_told(tmp_path: Path) -> None:
    """The other way round, who gave it would hold it for ever and the run would never end."""
    told: list[object] = []

    class SlowToLetGo:
        def tell(self, message: object) -> None:
            if isinstance(message, Freed):
                time.sleep(0.2)  # long enough for the thread that writes to be first, if it may
            told.append(message)

    writing = _Writing(SlowToLetGo())  # type: ignore[arg-type]
    outcome = InputOutcome(1)
    writing.take(InputTask(1, tmp_path, "", "one", tmp_path, "", ""), outcome)
    writing.end()
    assert told == [Freed(1), outcome]


def test_that_a_worker_with_another_model_ends_the_run_before_anything_is_noted(root: Path, tmp_path: Path) -> None:
    """Somebody activates another model while a cohort runs, and a worker is started anew."""
    manifest = Manifest.open(tmp_path / "out", resume=False)
    workers = LocalWorkers(1, WorkerSettings(write_small_package(tmp_path / "small.cinecor"), "cpu", 1))
    workers.start()
    settings = CohortSettings(tmp_path / "out", open_model_file(ModelStore().active().path).sha256)
    source = iter(inputs_below(root / "study0"))
    try:
        with pytest.raises(ModelRefused) as refused:
            list(run_cohort(source, manifest=manifest, workers=workers, settings=settings, redone=Redone()))
    finally:
        workers.close()
    assert refused.value.message.code == "worker_has_other_model"
    assert State.DONE not in manifest.counts()
    assert not (tmp_path / "out" / "study0").exists()
    manifest.close()


def test_that_results_that_nobody_could_note_are_found_again(root: Path, tmp_path: Path, workers: LocalWorkers) -> None:
    """The process that writes the manifest dies after a study's results are written and before it has heard of them."""
    out = tmp_path / "out"
    model = open_model_file(ModelStore().active().path)

    def run(manifest: Manifest) -> Iterator[Settled]:
        told = run_cohort(
            iter(inputs_below(root / "study0")),
            manifest=manifest,
            workers=workers,
            settings=CohortSettings(out, model.sha256),
            redone=Redone(),
        )
        return (one for one in told if isinstance(one, Settled))

    manifest = Manifest.open(out, resume=False)
    assert next(run(manifest)).row.state is State.DONE
    manifest._connection.execute("UPDATE inputs SET state = 'claimed', before = ''")
    manifest._connection.execute("DELETE FROM studies")
    written = _marks(out)
    (again,) = run(manifest)
    assert again.row.state is State.DONE
    assert again.outcome.studies[0].facts is not None
    assert _marks(out) == written
    manifest.close()


def test_that_no_report_of_earlier_results_lies_beside_new_ones(
    root: Path, tmp_path: Path, workers: LocalWorkers
) -> None:
    out = tmp_path / "out"
    model = open_model_file(ModelStore().active().path)
    with closing(Manifest.open(out, resume=False)) as manifest:
        for done in range(2):
            told = run_cohort(
                iter(inputs_below(root / "study0")),
                manifest=manifest,
                workers=workers,
                settings=CohortSettings(out, model.sha256),
                redone=Redone(),
            )
            (settled,) = (one for one in told if isinstance(one, Settled))
            assert settled.row.state is State.DONE
            report = out / settled.outcome.studies[0].folder / "report.pdf"
            assert not report.exists()
            if not done:
                report.write_bytes(b"of the results of an earlier run")
                manifest.do_again(settled.row)


def test_that_what_a_person_signed_stays_and_new_results_lie_beside_it(
    root: Path, tmp_path: Path, workers: LocalWorkers
) -> None:
    out = tmp_path / "out"
    model = open_model_file(ModelStore().active().path)
    redone = Redone()
    with closing(Manifest.open(out, resume=False)) as manifest:

        def run() -> Settled:
            told = run_cohort(
                iter(inputs_below(root / "study0")),
                manifest=manifest,
                workers=workers,
                settings=CohortSettings(out, model.sha256),
                redone=redone,
            )
            (settled,) = (one for one in told if isinstance(one, Settled))
            assert settled.row.state is State.DONE
            return settled

        first = run()
        folder = out / first.row.name
        folder.rename(tmp_path / "unsigned")
        signed = signed_copy(tmp_path / "unsigned", folder, organisation="Heart Centre")
        before = {path.name: path.read_bytes() for path in signed.iterdir()}
        manifest.do_again(first.row)
        (row,) = run().outcome.studies
        assert row.folder == f"{folder.name}-2"
        assert {path.name: path.read_bytes() for path in signed.iterdir()} == before
        assert (out / row.folder / "results.json").is_file()
        assert redone.beside_readings == 1


def test_that_several_studies_in_one_folder_get_results_and_reports_of_their_own(
    cinecor: Cinecor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    Settings(settings_path()).change("department", "Heart Centre North")
    studies = write_studies(tmp_path / "real", ("one", "two"))
    (tmp_path / "both").mkdir()
    for study in studies:
        for path in dicom_files(study):
            shutil.copy(path, tmp_path / "both" / f"{study.name}-{path.name}")
    command = ["batch", tmp_path / "both", "--out", tmp_path / "out", "--device", "cpu"]
    run = cinecor.process(*command, "--report", "pdf", "--language", "fr")
    assert run.returncode == 0, run.stderr
    rows = _rows(tmp_path / "out")
    uids = {str(pydicom.dcmread(dicom_files(study)[0]).StudyInstanceUID) for study in studies}
    assert set(rows) == {study_folder("both", uid) for uid in uids}
    assert len({row["lv_edv_ml"] for row in rows.values()}) == 2
    for name in rows:
        page = pypdfium2.PdfDocument(tmp_path / "out" / name / "report.pdf")[0].get_textpage().get_text_range()
        assert "Heart Centre North" in page
        assert "IRM cardiaque" in page


def test_that_a_pattern_that_nothing_fits_is_no_success(cinecor: Cinecor, root: Path, tmp_path: Path) -> None:
    run = cinecor.process("batch", root, "--out", tmp_path / "out", "--match", "*_4d.nii.gz", "--device", "cpu")
    assert run.returncode == 1
    assert f"--match *_4d.nii.gz fits none of the inputs found ({STUDIES + 1})" in run.stderr


def test_that_how_a_report_looks_is_asked_of_reports_alone(cinecor: Cinecor, root: Path, tmp_path: Path) -> None:
    command = ["batch", root / "study0", "--out", tmp_path / "out", "--logo", tmp_path / "gone.png"]
    assert cinecor(*command).returncode == 2
    run = cinecor(*command, "--report", "pdf")
    assert run.returncode == 1
    assert "gone.png cannot be read" in run.stderr
    one_for_all = cinecor(*command[:4], "--report", "pdf", "--impression", "Nothing found.")
    assert one_for_all.returncode == 2
    assert "--impression" in one_for_all.stderr
    assert not (tmp_path / "out").exists()  # refused before any work


def test_that_a_list_names_inputs_with_names_of_their_own(cinecor: Cinecor, root: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(f"input,name,site\n{root / 'study0'},patient A,x\n{root / 'gone'},,y\n")
    run = cinecor.process("batch", "--from-list", listed, "--out", tmp_path / "out", "--device", "cpu")
    assert run.returncode == 1
    rows = _rows(tmp_path / "out")
    assert rows["patient A"]["state"] == "done"
    assert rows["gone"]["code"] == "no_such_input"


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("{root}", "--jobs", "0"),
        ("{root}", "--time-limit", "-5"),
        ("{root}", "--limit-memory", "-1"),
        ("{root}", "--wait-for-workers", "5"),
        ("{root}", "--dask", "tcp://nowhere:1", "--wait-for-workers", "0"),
        ("{root}", "--dask", "tcp://nowhere:1", "--jobs", "2"),
        ("{root}", "--dask", "tcp://nowhere:1", "--time-limit", "5"),
        ("{root}", "--dask", "tcp://nowhere:1", "--limit-memory"),
        ("{root}/not there",),
        ("--from-list", "{root}/papers/readme.txt"),
    ],
)
def test_that_a_request_without_sense_is_wrong_usage(
    cinecor: Cinecor, root: Path, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    arguments = [part.format(root=root) for part in wrong]
    run = cinecor.process("batch", *arguments, "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
