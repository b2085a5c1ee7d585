"""A table of a site: what is taken, and how each fault is named with its line."""

import pytest

from cinecor.errors import InputError
from cinecor.measure.reference.table import Papillary, ReferenceTable, RvOutflow, Sex
from cinecor.measure.reference.table_file import COLUMNS, FaultyTable, read_table

HEADER = ",".join(COLUMNS)
GOOD = "RV,edv_ml,yes,F,20,39,,,50,110,own percentiles,cavity,excluded,1.5 T,84,Our hospital 2026"


def read(*lines: str, header: str = HEADER) -> ReferenceTable:
    return read_table("\n".join((header, *lines)) + "\n", table_id="own.csv", title="Own", own=True)


def changed(**cells: str) -> str:
    values = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | cells
    return ",".join(values[name] for name in COLUMNS)


def test_that_a_row_is_taken_with_its_convention() -> None:
    row = read(GOOD).rows[0]
    assert (row.measure.key, row.sex, row.age_from, row.age_to) == ("rv.edv_ml.indexed", Sex.FEMALE, 20, 39)
    assert (row.lower, row.upper, row.papillary, row.rv_outflow) == (50.0, 110.0, Papillary.CAVITY, RvOutflow.EXCLUDED)


def test_that_columns_may_come_in_any_order_and_behind_a_byte_order_mark() -> None:
    names = list(reversed(COLUMNS))
    values = dict(zip(COLUMNS, GOOD.split(","), strict=True))
    table = read(",".join(values[name] for name in names), header="\ufeff" + ",".join(names))
    assert table.rows[0].lower == 50.0


@pytest.mark.parametrize("between", [", ", " ,", "\t,"])
def test_that_spaces_about_the_names_of_columns_do_not_matter(between: str) -> None:
    assert read(GOOD, header=between.join(COLUMNS)).rows == read(GOOD).rows


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"ventricle": "LA"}, "ventricle is “LA”; use one of LV, RV"),
        ({"quantity": "edvi"}, "quantity is “edvi”"),
        ({"quantity": "mass_g"}, "the RV has no mass_g"),
        ({"quantity": "ef_percent"}, "ef_percent is not told per m²"),
        ({"indexed": "1"}, "indexed is “1”; use one of yes, no"),
        ({"sex": "f"}, "sex is “f”; use one of M, F, all"),
        ({"age_from": "40", "age_to": "39"}, "age_from 40 is larger than age_to 39"),
        ({"age_to": "39.5"}, "age_to is 39.5; use whole years"),
        ({"age_to": "121"}, "age_to is 121"),
        ({"lower": "abc"}, "lower is “abc”; use a number"),
        ({"lower": "nan"}, "lower is “nan”; use a number"),
        ({"lower": "-3"}, "lower is “-3”; use a number"),
        ({"lower": "120"}, "lower 120 is larger than upper 110"),
        ({"lower": "", "upper": ""}, "lower and upper are both empty"),
        ({"papillary": ""}, "papillary is empty"),
        ({"papillary": "unknown"}, "papillary is “unknown”; use one of cavity, mass, not_stated"),
        ({"rv_outflow": ""}, "rv_outflow is empty"),
        ({"ventricle": "LV", "rv_outflow": "included"}, "rv_outflow is “included”; leave it empty for the LV"),
        ({"ventricle": "LV", "rv_outflow": "not_stated"}, "rv_outflow is “not_stated”; leave it empty for the LV"),
        ({"source": ""}, "source is empty"),
        ({"mean": "120"}, "the mean 120 lies outside lower and upper"),
        (
            {"mean": "80", "sd": "5", "kind": "mean ± 2 SD"},
            "lower is 50, but “mean ± 2 SD” of mean 80 and sd 5 is 70",
        ),
        ({"mean": "80", "sd": "5", "lower": "70", "kind": "mean ± SD"}, "upper is 110, but “mean ± SD” of mean 80"),
    ],
)
def test_that_a_fault_is_named_with_its_line(cells: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as refusal:
        read(changed(sex="M"), changed(**cells))
    assert f"line 3: {said}" in str(refusal.value)
    assert "line 2" not in str(refusal.value)


@pytest.mark.parametrize(
    "cells",
    [
        {"mean": "80", "sd": "15", "kind": "mean ± 2 SD"},
        {"mean": "80", "sd": "15.4", "kind": "mean +- 2 SD"},
        {"mean": "80", "sd": "15", "lower": "51", "upper": "109", "kind": "mean ± 1.96 SD"},
        {"mean": "40", "sd": "35", "lower": "0", "kind": "mean ± 2 SD"},
        {"mean": "60", "sd": "5"},
        {"mean": "80", "sd": "15", "upper": "", "kind": "mean ± 2 SD"},
    ],
)
def test_that_limits_which_are_those_of_their_kind_or_of_no_such_kind_are_taken(cells: dict[str, str]) -> None:
    assert len(read(changed(**cells)).rows) == 1


@pytest.mark.parametrize("between", [";", "\t"])
def test_that_a_file_with_other_marks_between_its_cells_is_told_to_use_commas(between: str) -> None:
    with pytest.raises(InputError, match="use commas"):
        read(GOOD.replace(",", between), header=HEADER.replace(",", between))


def test_that_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(InputError) as refusal:
        read(changed(sex="x", lower="abc"), GOOD, changed(quantity="?"), GOOD + ",one,too,many")
    for line in ("line 2: sex", "line 2: lower", "line 4: quantity", "line 5: it has not as many cells"):
        assert line in str(refusal.value)


@pytest.mark.parametrize(("lines", "last"), [(20, "line 21: sex"), (21, "1 more fault"), (25, "5 more faults")])
def test_that_faults_beyond_the_first_twenty_are_counted(lines: int, last: str) -> None:
    with pytest.raises(FaultyTable) as refusal:
        read(*[changed(sex="x")] * lines)
    assert str(refusal.value.faults[-1]).startswith(last)
    assert str(refusal.value.faults[19]).startswith("line 21: sex")


@pytest.mark.parametrize(("age_from", "refused"), [("39", True), ("40", False)])
def test_that_two_rows_about_the_same_people_are_refused(age_from: str, refused: bool) -> None:
    lines = (GOOD, changed(age_from=age_from, age_to="60"))
    if refused:
        with pytest.raises(InputError, match="line 3: it is about people whom line 2 is about"):
            read(*lines)
    else:
        assert len(read(*lines).rows) == 2


def test_that_rows_of_different_conventions_stand_side_by_side() -> None:
    assert len(read(GOOD, changed(papillary="mass"), changed(sex="M")).rows) == 3


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace(",papillary", ""), "missing: papillary"),
        (HEADER + ",colour", "unknown or twice: colour"),
        (HEADER + ",sex", "unknown or twice: sex"),
    ],
)
def test_that_wrong_columns_are_named(header: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(GOOD, header=header)


@pytest.mark.parametrize("text", ["", HEADER + "\n", '"unfinished\n'])
def test_that_what_holds_no_row_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_table(text, table_id="own.csv", title="Own")
