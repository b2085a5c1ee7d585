"""Rules of what a comparison comes to, on values that are made up."""

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cinecor.agreement.comparison import Overlap, StudyComparison, compare_readings
from cinecor.agreement.figures import FEWEST_STUDIES, Agreement, agreement_of
from cinecor.agreement.level import Level
from cinecor.agreement.reading import Reading
from cinecor.agreement.report import agreement_table, cautions, write_agreement
from cinecor.measure.moment import Moment

_MEANS = ("bias", "mae")
_SPREADS = ("sd", "loa_low", "loa_high", "r", "icc_agreement", "icc_consistency")


def _of(count: int, *, group: str = "") -> Agreement:
    random = np.random.default_rng(18)
    pairs = [(float(edv), float(edv + error)) for edv, error in random.normal((150, 3), (40, 8), size=(count, 2))]
    return agreement_of(
        [
            StudyComparison(f"s{at}", group, {"lv_edv_ml": one}, {"lv_edv_ml": other}, ())
            for at, (one, other) in enumerate(pairs)
        ]
    )


def _row(found: Agreement, folder: Path) -> dict[str, str]:
    write_agreement(found, folder, first="A", second="B")
    with (folder / "agreement.csv").open(newline="") as file:
        return next(row for row in csv.DictReader(file) if row["what"] == "lv_edv_ml")


def test_that_limits_are_those_of_the_differences_from_ten_studies_on(tmp_path: Path) -> None:
    found = _of(FEWEST_STUDIES)
    row = _row(found, tmp_path)
    errors = np.array([study.first["lv_edv_ml"] - study.second["lv_edv_ml"] for study in found.studies])  # type: ignore[operator]
    assert float(row["loa_low"]) == pytest.approx(errors.mean() - 1.96 * errors.std(ddof=1), abs=1e-3)
    assert float(row["loa_high"]) == pytest.approx(errors.mean() + 1.96 * errors.std(ddof=1), abs=1e-3)
    assert all(row[f"{code}{end}"] for code in (*_MEANS, *_SPREADS) for end in ("", "_low", "_high"))
    assert row["note"] == ""
    assert "too few" not in agreement_table(found)


@pytest.mark.parametrize("count", [1, 2, FEWEST_STUDIES - 1])
def test_that_fewer_studies_have_a_bias_without_interval_and_are_too_few_to_tell_a_spread(
    tmp_path: Path, count: int
) -> None:
    found = _of(count)
    row = _row(found, tmp_path)
    assert all(row[code] for code in _MEANS)
    assert not any(row[code] for code in _SPREADS)
    assert not any(row[f"{code}_{end}"] for code in (*_MEANS, *_SPREADS) for end in ("low", "high"))
    assert row["note"] == "too_few_studies"
    assert "too few to tell" in agreement_table(found)
    assert "too few to tell" in (tmp_path / "compare.html").read_text()


@pytest.mark.parametrize(("count", "has_interval"), [(2, False), (FEWEST_STUDIES - 1, False), (FEWEST_STUDIES, True)])
def test_that_mean_dice_and_distance_of_few_studies_have_no_interval(count: int, has_interval: bool) -> None:
    studies = [
        StudyComparison(f"s{at}", "", {}, {}, (Overlap("lv", Moment.ED, None, 0.8 + at / 100, 1.0 + at),))
        for at in range(count)
    ]
    figures = next(one for one in agreement_of(studies).overlaps if one.dice is not None)
    assert figures.dice is not None
    assert figures.hd95_mm is not None
    assert figures.dice.value == pytest.approx(0.8 + (count - 1) / 200)
    assert (figures.dice.low is not None, figures.hd95_mm.high is not None) == (has_interval, has_interval)


def test_that_a_structure_that_nobody_drew_has_no_overlap_and_is_counted(tmp_path: Path) -> None:
    nothing, drawn = (float("nan"), float("nan")), (0.6, 4.0)
    studies = [
        StudyComparison(f"s{at}", "", {}, {}, (Overlap("rv", Moment.ES, Level.APEX, *figures),))
        for at, figures in enumerate((nothing, drawn, nothing, (0.0, float("inf"))))
    ]
    found = agreement_of(studies)
    row = next(one for one in found.overlaps if one.neither)
    assert (row.structure, row.level, row.neither, row.missing) == ("rv", Level.APEX, 2, 1)
    assert row.dice is not None
    assert row.hd95_mm is not None
    assert (row.dice.value, row.dice.count, row.hd95_mm.count) == (pytest.approx(0.3), 2, 1)
    write_agreement(found, tmp_path, first="A", second="B")
    with (tmp_path / "agreement.csv").open(newline="") as file:
        told = next(row for row in csv.DictReader(file) if row["what"] == "dice rv es apex")
    assert (told["mean"], told["studies"], told["drawn_by_neither"]) == ("0.3", "2", "2")
    with (tmp_path / "overlap.csv").open(newline="") as file:
        assert [row["dice"] for row in csv.DictReader(file)] == ["", "0.6", "", "0.0"]


def test_that_masks_that_are_both_empty_have_no_dice() -> None:
    nothing = np.zeros((4, 8, 8), np.uint8)
    outlines = nothing.copy()
    outlines[:, 2:6, 2:6] = 3
    grid = SimpleNamespace(
        shape=outlines.shape,
        spacing_mm=(8.0, 1.0, 1.0),
        affine=None,
        apart_mm=lambda _: 0.0,
        results=SimpleNamespace(stack=SimpleNamespace(series_uids=())),
    )
    reading = Reading(grid, {Moment.ED: outlines}, {}, {})  # type: ignore[arg-type]
    dice = {one.structure: one.dice for one in compare_readings("s", reading, reading).overlaps if one.level is None}
    assert dice["lv"] == 1.0
    assert np.isnan(dice["rv"])
    assert np.isnan(dice["myo"])


def test_that_changes_of_the_ef_category_are_told_by_group(tmp_path: Path) -> None:
    pairs = (("young", 55.0, 45.0), ("young", 60.0, 58.0), ("old", 38.0, 41.0))
    found = agreement_of(
        [
            StudyComparison(f"s{at}", group, {"lv_ef_percent": one}, {"lv_ef_percent": other}, ())
            for at, (group, one, other) in enumerate(pairs)
        ]
    )
    write_agreement(found, tmp_path, first="A", second="B")
    with (tmp_path / "agreement.csv").open(newline="") as file:
        rows = {row["group"]: row for row in csv.DictReader(file) if row["what"] == "lv_ef_category"}
    told = {group: (row["changed"], row["studies"]) for group, row in rows.items()}
    assert told == {"all": ("2", "3"), "old": ("1", "1"), "young": ("1", "2")}


def test_that_a_side_of_several_models_is_told(tmp_path: Path) -> None:
    studies = [StudyComparison(f"s{at}", "", {}, {}, (), (f"m {at}", "reader")) for at in range(2)]
    found = agreement_of(studies)
    (caution,) = cautions(found)
    assert caution.code == "side_of_several_models"
    write_agreement(found, tmp_path, first="A", second="B")
    assert str(caution) in (tmp_path / "compare.html").read_text()
    assert cautions(agreement_of(studies[:1])) == ()


def test_that_a_number_that_no_study_has_is_not_called_too_few(tmp_path: Path) -> None:
    assert {row.number for row in _of(2).numbers if row.too_few} == {"lv_edv_ml"}
