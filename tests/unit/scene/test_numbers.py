"""What a table of numbers shows of a review: a row a quantity, the range that leaves the body's size out."""

from cinecor.measure.quantity import quantity
from cinecor.measure.reference.comparison import ReferenceBook
from cinecor.measure.reference.shipped import shipped_tables
from cinecor.measure.reference.table import Measure, Papillary, Person, Sex
from cinecor.measure.ventricle import Ventricle
from cinecor.scene.numbers import SHOWN, NumberRow, number_rows

BOOK = ReferenceBook(shipped_tables())
WOMAN = Person(Sex.FEMALE, 60)


def row(*measures: Measure) -> NumberRow:
    found = [BOOK.compare(100.0, one, person=WOMAN, papillary=Papillary.MASS) for one in measures]
    return NumberRow(Ventricle.LV, quantity("mass_g"), comparisons=tuple(one for one in found if one is not None))


def test_that_a_value_per_surface_is_shown_beside_its_range_before_the_value_itself() -> None:
    plain, indexed = Measure(Ventricle.LV, "mass_g"), Measure(Ventricle.LV, "mass_g", indexed=True)
    both = row(plain, indexed).comparison
    assert both is not None
    assert both.measure == indexed
    alone = row(plain).comparison
    assert alone is not None
    assert alone.measure == plain
    assert row().comparison is None


def test_that_without_numbers_every_quantity_has_an_empty_row() -> None:
    rows = number_rows(None, None, model=None, book=BOOK)
    assert set(rows) == {f"{side}.{one.field}" for one in SHOWN for side in one.codes}
    assert all(one.value is None and one.comparison is None and one.change is None for one in rows.values())
