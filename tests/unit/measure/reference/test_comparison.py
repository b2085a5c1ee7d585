"""What is said of a value beside its range, and what is refused."""

from dataclasses import replace

import pytest

from cinecor.measure.reference.comparison import NONE, Comparison, ReferenceBook, Verdict
from cinecor.measure.reference.shipped import shipped_book, shipped_tables
from cinecor.measure.reference.table import MID_WALL, Measure, Papillary, Person, ReferenceRow, ReferenceTable, Sex
from cinecor.measure.ventricle import Ventricle

EF, MASS_INDEX = Measure(Ventricle.LV, "ef_percent"), Measure(Ventricle.LV, "mass_g", indexed=True)
RV_EF = Measure(Ventricle.RV, "ef_percent")
RV_EDV = Measure(Ventricle.RV, "edv_ml", indexed=True)
LV_EDV = Measure(Ventricle.LV, "edv_ml", indexed=True)
MAN, WOMAN, SOMEBODY = Person(Sex.MALE, 60), Person(Sex.FEMALE, 60), Person(None, 60)
ACTIVE = [row for table in shipped_tables() if table.active for row in table.rows]
LIMITS = [
    (row, limit, side)
    for row in ACTIVE
    for limit, side in ((row.lower, Verdict.BELOW), (row.upper, Verdict.ABOVE))
    if limit is not None
]


def verdict(value: float, measure: Measure, person: Person, papillary: Papillary = Papillary.CAVITY) -> Verdict:
    found = shipped_book().compare(value, measure, person=person, papillary=papillary)
    assert found is not None
    return found.verdict


@pytest.mark.parametrize(
    ("row", "limit", "side"),
    LIMITS,
    ids=[f"{row.measure.key}-{row.sex}-{row.papillary}-{side}" for row, _, side in LIMITS],
)
def test_that_a_limit_belongs_to_its_range_and_what_is_just_outside_does_not(
    row: ReferenceRow, limit: float, side: Verdict
) -> None:
    person = Person(row.sex, 60)
    outwards = -0.01 if side is Verdict.BELOW else 0.01
    assert verdict(limit, row.measure, person, row.papillary) is Verdict.WITHIN
    assert verdict(limit - outwards, row.measure, person, row.papillary) is Verdict.WITHIN
    assert verdict(limit + outwards, row.measure, person, row.papillary) is side


def test_that_the_ranges_in_use_are_those_that_were_read() -> None:
    told = {(row.measure.key, row.sex): (row.lower, row.upper) for row in ACTIVE if row.papillary is Papillary.CAVITY}
    assert told == {
        ("lv.ef_percent", Sex.MALE): (48.0, 68.0),
        ("lv.ef_percent", Sex.FEMALE): (51.0, 71.0),
        ("lv.mass_g.indexed", Sex.MALE): (35.0, 71.0),
        ("lv.mass_g.indexed", Sex.FEMALE): (28.0, 56.0),
        ("rv.edv_ml.indexed", Sex.MALE): (47.0, 116.0),
        ("rv.edv_ml.indexed", Sex.FEMALE): (44.0, 99.0),
        ("rv.esv_ml.indexed", Sex.MALE): (16.0, 52.0),
        ("rv.esv_ml.indexed", Sex.FEMALE): (13.0, 43.0),
        ("rv.ef_percent", Sex.MALE): (44.0, None),
        ("rv.ef_percent", Sex.FEMALE): (47.0, None),
        ("lv.mid_wall_ed_mm", Sex.MALE): (4.1, 8.5),
        ("lv.mid_wall_ed_mm", Sex.FEMALE): (3.5, 7.1),
    }


def test_that_limits_of_mean_and_sd_are_two_sd_away() -> None:
    for row in ACTIVE:
        if row.mean is not None and row.sd is not None:
            assert row.lower == pytest.approx(row.mean - 2 * row.sd)
            assert row.upper == pytest.approx(row.mean + 2 * row.sd)


def test_that_another_papillary_convention_is_refused_and_says_so() -> None:
    found = shipped_book().compare(80.0, LV_EDV, person=MAN, papillary=Papillary.CAVITY)
    assert found is not None
    assert found.verdict is Verdict.REFUSED
    assert "papillary muscles as mass" in str(found.why)
    assert (found.lower, found.upper) == (None, None)


def test_that_the_ranges_follow_the_papillary_convention() -> None:
    assert verdict(45.0, EF, MAN, Papillary.CAVITY) is Verdict.BELOW
    assert verdict(70.0, EF, MAN, Papillary.CAVITY) is Verdict.ABOVE
    assert verdict(70.0, EF, MAN, Papillary.MASS) is Verdict.WITHIN
    assert verdict(80.0, LV_EDV, MAN, Papillary.MASS) is Verdict.WITHIN


def test_that_the_right_ventricle_is_compared_by_either_convention_of_the_left() -> None:
    for papillary in (Papillary.CAVITY, Papillary.MASS):
        assert verdict(80.0, RV_EDV, MAN, papillary) is Verdict.WITHIN


@pytest.mark.parametrize("measure", [RV_EDV, RV_EF, Measure(Ventricle.RV, "esv_ml", indexed=True)])
def test_that_every_rv_comparison_carries_the_caution_of_the_outflow_tract(measure: Measure) -> None:
    found = shipped_book().compare(50.0, measure, person=WOMAN, papillary=Papillary.CAVITY)
    assert found is not None
    assert [caution.code for caution in found.cautions] == ["reference_outflow_included", "reference_second_hand"]


def test_that_lv_comparisons_with_a_paper_that_was_read_carry_no_caution() -> None:
    found = shipped_book().compare(60.0, EF, person=WOMAN, papillary=Papillary.CAVITY)
    assert found is not None
    assert found.cautions == ()


@pytest.mark.parametrize(
    ("table", "quoted"), [("kawel-boehm-2015", True), ("molnar-2025", True), ("petersen-2017", False)]
)
def test_that_ranges_which_were_read_where_others_quote_them_say_so(table: str, quoted: bool) -> None:
    book = replace(shipped_book(), choices={EF.key: table})
    papillary = Papillary.MASS if table == "kawel-boehm-2015" else Papillary.CAVITY
    found = book.compare(60.0, EF, person=WOMAN, papillary=papillary)
    assert found is not None
    assert ("reference_second_hand" in [caution.code for caution in found.cautions]) is quoted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (60.0, Verdict.WITHIN),
        (40.0, Verdict.BELOW),
        (75.0, Verdict.ABOVE),
        (49.0, Verdict.DEPENDS),
        (70.0, Verdict.DEPENDS),
    ],
)
def test_that_without_a_sex_there_is_a_verdict_only_where_both_agree(value: float, expected: Verdict) -> None:
    found = shipped_book().compare(value, EF, person=SOMEBODY, papillary=Papillary.CAVITY)
    assert found is not None
    assert found.verdict is expected
    assert (found.lower, found.upper) == (51.0, 68.0)
    assert found.depends_on == (("sex",) if expected is Verdict.DEPENDS else ())


def site(*groups: tuple[Sex | None, int | None, int | None, float, float]) -> ReferenceTable:
    """Return a site's table of LV EF with a row a group: sex, first and last age, limits."""
    row = next(row for row in ACTIVE if row.measure == EF and row.papillary is Papillary.CAVITY)
    rows = (
        replace(row, sex=sex, age_from=first, age_to=last, lower=lower, upper=upper, source="Ours")
        for sex, first, last, lower, upper in groups
    )
    return ReferenceTable("ours", "ours", tuple(rows), own=True)


def compared(table: ReferenceTable, person: Person, value: float = 58.3) -> Comparison:
    book = ReferenceBook((table, *shipped_tables()))
    found = book.compare(value, EF, person=person, papillary=Papillary.CAVITY)
    assert found is not None
    return found


MEN_ONLY = site((Sex.MALE, 18, 99, 50.0, 70.0))
WITH_A_GAP = site((None, 18, 39, 50.0, 70.0), (None, 60, 99, 50.0, 70.0))


@pytest.mark.parametrize(
    ("table", "person", "depends_on"),
    [
        (MEN_ONLY, Person(None, 50), ("sex",)),
        (MEN_ONLY, Person(), ("sex",)),
        (WITH_A_GAP, Person(Sex.MALE), ("age",)),
        (site((None, 45, 74, 50.0, 70.0)), Person(Sex.MALE), ("age",)),
        (site((Sex.MALE, 18, 99, 50.0, 70.0), (Sex.FEMALE, 18, 39, 50.0, 70.0)), Person(None, 50), ("sex",)),
        (site((Sex.MALE, 18, 49, 50.0, 70.0)), Person(), ("sex", "age")),
    ],
)
def test_that_a_group_which_the_table_leaves_out_gives_no_verdict_to_who_may_belong_to_it(
    table: ReferenceTable, person: Person, depends_on: tuple[str, ...]
) -> None:
    found = compared(table, person)
    assert (found.verdict, found.depends_on) == (Verdict.DEPENDS, depends_on)
    assert (found.lower, found.upper) == (None, None)
    assert found.why is not None


@pytest.mark.parametrize(
    ("table", "person"),
    [
        (MEN_ONLY, Person(Sex.MALE)),
        (site((Sex.MALE, 18, 99, 50.0, 70.0), (Sex.FEMALE, 18, 99, 51.0, 71.0)), Person()),
        (site((None, None, None, 50.0, 70.0)), Person()),
        (WITH_A_GAP, Person(None, 39)),
    ],
)
def test_that_a_table_about_everybody_whom_a_person_may_be_gives_a_verdict(
    table: ReferenceTable, person: Person
) -> None:
    found = compared(table, person)
    assert (found.verdict, found.table.id) == (Verdict.WITHIN, "ours")


def test_that_whom_the_site_s_table_leaves_out_is_compared_with_one_that_ships() -> None:
    assert compared(MEN_ONLY, MAN).table.id == "ours"
    woman = compared(MEN_ONLY, WOMAN, 50.0)
    assert (woman.table.id, woman.verdict) == ("petersen-2017", Verdict.BELOW)
    between = compared(WITH_A_GAP, Person(Sex.MALE, 50))
    assert (between.table.id, between.verdict) == ("petersen-2017", Verdict.WITHIN)


@pytest.mark.parametrize(
    ("table", "person", "said"),
    [
        (MEN_ONLY, Person(Sex.FEMALE, 30), "ours has no range of women: not compared."),
        (site((Sex.FEMALE, 18, 99, 50.0, 70.0)), Person(Sex.MALE, 30), "ours has no range of men: not compared."),
        (WITH_A_GAP, Person(Sex.MALE, 44), "ours leaves this age out: not compared."),
        (WITH_A_GAP, Person(None, 17), "ours is about people of 18 to 99 years: not compared."),
    ],
)
def test_that_the_reason_is_the_sex_where_it_is_the_sex_and_the_age_where_it_is_the_age(
    table: ReferenceTable, person: Person, said: str
) -> None:
    found = compared(table, person)
    assert found.verdict is Verdict.NOT_COVERED
    assert str(found.why) == said


def molnar() -> ReferenceBook:
    return ReferenceBook(shipped_tables(), {RV_EDV.key: "molnar-2025", EF.key: "molnar-2025"})


@pytest.mark.parametrize(
    ("value", "expected"), [(60.0, Verdict.WITHIN), (52.0, Verdict.DEPENDS), (45.0, Verdict.BELOW)]
)
def test_that_without_an_age_there_is_a_verdict_only_where_all_bands_agree(value: float, expected: Verdict) -> None:
    bands = site((Sex.MALE, 18, 49, 55.0, 75.0), (Sex.MALE, 50, 99, 50.0, 70.0))
    found = compared(bands, Person(Sex.MALE), value)
    assert found.verdict is expected
    assert (found.lower, found.upper) == (55.0, 70.0)
    assert found.depends_on == (("age",) if expected is Verdict.DEPENDS else ())


def test_that_a_table_without_a_stated_convention_is_off_and_says_so_when_chosen() -> None:
    assert not next(table for table in shipped_tables() if table.id == "molnar-2025").active
    found = molnar().compare(60.0, EF, person=MAN, papillary=Papillary.MASS)
    assert found is not None
    assert found.table.id == "molnar-2025"
    assert [caution.code for caution in found.cautions] == ["reference_papillary_not_stated", "reference_second_hand"]
    rv = molnar().compare(80.0, RV_EDV, person=MAN, papillary=Papillary.CAVITY)
    assert rv is not None
    assert "reference_outflow_not_stated" in [caution.code for caution in rv.cautions]


@pytest.mark.parametrize(("age", "covered"), [(44, False), (45, True), (74, True), (75, False)])
def test_that_people_of_another_age_are_not_compared(age: int, covered: bool) -> None:
    found = verdict(60.0, EF, Person(Sex.MALE, age))
    assert found is (Verdict.WITHIN if covered else Verdict.NOT_COVERED)


@pytest.mark.parametrize(("age", "covered"), [(20, False), (53, False), (54, True), (84, True), (85, False)])
def test_that_the_wall_s_range_is_about_the_ages_of_the_people_it_was_measured_in(age: int, covered: bool) -> None:
    found = verdict(7.0, Measure(Ventricle.LV, MID_WALL), Person(Sex.MALE, age))
    assert found is (Verdict.WITHIN if covered else Verdict.NOT_COVERED)


def test_that_a_chosen_table_without_the_measure_is_refused_and_nothing_stands_in_for_it() -> None:
    book = replace(shipped_book(), choices={EF.key: "scmr-2025"})
    found = book.compare(60.0, EF, person=MAN, papillary=Papillary.CAVITY)
    assert found is not None
    assert (found.verdict, found.table.id) == (Verdict.REFUSED, "scmr-2025")
    assert str(found.why) == "SCMR 2025 was chosen, but has no such range: not compared."


@pytest.mark.parametrize(("age", "covered"), [(17, False), (18, True)])
def test_that_a_table_without_ages_is_about_adults(age: int, covered: bool) -> None:
    found = verdict(80.0, RV_EDV, Person(Sex.MALE, age))
    assert found is (Verdict.WITHIN if covered else Verdict.NOT_COVERED)


def test_that_what_no_table_in_use_holds_has_no_comparison() -> None:
    book = shipped_book()
    assert book.compare(5.0, Measure(Ventricle.LV, "co_l_min"), person=MAN, papillary=Papillary.CAVITY) is None
    assert book.compare(None, EF, person=MAN, papillary=Papillary.CAVITY) is None
    switched_off = replace(book, choices={EF.key: NONE})
    assert switched_off.compare(60.0, EF, person=MAN, papillary=Papillary.CAVITY) is None


def test_that_the_mean_wall_of_the_mid_ring_has_a_range() -> None:
    wall = Measure(Ventricle.LV, MID_WALL)
    assert verdict(8.6, wall, MAN) is Verdict.ABOVE
    assert verdict(8.6, wall, MAN, Papillary.MASS) is Verdict.REFUSED
