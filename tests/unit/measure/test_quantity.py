"""Rules of the one table of quantities."""

import dataclasses
import re

import pytest
from pydicom.sr.codedict import Collection

from cinecor.language import language
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.quantity import EXCURSIONS, OF_OUTLINES, QUANTITIES, RATES, ConceptCode, Quantity, quantity
from cinecor.measure.rates import Rates
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.measure.ventricular_function import VentricularFunction
from cinecor.message import Message
from cinecor.report.results import LeftVentricle, RightVentricle
from cinecor.review.valve.numbers import ValveNumbers

ALL = (*QUANTITIES, *RATES, *EXCURSIONS)
CODES = sorted({code for one in ALL for code in (*one.codes.values(), one.index_code) if code}, key=lambda c: c.value)


def test_that_outlines_alone_decide_all_but_the_output_and_four_numbers_are_headlines():
    assert [one.field for one in OF_OUTLINES] == ["edv_ml", "esv_ml", "sv_ml", "ef_percent", "mass_g"]
    assert [one.field for one in ALL if one.headline] == ["edv_ml", "esv_ml", "ef_percent", "mass_g"]


def test_that_every_number_of_a_ventricle_is_a_quantity_and_in_the_files_of_those_ventricles_that_have_it():
    assert [one.field for one in QUANTITIES] == [field.name for field in dataclasses.fields(VentricularFunction)]
    for ventricle, model in {Ventricle.LV: LeftVentricle, Ventricle.RV: RightVentricle}.items():
        assert {one.field for one in QUANTITIES if ventricle in one.codes} == set(model.model_fields)
    assert {one.field for one in RATES} <= {field.name for field in dataclasses.fields(Rates)}
    assert {one.field for one in EXCURSIONS} <= {field.name for field in dataclasses.fields(ValveNumbers)}


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.meaning)
def test_that_every_code_is_the_standards_own_with_its_meaning(code: ConceptCode):
    dictionary = Collection(code.scheme)
    words = re.sub(r"\W", "", code.meaning.title())
    (keyword,) = (name for name in dictionary.dir() if name.lower() == words.lower())
    assert (getattr(dictionary, keyword).value, getattr(dictionary, keyword).meaning) == (code.value, code.meaning)


def test_that_a_ventricles_numbers_have_codes_of_their_own_where_the_meaning_names_the_ventricle():
    for one in ALL:
        if len({code.value for code in one.codes.values()}) == 1:
            assert not any(side in code.meaning for code in one.codes.values() for side in ("Right", "Left v"))
        else:
            for ventricle, code in one.codes.items():
                assert code.meaning.startswith("Left" if ventricle is Ventricle.LV else "Right")


def _doubting(field: str, ventricle: Ventricle) -> set[Concern]:
    """Return what a finding must bear on to put a number in doubt."""
    findings = {concern: Finding(Message("odd", "Odd."), Severity.DOUBTFUL, concerns=(concern,)) for concern in Concern}
    return {concern for concern, finding in findings.items() if quantity(field).rests_on(finding, ventricle)}


@pytest.mark.parametrize(
    ("field", "lv", "rv"),
    [
        ("edv_ml", {Concern.LV}, {Concern.RV}),
        ("ef_percent", {Concern.LV}, {Concern.RV}),
        ("co_l_min", {Concern.LV, Concern.CO}, {Concern.RV, Concern.CO}),
        ("filling_ml_s", {Concern.LV}, {Concern.RV}),
    ],
)
def test_that_a_ventricles_outlines_put_its_numbers_in_doubt_and_the_heart_rate_its_output(field, lv, rv):
    assert _doubting(field, Ventricle.LV) == lv
    assert _doubting(field, Ventricle.RV) == rv


def test_that_the_mass_is_doubted_with_the_lv_and_on_its_own():
    assert _doubting("mass_g", Ventricle.LV) == {Concern.LV, Concern.MASS}


def test_that_units_and_decimals_are_these():
    assert {one.unit for one in ALL} == {"mL", "%", "L/min", "g", "mL/s", "mm"}
    assert {one.unit.lower() == one.ucum for one in ALL} == {True}
    assert {one.field: (one.decimals, one.indexed_decimals) for one in QUANTITIES} == {
        "edv_ml": (0, 1), "esv_ml": (0, 1), "sv_ml": (0, 1), "ef_percent": (1, 1), "co_l_min": (1, 1), "mass_g": (0, 1),
    }  # fmt: skip
    assert {one.decimals for one in (*RATES, *EXCURSIONS)} == {0}


def test_that_what_is_a_share_or_a_rate_is_not_told_per_m2():
    assert {one.field for one in ALL if not one.per_m2} == {
        "ef_percent",
        "ejection_ml_s",
        "filling_ml_s",
        "mapse_mm",
        "tapse_mm",
    }


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.field)
def test_that_every_quantity_has_a_french_name(one: Quantity):
    french = language("fr")
    assert one.meaning.text(french) != str(one.meaning)
    assert one in EXCURSIONS or one.name.text(french) != str(one.name)  # these two are called so in French too


def test_that_a_number_that_nobody_holds_is_unknown():
    assert quantity("edv_ml").of(VentricularFunction(120.0, None)) == 120.0
    assert quantity("esv_ml").of(VentricularFunction(120.0, None)) is None
    assert quantity("filling_ml_s").of(VentricularFunction(120.0, None)) is None
