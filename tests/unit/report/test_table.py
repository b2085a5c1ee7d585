"""Rules of the table for a terminal."""

import dataclasses

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.phases import SINGLE_PHASE
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Concern
from cinecor.message import Message
from cinecor.report.results import QualityFinding
from cinecor.report.table import result_table


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    """Sentences stay on one line, whatever the terminal of the tests."""
    monkeypatch.setenv("COLUMNS", "100")


def line(table, start):
    return next(text for text in table.splitlines() if text.strip().startswith(start))


def test_that_both_ventricles_stand_in_aligned_columns_with_units(results):
    table = result_table(results)
    assert line(table, "EDV").split()[:2] == ["EDV", "mL"]
    numbers = [line(table, row) for row in ("EDV", "ESV", "SV", "EF", "CO")]
    assert len({len(text.rstrip("? ")) for text in numbers if text.endswith("?")}) <= 1
    assert all(len(text.split()) == 4 for text in numbers)
    assert len(line(table, "Mass").split()) == 3


def test_that_doubtful_numbers_are_marked_and_explained(results):
    table = result_table(results)
    assert line(table, "EDV").count("?") == 2
    assert "? = doubtful" in table
    assert "doubtful: The LV is still wide in both end slices" in table


def test_that_a_number_nobody_doubts_has_no_mark(results):
    calm = results.model_copy(update={"quality": results.quality.model_copy(update={"doubtful": [], "findings": []})})
    assert "?" not in result_table(calm)


def doubting(results, concern, *, moments=()):
    """The table of results with one doubtful finding."""
    finding = QualityFinding(
        code="odd", severity="doubtful", message="Odd.", slices=[], phases=[], concerns=[concern], moments=list(moments)
    )
    quality = results.quality.model_copy(update={"doubtful": [concern], "findings": [finding]})
    return result_table(results.model_copy(update={"quality": quality}))


@pytest.mark.parametrize(
    "case",
    ["all in doubt", "RV missing at ES", "odd heart rate", "nothing but the LV", "some answered", "all answered"],
)
def test_that_exactly_the_numbers_called_doubtful_carry_the_mark(case, compose, make_stack, make_labels):
    labels, rate = make_labels(), 60.0
    if case == "RV missing at ES":
        labels[:, 2][labels[:, 2] == Label.RV] = Label.BACKGROUND
    elif case == "odd heart rate":
        rate = 300.0
    elif case == "nothing but the LV":
        labels[labels != Label.LV] = Label.BACKGROUND
    results = compose(make_stack(labels, heart_rate_bpm=rate), labels)
    if case in ("some answered", "all answered"):
        results = compose(
            make_stack(labels), labels, accepted=lambda one: case == "all answered" or Concern.LV in one.concerns
        )
    rows = {one.field: line(result_table(results), str(one.name)) for one in QUANTITIES}
    columns = {"lv": slice(14, 24), "rv": slice(24, 36)}
    marked = {f"{side}_{field}" for field, row in rows.items() for side, place in columns.items() if "?" in row[place]}
    assert set(results.quality.doubtful_numbers) == marked
    assert bool(marked) is (case != "all answered")


def test_that_doubts_about_the_heart_rate_mark_the_cardiac_output_alone(results):
    table = doubting(results, "co")
    assert line(table, "CO").count("?") == 2
    assert "?" not in line(table, "EF") + line(table, "Mass")


@pytest.mark.parametrize(("moment", "marked"), [("es", "ESV"), ("ed", "EDV Mass")])
def test_that_a_doubt_about_one_moment_leaves_the_numbers_of_the_other_without_a_mark(results, moment, marked):
    table = doubting(results, "lv", moments=[moment])
    for row in ("EDV", "ESV", "Mass"):
        assert ("?" in line(table, row)) is (row in marked.split())
    assert "?" in line(table, "SV")
    assert "?" in line(table, "EF")


def test_that_an_unknown_number_is_a_dash_and_its_reason_follows(compose, stack, labels):
    no_rv = np.where(labels == Label.RV, 0, labels).astype(np.uint8)
    table = result_table(compose(stack, no_rv))
    assert line(table, "EDV").split()[-1] == "-"
    assert "The RV end-diastolic volume is unknown: nothing of it was found in phase 1." in table


def test_that_a_lone_phase_shows_its_volumes(compose, make_stack, make_labels):
    labels = make_labels(phases=1)
    results = compose(make_stack(labels, phase_times_ms=None), labels)
    volumes = (results.volumes_ml.lv[0], results.volumes_ml.rv[0], results.volumes_ml.myo[0])
    table = result_table(results)
    told = line(table, "Volume").replace("?", "").split()
    assert told == ["Volume", "mL", *(f"{value:.0f}" for value in volumes)]
    assert line(table, "EDV").split() == ["EDV", "mL", "-", "-"]


def test_that_the_conventions_the_place_and_the_notice_are_told(results, tmp_path):
    table = result_table(results, folder=tmp_path)
    assert f"Files: {tmp_path}" in table
    assert "Papillary muscles and trabeculae belong to the cavity" in table
    assert table.splitlines()[-1].strip() == results.notice


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (20, 50), (100, 100), (300, 100)])
def test_that_lines_fit_the_terminal(results, monkeypatch, columns, widest):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert widest - 10 < max(map(len, result_table(results).splitlines())) <= widest


def test_that_a_volume_that_is_a_lower_bound_says_so(compose, make_stack, make_labels):
    labels = make_labels()
    labels[0] = Label.BACKGROUND
    table = " ".join(result_table(compose(make_stack(labels), labels)).split())
    assert "note: At ED the LV reaches the end of the stack (slice 3)" in table
    assert "the volume is a lower bound" in table


def test_that_one_slice_and_one_phase_are_not_plural(compose, make_stack, make_labels):
    labels = make_labels(slices=1, phases=1)
    assert "1 slice x 1 phase" in result_table(compose(make_stack(labels, phase_times_ms=None), labels))


def test_that_only_slices_of_which_there_are_two_lie_apart(compose, make_stack, make_labels):
    two, one = make_labels(slices=2), make_labels(slices=1)
    assert "2 slices x " in result_table(compose(make_stack(two), two))
    assert "8.0 mm apart" in result_table(compose(make_stack(two), two))
    assert "apart" not in result_table(compose(make_stack(one), one)).splitlines()[1]


def test_that_the_volumes_of_a_lone_phase_are_marked_as_doubtful_too(compose, make_stack, make_labels):
    labels = make_labels(phases=1)
    lone = compose(make_stack(labels, phase_times_ms=None), labels)
    quality = lone.quality.model_copy(update={"doubtful": ["lv", "mass"], "findings": []})
    marked = line(result_table(lone.model_copy(update={"quality": quality})), "Volume").split()[2:]
    assert [number.endswith("?") for number in marked] == [True, False, True]


def test_that_each_reason_is_told_once(compose, make_stack, make_labels):
    labels = make_labels(phases=1)
    stack = make_stack(labels, phase_times_ms=None, heart_rate_bpm=None)
    said = (SINGLE_PHASE,)
    table = " ".join(result_table(compose(stack, labels, warnings=said)).split()).lower()
    for sentence in ("one phase only", "heart rate is unknown"):
        assert table.count(sentence) == 1


def test_that_what_the_import_warns_of_beside_the_numbers_is_told_once_and_as_a_warning(compose, stack, labels):
    doubt, caution, note = (
        Message(name, "The {what} of the import.", what=name) for name in ("doubt", "caution", "note")
    )
    told = compose(stack, labels, warnings=(doubt, caution, note), doubts=(doubt,), cautions=(caution,))
    table = " ".join(result_table(told).split())
    assert [table.count(f"The {one} of the import.") for one in ("doubt", "caution", "note")] == [1, 1, 1]
    for marked in ("doubtful: The doubt of", "warning: The caution of", "note: The note of"):
        assert marked in table


def test_that_a_heart_that_was_not_found_is_told_once(compose, stack, labels):
    table = " ".join(result_table(compose(stack, np.zeros_like(labels))).split())
    assert table.count("No LV cavity was found") == 1
    assert "doubtful: No LV cavity was found" in table


def test_that_a_heart_rate_that_is_unknown_is_not_printed(compose, stack, labels):
    table = result_table(compose(dataclasses.replace(stack, heart_rate_bpm=None), labels))
    assert "heart rate 60" not in table
    assert line(table, "CO").split()[-1] == "-"
