"""Rules of a site's own patients in the export: nobody stands for them, and what they ask for goes with the model."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinecor.app.save_study import write_study
from cinecor.errors import UsageError
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.inference.package.model_package import read_package
from cinecor.review import Review, review_result
from cinecor.study import open_input
from cinecor_export.cli import main
from cinecor_export.export_data import export_data
from cinecor_training.data.settings import CorrectedSettings, FolderSettings
from cinecor_training.data.split import Split
from cinecor_training.run_folder import RunFolder

TRAINED, NAMESAKE, GONE = "patient020", "patient005", "patient021"  # ACDC has a patient005 too
CONSENT, LICENCE = "ethics vote 1/26", "hospital use only"


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    draw_heart: Callable[..., tuple[np.ndarray, np.ndarray]],
    write_volume: Callable[..., None],
) -> Path:
    """Folders of results of three patients of the site."""
    site = tmp_path_factory.mktemp("site")
    for number, name in enumerate((TRAINED, NAMESAKE, GONE), start=40):
        images = site / "images" / f"{name}.nii.gz"
        drawn = [draw_heart(number, radius=radius) for radius in (14, 10)]
        write_volume(images, np.stack([image for image, _ in drawn]))
        stack, audit = open_input(images)
        labels = np.stack([labels for _, labels in drawn])[np.newaxis].repeat(stack.slices, axis=0)
        segmentation = Segmentation(
            labels,
            np.full(labels.shape[:2], 0.95, np.float32),
            ModelIdentity("truth", "1", "ab" * 32, "fp32"),
            Runtime("auto", "CPUExecutionProvider", {}),
            (),
        )
        review = Review(stack, audit, segmentation)
        result = review_result(review)
        assert result is not None
        write_study(review, result, input_path=images, out_dir=site / "results", name=name)
    (site / "images" / f"{GONE}.nii.gz").unlink()
    return site / "results"


@pytest.fixture(scope="module")
def own_run(run_folder: Path, patients: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that learnt from ACDC and from a patient of the site, whose results lay elsewhere then."""
    run, given = RunFolder(tmp_path_factory.mktemp("run")), RunFolder(run_folder)
    shutil.copyfile(given.weights, run.weights)
    own = CorrectedSettings(
        kind="corrected", name="clinic", folder=Path("then"), consent=CONSENT, licence=LICENCE, signed_only=False
    )
    data = (FolderSettings(kind="acdc", folder=patients), own)
    run.config.write_text(given.read_config().model_copy(update={"data": data}).model_dump_json())
    split = Split.from_file(given.split)
    validation = (*split.validation, f"clinic/{NAMESAKE}", f"clinic/{GONE}")
    Split("by hand", (*split.training, f"clinic/{TRAINED}"), validation).write(run.split)
    return run.path


@pytest.fixture(scope="module")
def told(own_run: Path, site: Path, patients: Path, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package that was exported from this run, and what was printed."""
    folder = tmp_path_factory.mktemp("told")
    with pytest.MonkeyPatch.context() as patch, (folder / "printed.txt").open("w", encoding="utf-8") as printed:
        patch.setattr("sys.stdout", printed)
        data = ["--data", f"acdc={patients}", "--data", f"corrected={site}"]
        terms = ["--licence", "for research", "--compare-with", str(exported)]
        assert main([str(own_run), "--out", str(folder / "m.cinecor"), *data, *terms]) == 0
    return folder


def test_that_a_sites_studies_are_found_where_they_lie_now_by_the_right_that_the_run_names(told: Path) -> None:
    assert "own patients: 1 of 2 held out were judged" in (told / "printed.txt").read_text(encoding="utf-8")


def test_that_who_was_held_out_and_is_not_there_is_counted(told: Path) -> None:
    printed = (told / "printed.txt").read_text(encoding="utf-8")
    assert "own patients: 1 are not in the data" in printed
    assert "other patients: 3 of 3 held out were judged" in printed


def test_that_both_sides_have_gates_of_their_own(told: Path) -> None:
    gates = [gate.name for gate in read_package(told / "m.cinecor").manifest.gates]
    for side in ("own patients", "other patients"):
        assert sum(f" on {side}: " in name for name in gates) == 5  # Dice, and two of each ventricle's EF


def test_that_the_model_tells_by_what_right_it_learnt(told: Path) -> None:
    card = read_package(told / "m.cinecor").part("card.md").decode()
    assert f"were learnt from on this ground: {CONSENT}." in card
    assert "clinic (1 patients)" in card
    assert "Own patients: 1 of 2 held out were judged." in card
    assert "of 1 one decides" in card


def test_that_the_sites_terms_stand_beside_those_that_the_exporter_names(told: Path) -> None:
    contract = read_package(told / "m.cinecor").checked("fp32").contract
    assert contract.training.licence == f"for research; {LICENCE}"


def test_that_two_patients_of_one_name_are_judged_each_by_their_own_reader(
    own_run: Path, site: Path, patients: Path
) -> None:
    learnt = RunFolder(own_run).read_config().data
    found = export_data(RunFolder(own_run), (learnt[0], learnt[1].model_copy(update={"folder": site})))
    own, others = ({case.patient for case in side.cases} for side in found.sides)
    assert own == {f"clinic/{NAMESAKE}"}
    assert others == {"acdc/patient005", "patient010", "patient015"}


def test_that_a_model_of_a_sites_patients_is_not_exported_where_none_of_them_judges(
    own_run: Path, patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(own_run), "--out", str(tmp_path / "m.cinecor"), "--data", f"acdc={patients}"]) == 2
    assert "of the 2 held out none is in the data" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    learnt = RunFolder(own_run).read_config().data
    with pytest.raises(UsageError) as refused:
        export_data(RunFolder(own_run), learnt[:1], learnt=learnt)
    assert refused.value.message.code == "own_patients_not_judged"
