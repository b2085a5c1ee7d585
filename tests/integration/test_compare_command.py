"""Rules of `cinecor compare`: two sides of the same studies, in tables and on a page."""

import csv
import json
import shutil
import warnings
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from cohorts import TINY
from program import Cinecor
from result_folders import signed_copy, write_results_of

from cinecor.agreement.overlap import dice
from cinecor.cohort.input_row import State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.study_facts import StudyFacts
from cinecor.message import Message
from cinecor.report.results import Results
from cinecor_phantom import HeartShape, Phantom, make_phantom, write_dicom

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from monai.metrics import compute_dice, compute_hausdorff_distance

STUDIES = 4


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Phantom]]:
    """Return two sides of four phantoms: the truth, and an LV that lacks its edge."""
    place = tmp_path_factory.mktemp("sides")
    phantoms = []
    for seed in range(STUDIES):
        phantom = make_phantom(HeartShape.of_volumes(130.0 + 20 * seed, 55.0 + 9 * seed), TINY, seed=seed)
        write_dicom(phantom, place / "studies" / f"p{seed}", style="ge")
        write_results_of(phantom.labels, place / "studies" / f"p{seed}", place / "truth", name=f"p{seed}")
        write_results_of(_smaller(phantom.labels), place / "studies" / f"p{seed}", place / "model", name=f"p{seed}")
        phantoms.append(phantom)
    return place / "model", place / "truth", phantoms


def _smaller(labels: np.ndarray) -> np.ndarray:
    """Turn the outermost pixels of the LV into myocardium; rows and columns are the last axes."""
    changed = labels.copy()
    cavity = labels == 3
    inside = cavity.copy()
    for axis, step in ((-2, 1), (-2, -1), (-1, 1), (-1, -1)):
        inside &= np.roll(cavity, step, axis=axis)
    changed[cavity & ~inside] = 2
    return changed


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def compared(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("compared")
    run = cinecor("compare", sides[0], sides[1], "--out", out)
    assert run.returncode == 0, run.stderr
    assert "bias" in run.stdout
    assert "too few to tell" in run.stdout
    return out


def test_that_the_numbers_are_those_of_both_sides(compared: Path, sides: tuple[Path, Path, list[Phantom]]) -> None:
    rows = _rows(compared / "studies.csv")
    assert [row["study"] for row in rows] == [f"p{seed}" for seed in range(STUDIES)]
    for row in rows:
        for prefix, side in (("a", sides[0]), ("b", sides[1])):
            results = json.loads((side / row["study"] / "results.json").read_text())
            assert float(row[f"{prefix}_lv_edv_ml"]) == pytest.approx(results["lv"]["edv_ml"], abs=1e-3)


def test_that_the_bias_is_that_of_the_differences_and_four_studies_are_too_few_for_limits(compared: Path) -> None:
    studies = _rows(compared / "studies.csv")
    errors = np.array([float(row["a_lv_edv_ml"]) - float(row["b_lv_edv_ml"]) for row in studies])
    row = next(one for one in _rows(compared / "agreement.csv") if one["what"] == "lv_edv_ml")
    assert float(row["bias"]) == pytest.approx(errors.mean(), abs=1e-3)
    assert float(row["bias"]) < 0  # the model's LV lacks its edge
    assert int(row["studies"]) == STUDIES
    assert (row["loa_low"], row["icc_agreement"], row["note"]) == ("", "", "too_few_studies")
    assert "too few to tell" in (compared / "compare.html").read_text()


def test_that_overlap_is_told_by_structure_moment_and_level(
    compared: Path, sides: tuple[Path, Path, list[Phantom]]
) -> None:
    rows = _rows(compared / "overlap.csv")
    assert {row["level"] for row in rows} == {"all", "base", "mid", "apex"}
    for seed, phantom in enumerate(sides[2]):
        truth = phantom.labels
        results = json.loads((sides[1] / f"p{seed}" / "results.json").read_text())
        for moment in ("ed", "es"):
            phase = results[f"{moment}_phase"]
            row = next(
                one for one in rows
                if (one["study"], one["structure"], one["moment"], one["level"]) == (f"p{seed}", "lv", moment, "all")
            )  # fmt: skip
            expected = dice(_smaller(truth)[:, phase] == 3, truth[:, phase] == 3)
            assert float(row["dice"]) == pytest.approx(expected, abs=1e-3)
    untouched = [row for row in rows if row["structure"] == "rv"]
    drawn = [float(row["dice"]) for row in untouched if row["hd95_mm"]]
    assert drawn == pytest.approx([1.0] * len(drawn))
    nobody = [row["dice"] for row in untouched if not row["hd95_mm"]]
    assert nobody == [""] * len(nobody)
    assert nobody  # no phantom has an RV at its apex


def test_that_overlap_of_each_structure_is_monais(compared: Path, sides: tuple[Path, Path, list[Phantom]]) -> None:
    rows = {
        (row["study"], row["structure"], row["moment"]): row
        for row in _rows(compared / "overlap.csv")
        if row["level"] == "all"
    }
    for seed, phantom in enumerate(sides[2]):
        results = json.loads((sides[1] / f"p{seed}" / "results.json").read_text())
        spacing = (results["stack"]["slice_spacing_mm"], *results["stack"]["pixel_spacing_mm"])
        for moment in ("ed", "es"):
            truth = phantom.labels[:, results[f"{moment}_phase"]]
            for structure, label in (("rv", 1), ("myo", 2), ("lv", 3)):
                masks = [torch.from_numpy(labels == label)[None, None].float() for labels in (_smaller(truth), truth)]
                row = rows[f"p{seed}", structure, moment]
                assert float(row["dice"]) == pytest.approx(float(compute_dice(*masks)), abs=1e-4)
                hd95_mm = compute_hausdorff_distance(*masks, include_background=True, percentile=95, spacing=spacing)
                assert float(row["hd95_mm"]) == pytest.approx(float(hd95_mm), abs=1e-3)


def test_that_studies_of_one_side_alone_are_told(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    shutil.copytree(sides[0], tmp_path / "model")
    shutil.copytree(sides[1] / "p0", tmp_path / "truth" / "p0")
    shutil.copytree(sides[1] / "p1", tmp_path / "truth" / "another")
    run = cinecor("compare", tmp_path / "model", tmp_path / "truth", "--out", tmp_path / "out")
    assert run.returncode == 1
    why = {row["study"]: row["why_not_compared"] for row in _rows(tmp_path / "out" / "studies.csv")}
    assert sorted(why) == ["another", *(f"p{seed}" for seed in range(STUDIES))]
    assert [study for study, reason in why.items() if not reason] == ["p0"]
    assert str(tmp_path / "truth") in why["another"]
    assert str(tmp_path / "model") in why["p1"]


def test_that_the_page_needs_nothing_but_itself(compared: Path) -> None:
    page = (compared / "compare.html").read_text()
    assert page.count("<svg") >= 5
    assert "Research use only" in page
    assert "http" not in page


def test_that_label_maps_are_a_side_too_and_groups_are_told_apart(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    lines = ["study,a,b,group,moment,phase"]
    for seed, phantom in enumerate(sides[2]):
        results = json.loads((sides[0] / f"p{seed}" / "results.json").read_text())
        for moment in ("ED", "ES"):
            phase = results[f"{moment.lower()}_phase"]
            path = tmp_path / f"p{seed}_{moment}.nii.gz"
            spacing = (*results["stack"]["pixel_spacing_mm"][::-1], results["stack"]["slice_spacing_mm"], 1.0)
            voxels = phantom.labels[:, phase].transpose(2, 1, 0)
            nibabel.save(nibabel.Nifti1Image(voxels, np.diag(spacing)), path)
            lines.append(
                f"p{seed},{sides[0] / f'p{seed}'},{path.name},{'young' if seed < 2 else 'old'},{moment},{phase}"
            )
    (tmp_path / "pairs.csv").write_text("\n".join(lines) + "\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    rows = {row["study"]: row for row in _rows(tmp_path / "out" / "studies.csv")}
    for seed in range(STUDIES):
        truth = json.loads((sides[1] / f"p{seed}" / "results.json").read_text())
        for name in ("edv_ml", "esv_ml", "ef_percent", "mass_g"):
            assert float(rows[f"p{seed}"][f"b_lv_{name}"]) == pytest.approx(truth["lv"][name], abs=0.01)
    figures = _rows(tmp_path / "out" / "agreement.csv")
    counts = {row["group"]: row["studies"] for row in figures if row["what"] == "lv_ef_percent"}
    assert counts == {"all": "4", "old": "2", "young": "2"}


@pytest.mark.parametrize(
    "lines",
    [
        ("{a}/p0,{b}/p0,,", "{a}/p0,{b}/p1,,"),
        ("{a}/p0,{b}/p0,,", "{a}/p1,{b}/p0,,"),
        ("{a}/p0,{b}/p0,,", "{a}/p0,ed.nii.gz,ED,0"),
        ("{a}/p0,ed.nii.gz,ED,0", "{a}/p0,{b}/p0,,"),
        ("{a}/p0,ed.nii.gz,ED,0", "{a}/p0,other.nii.gz,ED,0"),
        ("{a}/p0,ed.nii.gz,ED,0", "{a}/p0,es.nii.gz,ES,0"),
    ],
)
def test_that_a_study_that_is_listed_with_two_pairs_is_not_compared_with_one_of_them(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path, lines: tuple[str, str]
) -> None:
    rows = "".join(f"p0,{line.format(a=sides[0], b=sides[1])}\n" for line in lines)
    (tmp_path / "pairs.csv").write_text(f"study,a,b,moment,phase\n{rows}")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "line 3" in run.stderr


def test_that_a_list_of_pairs_may_have_semicolons(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    (tmp_path / "pairs.csv").write_text(f"study;a;b\np0;{sides[0] / 'p0'};{sides[1] / 'p0'}\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert [row["study"] for row in _rows(tmp_path / "out" / "studies.csv")] == ["p0"]
    assert "distinct studies" not in run.stderr
    with (tmp_path / "pairs.csv").open("a") as file:
        file.write(f"again;{sides[0] / 'p0'};{sides[1] / 'p0'}\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "twice")
    assert "The 2 pairs are of 1 distinct studies" in run.stderr
    assert "The 2 pairs are of 1 distinct studies" in (tmp_path / "twice" / "compare.html").read_text()


def test_that_a_study_that_cannot_be_compared_is_told_and_left_out(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 3, 3), np.uint8), np.eye(4)), tmp_path / "small.nii.gz")
    (tmp_path / "pairs.csv").write_text(
        f"study,a,b,moment,phase\np0,{sides[0] / 'p0'},{sides[1] / 'p0'},,\np1,{sides[0] / 'p1'},small.nii.gz,ED,0\n"
    )
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 1
    assert "p1" in run.stderr
    assert "another grid" in run.stderr
    assert [row["study"] for row in _rows(tmp_path / "out" / "studies.csv") if not row["why_not_compared"]] == ["p0"]


def test_that_two_patients_are_not_compared_and_a_phase_counts_from_zero(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    labels = sides[2][2].labels[:, 0].transpose(2, 1, 0)
    nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), tmp_path / "last.nii.gz")
    (tmp_path / "pairs.csv").write_text(
        f"study,a,b,moment,phase\nsame,{sides[0] / 'p0'},{sides[1] / 'p0'},,\n"
        f"other,{sides[0] / 'p0'},{sides[1] / 'p1'},,\n"
        f"before,{sides[0] / 'p2'},last.nii.gz,ED,-1\n"
    )
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 1
    assert "made from different images" in run.stderr
    assert "not those that it is compared at" in run.stderr
    compared = [row["study"] for row in _rows(tmp_path / "out" / "studies.csv") if not row["why_not_compared"]]
    assert compared == ["same"]


def test_that_labels_which_lie_elsewhere_are_not_compared(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    """On the same grid, where the results lie, 0.9 mm and 1.1 mm beside it, and mirrored."""
    here = sides[0] / "p0"
    phase = json.loads((here / "results.json").read_text())["ed_phase"]
    placed = nibabel.load(here / "segmentation.nii.gz").affine
    voxels = sides[2][0].labels[:, phase].transpose(2, 1, 0)
    lines = ["study,a,b,moment,phase"]
    for name, moved in (
        ("here", np.eye(4)),
        ("near", _moved(0.9)),
        ("off", _moved(1.1)),
        ("mirrored", np.diag([-1.0, 1.0, 1.0, 1.0])),
    ):
        nibabel.save(nibabel.Nifti1Image(voxels, moved @ placed), tmp_path / f"{name}.nii.gz")
        lines.append(f"{name},{here},{name}.nii.gz,ED,{phase}")
    (tmp_path / "pairs.csv").write_text("\n".join(lines) + "\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 1
    assert run.stderr.count("lies elsewhere in the patient") == 2
    compared = [row["study"] for row in _rows(tmp_path / "out" / "studies.csv") if not row["why_not_compared"]]
    assert compared == ["here", "near"]


def _moved(by_mm: float) -> np.ndarray:
    moved = np.eye(4)
    moved[2, 3] = by_mm
    return moved


def test_that_results_that_were_changed_are_told_and_left_out(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    changed = tmp_path / "model"
    shutil.copytree(sides[0], changed)
    page = json.loads((changed / "p1" / "results.json").read_text())
    page["lv"]["ef_percent"] += 20
    (changed / "p1" / "results.json").write_text(json.dumps(page))
    run = cinecor("compare", changed, sides[1], "--out", tmp_path / "out")
    assert run.returncode == 1
    assert "p1" in run.stderr
    assert "`cinecor verify`" in run.stderr
    compared = [row["study"] for row in _rows(tmp_path / "out" / "studies.csv") if not row["why_not_compared"]]
    assert compared == ["p0", "p2", "p3"]


def _as_cohort(side: Path) -> None:
    """Write the manifest of a cohort whose last run did p0, after p2 by another model, and not the others again."""
    facts = StudyFacts.of(Results.model_validate_json((side / "p0" / "results.json").read_bytes()))
    with closing(Manifest.open(side, resume=False)) as manifest:
        for name, sha256 in (("p2", "cd" * 32), ("p0", facts.model_sha256)):
            manifest.add(side / "inputs" / name, name=name)
            row = manifest.row_of(side / "inputs" / name)
            assert row is not None
            study = StudyRow(1, name, facts=replace(facts, model_sha256=sha256))
            manifest.settle(row, state=State.DONE, studies=(study,), model_sha256=sha256)
        for name in ("p1", "p3"):
            manifest.add(side / "inputs" / name, name=name)
        row = manifest.row_of(side / "inputs" / "p1")
        assert row is not None
        manifest.settle(row, state=State.FAILED, failure=Message("broken", "It is broken."), model_sha256="ab" * 32)


def test_that_a_cohort_gives_what_its_last_run_did_and_nothing_that_is_left_from_another(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    """p1 failed since, p2 is of another model, p3 waits to be done again, and `old` has no row any more."""
    cohort, other = tmp_path / "cohort", tmp_path / "other"
    shutil.copytree(sides[0], cohort)
    shutil.copytree(sides[1], other)
    for side in (cohort, other):
        shutil.copytree(side / "p0", side / "old")
    _as_cohort(cohort)
    for first, second in ((cohort, other), (other, cohort)):
        run = cinecor("compare", first, second, "--out", tmp_path / "out")
        assert run.returncode == 1
        why = {row["study"]: row["why_not_compared"] for row in _rows(tmp_path / "out" / "studies.csv")}
        assert [study for study, reason in why.items() if not reason] == ["p0"]
        assert "It is broken." in why["p1"]
        assert "another model" in why["p2"]
        assert "waits to be done again" in why["p3"]
        assert "left from an earlier run" in why["old"]
        side = "A" if first == cohort else "B"
        told = f"Side {side} is a cohort that is not all done, and the rest is not compared: 1 failed or set aside, 1"
        assert told in run.stderr
        assert told in (tmp_path / "out" / "compare.html").read_text()
        counted = {row["what"]: row["studies"] for row in _rows(tmp_path / "out" / "agreement.csv")}
        assert {f"{side.lower()}_inputs_failed": "1", f"{side.lower()}_inputs_waiting": "1"}.items() <= counted.items()
        (row,) = [row for row in _rows(tmp_path / "out" / "studies.csv") if row["study"] == "p0"]
        assert row["a_model"] == row["b_model"] == "cinecor-sax 1 fp32 abababababab"


@pytest.mark.parametrize("there", [True, False])
def test_that_what_is_advised_for_results_of_another_model_can_be_done(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path, there: bool
) -> None:
    cohort = tmp_path / "cohort"
    shutil.copytree(sides[0], cohort)
    _as_cohort(cohort)
    if there:
        (cohort / "inputs" / "p2").mkdir(parents=True)
    cinecor("compare", cohort, sides[1], "--out", tmp_path / "out")
    (why,) = (row["why_not_compared"] for row in _rows(tmp_path / "out" / "studies.csv") if row["study"] == "p2")
    assert "another model" in why
    assert (f"put {cohort / 'inputs' / 'p2'} back" in why) is not there


def test_that_one_folder_on_both_sides_is_told_and_computed(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    run = cinecor("compare", sides[0], sides[0] / ".." / sides[0].name, "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("4 studies have the same folder of results on both sides") == 1
    assert "on both sides" in (tmp_path / "out" / "compare.html").read_text()
    (row,) = (one for one in _rows(tmp_path / "out" / "agreement.csv") if one["what"] == "lv_edv_ml")
    assert (row["bias"], row["studies"]) == ("0.0", "4")


def test_that_a_comparison_is_not_written_into_a_cohort(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    shutil.copytree(sides[0], tmp_path / "cohort")
    _as_cohort(tmp_path / "cohort")
    run = cinecor("compare", tmp_path / "cohort", sides[1], "--out", tmp_path / "cohort")
    assert run.returncode == 2
    assert "holds a cohort; choose another --out" in run.stderr
    assert not (tmp_path / "cohort" / "compare.html").exists()


@pytest.fixture(scope="module")
def frames(sides: tuple[Path, Path, list[Phantom]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of one frame, as of a file of its own."""
    place = tmp_path_factory.mktemp("frames")
    phantom = sides[2][0]
    spacing = (TINY.pixel_spacing_mm, TINY.pixel_spacing_mm, TINY.slice_thickness_mm + TINY.slice_gap_mm, 1.0)
    pixels = phantom.pixels[:, 0].astype(np.int16).transpose(2, 1, 0)
    nibabel.save(nibabel.Nifti1Image(pixels, np.diag(spacing)), place / "frame.nii.gz")
    write_results_of(phantom.labels[:, :1], place / "frame.nii.gz", place / "out", name="frame")
    return place / "out"


def test_that_a_study_of_one_phase_has_no_moment_on_either_side(cinecor: Cinecor, frames: Path, tmp_path: Path) -> None:
    run = cinecor("compare", frames, frames, "--out", tmp_path / "out")
    assert run.returncode == 1
    assert "name the moment in a list" in run.stderr
    (row,) = _rows(tmp_path / "out" / "studies.csv")
    assert "nobody says which phase is ED or ES" in row["why_not_compared"]
    assert not any(value for name, value in row.items() if name.startswith(("a_lv", "a_rv", "b_lv", "b_rv")))
    assert _rows(tmp_path / "out" / "overlap.csv") == []


@pytest.mark.parametrize(("moment", "volume"), [("ED", "edv"), ("ES", "esv")])
def test_that_a_list_names_the_moment_of_one_phase_for_both_sides(
    cinecor: Cinecor, frames: Path, tmp_path: Path, moment: str, volume: str
) -> None:
    (tmp_path / "pairs.csv").write_text(f"study,a,b,moment\nf,{frames / 'frame'},{frames / 'frame'},{moment}\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    (row,) = _rows(tmp_path / "out" / "studies.csv")
    volumes = [name for name in row if name[2:5] in ("lv_", "rv_") and row[name] and "_ml" in name]
    assert volumes == [f"a_lv_{volume}_ml", f"b_lv_{volume}_ml", f"a_rv_{volume}_ml", f"b_rv_{volume}_ml"]
    assert row[f"a_lv_{volume}_ml"] == row[f"b_lv_{volume}_ml"]
    assert {one["moment"] for one in _rows(tmp_path / "out" / "overlap.csv")} == {moment.lower()}


def test_that_a_moment_that_is_none_is_wrong_usage(cinecor: Cinecor, frames: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text(f"study,a,b,moment\nf,{frames / 'frame'},{frames / 'frame'},systole\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "is no moment" in run.stderr


def test_that_a_reader_s_results_in_a_cohort_count_where_they_are_named(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path
) -> None:
    cohort = tmp_path / "cohort"
    shutil.copytree(sides[0], cohort)
    signed_copy(sides[0] / "p1", cohort / "p1-read", organisation="Heart Centre")
    _as_cohort(cohort)
    lines = (f"{name},cohort/{name},{sides[1] / name[:2]}" for name in ("p0", "p1", "p1-read"))
    (tmp_path / "pairs.csv").write_text("study,a,b\n" + "\n".join(lines) + "\n")
    run = cinecor("compare", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert run.returncode == 1
    compared = [row["study"] for row in _rows(tmp_path / "out" / "studies.csv") if not row["why_not_compared"]]
    assert compared == ["p0", "p1-read"]


def test_that_a_cohort_that_is_being_worked_on_is_not_compared(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor.cohort.manifest._LOOK_S", 0.1)
    shutil.copytree(sides[0], tmp_path / "cohort")
    with closing(Manifest.open(tmp_path / "cohort", resume=False)):
        run = cinecor("compare", tmp_path / "cohort", sides[1], "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "being worked on" in run.stderr


@pytest.mark.parametrize("wrong", [(), ("{a}",), ("{a}", "{a}/../studies"), ("--pairs", "{a}/p0/volumes.csv")])
def test_that_sides_without_sense_are_wrong_usage(
    cinecor: Cinecor, sides: tuple[Path, Path, list[Phantom]], tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    run = cinecor("compare", *(part.format(a=sides[0]) for part in wrong), "--out", tmp_path / "out")
    assert run.returncode == 2
    assert not (tmp_path / "out").exists()
