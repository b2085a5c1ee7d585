"""A new model must not be worse on either side: a site's own patients, and those of others."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from cinecor.inference.package.model_file import open_model_file
from cinecor_export.gates import failed
from cinecor_export.graph_session import open_graph
from cinecor_export.predecessor import Side, compare_with
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.evaluation.evaluation import evaluate
from cinecor_training.evaluation.patient_result import PatientResult
from cinecor_training.evaluation.segmenter import PipelineSegmenter

OWN = ("patient005", "patient010")


@pytest.fixture(scope="module")
def sides(patients: Path) -> tuple[Side, Side]:
    found = AcdcSource(patients).find()
    judged = [case for case in found.cases if case.patient in (found.held_out or ())]
    own = tuple(case for case in judged if case.patient in OWN)
    return Side("own patients", own), Side("other patients", tuple(case for case in judged if case not in own))


@pytest.fixture(scope="module")
def in_use(exported: Path, sides: tuple[Side, Side]) -> tuple[PatientResult, ...]:
    """What the model in use gives on both sides."""
    segmenter = PipelineSegmenter(open_graph(open_model_file(exported).checked("fp32").content))
    cases = [case for side in sides for case in side.cases]
    return evaluate(cases, segmenter, listener=lambda _: None).patients


def _worse(results: tuple[PatientResult, ...], patients: Collection[str]) -> tuple[PatientResult, ...]:
    def changed(one: PatientResult, by: float) -> PatientResult:
        stacks = tuple(
            replace(
                stack,
                structures={name: replace(found, dice=found.dice + by) for name, found in stack.structures.items()},
            )
            for stack in one.stacks
        )
        return replace(one, stacks=stacks)

    return tuple(changed(one, -0.02 if one.patient in patients else 0.02) for one in results)


def test_that_an_equal_model_passes_on_both_sides(
    exported: Path, sides: tuple[Side, Side], in_use: tuple[PatientResult, ...]
) -> None:
    found = compare_with(exported, in_use, sides=sides, allow_worse=False, listener=lambda _: None)
    assert failed(found.gates) == ()
    assert {side.name for side in sides} == {gate.name.partition(" on ")[2].partition(":")[0] for gate in found.gates}
    assert found.comparison is not None
    assert found.comparison.worse == {}


@pytest.mark.parametrize("side", [0, 1])
def test_that_a_gain_on_one_side_does_not_buy_a_loss_on_the_other(
    exported: Path, sides: tuple[Side, Side], in_use: tuple[PatientResult, ...], side: int
) -> None:
    new = _worse(in_use, {case.patient for case in sides[side].cases})
    found = compare_with(exported, new, sides=sides, allow_worse=False, listener=lambda _: None)
    refused = failed(found.gates)
    assert [sides[side].name in gate.name for gate in refused] == [True]
    assert found.comparison is not None
    assert list(found.comparison.worse) == [f"{sides[side].name}: dice_mean"]
