"""Rules of the gates: what figures let a model through, and what a refusal tells."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cinecor.inference.package.manifest import Gate
from cinecor_export.gates import failed, require, size_gate, variant_gates
from cinecor_export.predecessor import DICE_MARGIN, EF_MARGIN_POINTS, rivalry
from cinecor_export.refusal import ExportRefused
from cinecor_training.evaluation.patient_result import QUANTITIES, Paired, PatientResult, StackResult, StructureResult

NAME = ("cinecor-sax", "1", "a" * 64)
MakePatient = Callable[..., PatientResult]


def patient(*, dice: float = 0.9, **model: float | None) -> PatientResult:
    """A patient with the same Dice everywhere, and numbers of which some are given."""
    structure = StructureResult(dice, 1.0, 0.5, 100.0, 100.0, {}, {})
    stacks = tuple(StackResult(moment, dict.fromkeys(("rv", "myo", "lv"), structure), 0, 0) for moment in ("ED", "ES"))
    return PatientResult(
        "p", "NOR", stacks, {name: Paired(model.get(name, 60.0), 60.0) for name in QUANTITIES}, seconds=0.0
    )


def beyond(own: PatientResult) -> list[str]:
    """What fails beside a parent of 60 mL and a Dice of 0.9."""
    names = [gate.name for gate in failed(variant_gates("int8", own=(own, patient()), parent=(patient(), patient())))]
    return [name.removeprefix("int8 against fp32: ") for name in names]


def test_that_an_equal_variant_passes() -> None:
    assert beyond(patient()) == []


def test_that_a_dice_is_a_mean_over_patients() -> None:
    assert beyond(patient(dice=0.8981)) == []
    assert beyond(patient(dice=0.8979)) == ["Dice drop, RV cavity", "Dice drop, Myocardium", "Dice drop, LV cavity"]


def test_that_a_better_dice_passes() -> None:
    assert beyond(patient(dice=0.99)) == []


@pytest.mark.parametrize(
    ("quantity", "allowed", "refused"),
    [
        ("lv_edv_ml", 62.0, 62.1),
        ("lv_esv_ml", 58.0, 57.9),
        ("lv_ef_points", 61.0, 58.9),
        ("rv_edv_ml", 62.0, 62.1),
        ("rv_esv_ml", 58.0, 57.9),
        ("rv_ef_points", 61.0, 58.9),
    ],
)
def test_that_one_patient_with_another_volume_is_enough(quantity: str, allowed: float, refused: float) -> None:
    assert beyond(patient(**{quantity: allowed})) == []
    assert len(beyond(patient(**{quantity: refused}))) == 1


def test_that_a_lost_ventricle_is_no_equal_one() -> None:
    assert beyond(patient(lv_ef_points=None)) == ["largest difference, LV EF"]
    assert beyond(patient(rv_ef_points=None)) == ["largest difference, RV EF"]


def test_that_a_figure_that_is_no_number_fails() -> None:
    assert failed([Gate.model_construct(name="x", value=float("nan"), limit=1.0, unit="")])


def test_that_a_large_int8_graph_fails() -> None:
    assert not failed([size_gate(bytes(3_000_000))])
    assert failed([size_gate(bytes(3_000_001))])


def test_that_a_refusal_tells_every_figure_and_its_limit() -> None:
    gates = [Gate(name=name, value=3.0, limit=2.0, unit="mL") for name in ("EDV", "ESV")]
    with pytest.raises(ExportRefused, match=r"EDV 3\.00 mL \(limit 2\.00\); ESV 3\.00 mL \(limit 2\.00\)\. Do this"):
        require(gates, remedy="Do this.")


def judged(dice: float, *errors: float | None, quantity: str = "lv_ef_points") -> list[PatientResult]:
    """Patients with a Dice and an error of one EF each, whose reader says 60; None: without that EF."""
    numbers = ({quantity: None if error is None else 60.0 + error} for error in errors)
    return [replace(patient(dice=dice, **one), patient=str(number)) for number, one in enumerate(numbers)]


@pytest.mark.parametrize(
    ("dice", "ef_error", "worse"),
    [
        (0.92, 2.0, []),
        (0.90 - 0.9 * DICE_MARGIN, 3.0 + 0.9 * EF_MARGIN_POINTS, []),
        (0.90 - 1.1 * DICE_MARGIN, 3.0, ["dice_mean"]),
        (0.92, 3.0 + 1.1 * EF_MARGIN_POINTS, ["lv_ef_points_mae"]),
    ],
)
def test_that_a_model_may_be_worse_by_less_than_the_margin(dice: float, ef_error: float, worse: list[str]) -> None:
    found = rivalry(judged(0.90, 3.0), judged(dice, ef_error), name=NAME, allow_worse=False)
    assert found.comparison is not None
    assert list(found.comparison.worse) == worse
    assert len(failed(found.gates)) == len(worse)
    assert not found.comparison.allowed_worse


def test_that_a_worse_model_that_was_allowed_says_so() -> None:
    found = rivalry(judged(0.90, 3.0), judged(0.85, 3.0), name=NAME, allow_worse=True)
    assert found.comparison is not None
    assert found.comparison.worse == {"dice_mean": (pytest.approx(0.90), pytest.approx(0.85))}
    assert found.comparison.allowed_worse


@pytest.mark.parametrize("quantity", ["lv_ef_points", "rv_ef_points"])
def test_that_the_ef_of_either_ventricle_may_be_worse_by_less_than_the_margin(quantity: str) -> None:
    old = judged(0.9, 3.0, quantity=quantity)
    for share, worse in ((0.9, []), (1.1, [f"{quantity}_mae"])):
        new = judged(0.9, 3.0 + share * EF_MARGIN_POINTS, quantity=quantity)
        found = rivalry(old, new, name=NAME, allow_worse=False)
        assert found.comparison is not None
        assert list(found.comparison.worse) == worse
        assert len(failed(found.gates)) == len(worse)


@pytest.mark.parametrize("quantity", ["lv_ef_points", "rv_ef_points"])
@pytest.mark.parametrize("new", [(1.0, None), (None, None)])
def test_that_no_ef_is_worse_than_a_wrong_one(quantity: str, new: tuple[float | None, ...]) -> None:
    found = rivalry(
        judged(0.9, 1.0, 20.0, quantity=quantity), judged(0.9, *new, quantity=quantity), name=NAME, allow_worse=False
    )
    assert found.comparison is not None
    assert found.comparison.worse == {f"{quantity}_lost": (0.0, new.count(None))}
    assert len(failed(found.gates)) == 1


def test_that_an_ef_that_only_the_new_model_finds_does_not_count_against_it() -> None:
    found = rivalry(judged(0.9, 1.0, None), judged(0.9, 1.0, 20.0), name=NAME, allow_worse=False)
    assert failed(found.gates) == ()


@pytest.mark.parametrize("quantity", ["lv_ef_points", "rv_ef_points"])
def test_that_efs_that_nobody_can_judge_are_told_and_stop_where_the_old_model_gave_them(quantity: str) -> None:
    def unread(model: float | None) -> PatientResult:
        given = patient()
        return replace(given, function=given.function | {quantity: Paired(model, None)})

    for was, failing in ((60.0, 1), (None, 0)):
        found = rivalry([unread(was)], [unread(60.0)], name=NAME, allow_worse=False, side="own patients")
        assert len(failed(found.gates)) == failing
        (line,) = found.not_judged
        assert f"on own patients: {quantity[:2].upper()} EF not judged" in line
        assert found.comparison is not None
        assert [*found.comparison.worse] == [f"own patients: {quantity}_not_judged"] * failing


def test_that_a_patient_on_whom_the_new_model_fails_counts_as_worse_and_not_as_left_out() -> None:
    old, new = judged(0.9, 1.0, 1.0), judged(0.9, 1.0)
    found = rivalry(old, new, name=NAME, allow_worse=False)
    assert found.comparison is not None
    assert found.comparison.worse == {"patients_lost": (0.0, 1.0), "lv_ef_points_lost": (0.0, 1.0)} | {
        "rv_ef_points_lost": (0.0, 1.0)
    }
