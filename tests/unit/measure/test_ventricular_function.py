"""What follows from volumes at ED and ES, and that it is computed in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cinecor.measure.ventricular_function import VentricularFunction, ventricular_function
from cinecor.study.cine_stack import disc_ml, pixel_volume_ml

CINECOR = Path(__file__).parents[3] / "desktop" / "cinecor"


def test_that_the_numbers_are_those_of_the_convention() -> None:
    assert ventricular_function(150.0, 60.0, heart_rate_bpm=80.0, wall_ml=100.0) == VentricularFunction(
        edv_ml=150.0, esv_ml=60.0, sv_ml=90.0, ef_percent=60.0, co_l_min=7.2, mass_g=105.0
    )


@pytest.mark.parametrize(("esv_ml", "ejects"), [(99.999, True), (100.0, False), (100.001, False)])
def test_that_a_ventricle_that_is_not_smaller_at_es_has_volumes_alone(esv_ml: float, ejects: bool) -> None:
    found = ventricular_function(100.0, esv_ml, heart_rate_bpm=60.0)
    assert (found.edv_ml, found.esv_ml) == (100.0, esv_ml)
    assert [one is not None for one in (found.sv_ml, found.ef_percent, found.co_l_min)] == [ejects] * 3


@pytest.mark.parametrize("nothing", [0.0, None])
def test_that_a_structure_of_which_nothing_was_found_is_unknown(nothing: float | None) -> None:
    assert ventricular_function(nothing, 60.0, heart_rate_bpm=60.0) == VentricularFunction(None, 60.0)
    assert ventricular_function(150.0, nothing, heart_rate_bpm=60.0) == VentricularFunction(150.0, None)
    assert ventricular_function(nothing, nothing, heart_rate_bpm=60.0, wall_ml=nothing).mass_g is None
    assert ventricular_function(nothing, nothing, heart_rate_bpm=60.0, wall_ml=100.0).mass_g == 105.0


@pytest.mark.parametrize("rate", [None, 0.0, -60.0, float("inf"), float("nan")])
def test_that_an_impossible_heart_rate_takes_the_output_alone(rate: float | None) -> None:
    found = ventricular_function(150.0, 60.0, heart_rate_bpm=rate)
    assert (found.sv_ml, found.ef_percent, found.co_l_min) == (90.0, 60.0, None)


def test_that_a_pixel_stands_for_its_area_over_the_extent_of_its_slice() -> None:
    assert pixel_volume_ml((2.0, 1.5), [10.0, 20.0]).tolist() == [0.03, 0.06]
    assert disc_ml(300.0, np.array([10.0])).tolist() == [3.0]


def _computed_apart(code: str) -> Iterator[str]:
    """Where a source turns mm³ into mL, or makes a stroke volume per volume, on its own."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=1000)):
                if "extent" in (said := ast.unparse(left)) or "mm2" in said:
                    yield f"{node.lineno}: {ast.unparse(node)}"
            case ast.BinOp(left=ast.BinOp(left=ast.Constant(value=100), op=ast.Mult()), op=ast.Div(), right=right):
                if "edv" in ast.unparse(right):
                    yield f"{node.lineno}: {ast.unparse(node)}"


def test_that_millilitres_and_ejection_fractions_are_computed_in_one_place() -> None:
    allowed = {CINECOR / "measure" / "ventricular_function.py", CINECOR / "study" / "cine_stack.py"}
    found = [
        f"{path.relative_to(CINECOR)}:{where}"
        for path in sorted(set(CINECOR.rglob("*.py")) - allowed)
        for where in _computed_apart(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted", ["a[0] * a[1] * np.array(slice_extent_mm) / 1000.0", "area_mm2 * 8 / 1000", "100.0 * sv / edv"]
)
def test_that_a_second_formula_is_seen(planted: str) -> None:
    assert list(_computed_apart(planted))
