"""Rules of a batch before any worker: what it says of the inputs that it was given."""

import shutil
from pathlib import Path

import pytest
from cohorts import dicom_files, write_studies
from small_models import small_variants, write_small_package
from unit.cohort.test_retry import Failing

from cinecor.app.cohort.batch import Batch
from cinecor.app.cohort.workers import Workers
from cinecor.errors import UsageError
from cinecor.inference.package.contract import file_digest
from cinecor.message import Message

_UNSAID = "model_without_reliability"  # the small models have no reliability


@pytest.mark.parametrize(("folders", "cautioned"), [(49, False), (50, True)])
def test_that_a_root_of_many_folders_that_one_loose_image_makes_one_input_is_told(
    tmp_path: Path, folders: int, cautioned: bool
) -> None:
    root = tmp_path / "root"
    (study,) = write_studies(tmp_path, ("study",))
    for number in range(folders):
        (root / f"patient{number}").mkdir(parents=True)
    shutil.copy(dicom_files(study)[0], root / "loose.dcm")
    batch = Batch([root], tmp_path / "out")
    told = list(batch.run(model=write_small_package(tmp_path / "small.cinecor"), start=_failing))
    codes = [one.code for one in told if isinstance(one, Message) and one.code != _UNSAID]
    assert codes == (["root_is_one_input"] if cautioned else [])


def test_that_a_bare_model_is_told_to_say_nothing_of_its_reliability(tmp_path: Path) -> None:
    write_studies(tmp_path / "root", ("study",))
    batch = Batch([tmp_path / "root"], tmp_path / "out")
    graph, unset = small_variants()["fp32"], "0" * 64
    sealed = graph.replace(unset.encode(), file_digest(graph, claimed=unset).encode())  # as the export does
    (tmp_path / "small.onnx").write_bytes(sealed)
    told = list(batch.run(model=tmp_path / "small.onnx", start=_failing))
    (sentence,) = (str(one) for one in told if isinstance(one, Message))
    assert "small.onnx says nothing of its own reliability" in sentence
    assert sentence in (tmp_path / "out" / "cohort.html").read_text()


def test_that_a_list_that_cannot_be_read_is_refused_before_a_cohort_is_begun(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("path\nx\n")
    batch = Batch([], tmp_path / "out", lists=[tmp_path / "list.csv"])
    run = batch.run(model=write_small_package(tmp_path / "small.cinecor"), start=_failing)
    with pytest.raises(UsageError):
        next(run)
    assert not (tmp_path / "out").exists()


def test_that_a_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_locks(_: int) -> bool:
        raise OSError("no locks available")

    monkeypatch.setattr("cinecor.cohort.manifest_file.take_lock", without_locks)
    (tmp_path / "root").mkdir()
    batch = Batch([tmp_path / "root"], tmp_path / "out")
    told = list(batch.run(model=write_small_package(tmp_path / "small.cinecor"), start=_failing))
    assert [one.code for one in told if isinstance(one, Message) and one.code != _UNSAID] == ["cohort_without_lock"]


@pytest.mark.parametrize(("pattern", "fits"), [("stud*", True), ("root/*", True), ("*.dcm", False)])
def test_that_a_pattern_that_no_input_fits_is_told_and_no_success(tmp_path: Path, pattern: str, fits: bool) -> None:
    write_studies(tmp_path / "root", ("study",))
    batch = Batch([tmp_path / "root"], tmp_path / "out", pattern=pattern)
    told = list(batch.run(model=write_small_package(tmp_path / "small.cinecor"), start=_failing))
    codes = [one.code for one in told if isinstance(one, Message) and one.code != _UNSAID]
    assert codes == ([] if fits else ["nothing_matches"])
    assert batch.matched_none is not fits


def _failing() -> Workers:
    return Failing(passing=False)
