"""Rules of an evaluation over patients."""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import CineStack
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.case import Case, LabelledFrames, known_bits
from cinecor_training.data.phantom_source import PhantomSource
from cinecor_training.data.split import Split
from cinecor_training.evaluation.evaluation import evaluate
from cinecor_training.evaluation.figures import figures, summary
from cinecor_training.evaluation.judgement import judged_cases
from cinecor_training.evaluation.patient_result import QUANTITIES, STRUCTURES, PatientResult
from cinecor_training.evaluation.segmenter import Segmenter

Make = Callable[..., Segmenter]


def test_that_a_segmenter_like_the_reader_gets_perfect_figures(small_acdc: Path, reader_like: Make) -> None:
    heard: list[PatientResult] = []
    evaluation = evaluate(
        AcdcSource(small_acdc).find().cases, reader_like(lambda labels: labels), listener=heard.append
    )
    found = figures(evaluation.patients)
    assert [patient.patient for patient in heard] == ["patient001", "patient002", "patient005"]
    assert evaluation.worst == evaluation.skipped == ()
    for name in (*STRUCTURES, "mean"):
        assert (found[f"dice_{name}"].value, found[f"dice_{name}"].count) == (1, 3)
    assert all(found[f"{quantity}_mae"].value == 0 for quantity in QUANTITIES)
    assert found["missed_lv_slices"].value == 0


def test_that_a_segmenter_that_finds_nothing_gets_dice_0_and_no_invented_numbers(
    small_acdc: Path, reader_like: Make
) -> None:
    evaluation = evaluate(AcdcSource(small_acdc).find().cases, reader_like(np.zeros_like), listener=lambda _: None)
    found = figures(evaluation.patients)
    assert found["dice_mean"].value == 0
    assert found["missed_stacks_rv"].value == 6
    assert not [name for name in found if name.startswith(("hd95", "asd", "lv_ef", "rv_ef", "lv_mass"))]
    assert len(evaluation.worst) == 12


def test_that_a_figure_over_both_moments_is_the_mean_of_ed_and_es(small_acdc: Path, reader_like: Make) -> None:
    def thinner(labels: np.ndarray) -> np.ndarray:
        return np.where(np.roll(labels, 1, axis=2) == 3, labels, np.minimum(labels, 2)).astype(np.uint8)

    evaluation = evaluate(AcdcSource(small_acdc).find().cases, reader_like(thinner), listener=lambda _: None)
    found = figures(evaluation.patients)
    assert found["dice_lv"].value == pytest.approx((found["dice_lv_ed"].value + found["dice_lv_es"].value) / 2)
    assert found["dice_lv_worst"].value < found["dice_lv"].value < 1
    assert found["dice_lv_group_nor"] == found["dice_lv"]  # all of them belong to that group
    assert summary(found)["dice_lv"] == pytest.approx(found["dice_lv"].value, abs=1e-4)


def test_that_a_patient_whose_files_do_not_fit_is_listed_and_left_out(
    small_acdc: Path, reader_like: Make, tmp_path: Path
) -> None:
    folder = shutil.copytree(small_acdc, tmp_path / "acdc")
    labels = next((folder / "patient002").glob("*_gt.nii.gz"))
    labels.write_bytes(_cut(labels))
    evaluation = evaluate(AcdcSource(folder).find().cases, reader_like(lambda labels: labels), listener=lambda _: None)
    assert [patient.patient for patient in evaluation.patients] == ["patient001", "patient005"]
    assert [entry.patient for entry in evaluation.skipped] == ["patient002"]
    assert "do not fit" in evaluation.skipped[0].reason


@dataclass(frozen=True, slots=True)
class _OfAStudy:
    """A case of a patient of whom there are several studies."""

    whole: Case
    moment: str
    patient: str = "Anna"
    group: str = "unknown"
    key: str = ""

    def read(self) -> LabelledFrames:
        return self.whole.read()


def test_that_each_study_of_a_patient_is_a_cine_of_its_own(small_acdc: Path, reader_like: Make) -> None:
    cases = [_OfAStudy(case, f"{case.patient} {case.moment}") for case in AcdcSource(small_acdc).find().cases]
    found = evaluate(cases, reader_like(lambda labels: labels), listener=lambda _: None)
    assert [one.patient for one in found.patients] == ["Anna patient001", "Anna patient002", "Anna patient005"]
    for patient in found.patients:
        assert [stack.moment for stack in patient.stacks] == ["ED", "ES"]
        pair = patient.function["lv_ef_points"]
        assert pair.reader is not None
        assert pair.model == pair.reader


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """A case of whose slices the reader left some out."""

    whole: Case
    slices: frozenset[int]
    moment: str
    patient: str = "patient001"
    group: str = "unknown"
    key: str = ""

    def read(self) -> LabelledFrames:
        return self.whole.read().without(self.slices)


def test_that_slices_that_the_reader_left_out_are_judged_on_neither_side(small_acdc: Path, reader_like: Make) -> None:
    whole = [case for case in AcdcSource(small_acdc).find().cases if case.patient == "patient001"]
    drawn = [np.flatnonzero((case.read().labels == Label.LV).any(axis=(1, 2))) for case in whole]
    out = [frozenset({int(drawn[0][0])}), frozenset({int(drawn[1][1])})]  # one at ED, another at ES
    cases = [_LeftOut(case, slices, case.moment) for case, slices in zip(whole, out, strict=True)]
    found = evaluate(cases, reader_like(lambda labels: labels), listener=lambda _: None)
    assert (found.skipped, found.worst) == ((), ())
    (patient,) = found.patients
    assert all(one.dice == 1 for stack in patient.stacks for one in stack.structures.values())
    assert all(pair.model == pair.reader for pair in patient.function.values())
    assert all(stack.added_lv_slices == 0 for stack in patient.stacks)
    (entire,) = evaluate(whole, reader_like(lambda labels: labels), listener=lambda _: None).patients
    less, all_of_it = (one.function["lv_edv_ml"].reader for one in (patient, entire))
    assert less is not None
    assert all_of_it is not None
    assert less < all_of_it


def _cut(path: Path) -> bytes:
    """The same labels with a slice less."""
    import nibabel as nib

    image = nib.Nifti1Image.from_filename(path)
    cut = nib.Nifti1Image(np.asarray(image.dataobj)[..., 1:], image.affine)
    other = path.with_name("cut.nii.gz")
    nib.save(cut, other)
    return other.read_bytes()


def test_that_nobody_to_evaluate_is_an_error(reader_like: Make) -> None:
    with pytest.raises(InputError, match="Nothing could be evaluated"):
        evaluate([], reader_like(lambda labels: labels), listener=lambda _: None)


def test_that_the_patients_divisible_by_five_are_judged_unless_others_are_named(small_acdc: Path) -> None:
    source = AcdcSource(small_acdc)
    fixed = judged_cases(source)
    assert {case.patient for case in fixed.judged} == {"patient005"}
    assert {case.patient for case in fixed.others} == {"patient001", "patient002"}
    assert "divisible by 5" in fixed.split
    named = judged_cases(source, patients=("patient002",))
    assert {case.patient for case in named.judged} == {"patient002"}
    assert "patient002" in named.split


def test_that_a_patient_who_is_not_there_is_named(small_acdc: Path) -> None:
    with pytest.raises(InputError, match="patient077"):
        judged_cases(AcdcSource(small_acdc), patients=("patient001", "patient077"))


def test_that_a_runs_own_split_decides_whom_it_is_judged_on(small_acdc: Path) -> None:
    split = Split("part 0 of 3", training=("acdc/patient002", "acdc/patient005"), validation=("acdc/patient001",))
    judged = judged_cases(AcdcSource(small_acdc), split=split)
    assert {case.patient for case in judged.judged} == {"patient001"}
    assert "part 0 of 3" in judged.split
    assert judged.trained_on == ()


def test_that_judging_patients_that_were_trained_on_is_told(small_acdc: Path) -> None:
    split = Split("by hand", training=("acdc/patient002",), validation=("acdc/patient001",))
    judged = judged_cases(AcdcSource(small_acdc), patients=("patient001", "patient002"), split=split)
    assert judged.trained_on == ("patient002",)


@dataclass(frozen=True, slots=True)
class _LvOnly:
    """A case in which nobody outlined the RV."""

    whole: Case
    patient: str = "patient000"
    moment: str = "ED"
    group: str = "unknown"
    key: str = ""

    def read(self) -> LabelledFrames:
        frames = self.whole.read()
        return LabelledFrames(
            frames.pixels, frames.labels, np.full_like(frames.known, known_bits((Label.LV,))), frames.geometry
        )


def test_that_a_patient_with_partial_labels_is_never_judged_as_if_the_rest_were_background(
    small_acdc: Path, reader_like: Make
) -> None:
    cases = AcdcSource(small_acdc).find().cases
    evaluation = evaluate([_LvOnly(cases[0]), *cases], reader_like(lambda labels: labels), listener=lambda _: None)
    assert [entry.patient for entry in evaluation.skipped] == ["patient000"]
    assert "not every structure is labelled" in evaluation.skipped[0].reason
    assert len(evaluation.patients) == 3


def test_that_a_data_set_without_a_rule_is_judged_whole() -> None:
    judged = judged_cases(PhantomSource(2))
    assert len(judged.judged) == len(PhantomSource(2).find().cases)
    assert judged.others == ()
    assert "all patients" in judged.split


@dataclass(frozen=True, slots=True)
class _WithoutFirstSlice:
    """The end-systole of a case, of which a slice was lost."""

    whole: Case
    patient: str
    moment: str = "ES"
    group: str = "unknown"
    key: str = ""

    def read(self) -> LabelledFrames:
        frames = self.whole.read()
        there = replace(
            frames.geometry,
            positions_mm=frames.geometry.positions_mm[1:],
            slice_extent_mm=frames.geometry.slice_extent_mm[1:],
        )
        return LabelledFrames(frames.pixels[1:], frames.labels[1:], frames.known[1:], there)


def test_that_moments_on_one_grid_are_outlined_as_phases_of_one_cine(small_acdc: Path) -> None:
    asked: list[tuple[int, tuple[int, ...]]] = []

    def segmenter(stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        asked.append((stack.slices, tuple(phases)))
        return np.zeros(stack.pixels.shape, dtype=np.uint8)

    at_ed, at_es = AcdcSource(small_acdc).find().cases[:2]
    evaluate([at_ed, at_es], segmenter, listener=lambda _: None)
    evaluate([at_ed, _WithoutFirstSlice(at_es, at_ed.patient)], segmenter, listener=lambda _: None)
    slices = asked[0][0]
    assert asked == [(slices, (0, 1)), (slices, (0,)), (slices - 1, (0,))]
