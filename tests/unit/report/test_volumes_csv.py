"""Rules of `volumes.csv`: one row a phase that any reader takes without options."""

import csv
import io

from cinecor.measure.conventions import NOTICE
from cinecor.report.volumes import volumes_csv


def rows(results):
    return list(csv.DictReader(io.StringIO(volumes_csv(results))))


def test_that_there_is_one_row_a_phase_with_the_volumes_of_the_json(results):
    table = rows(results)
    assert [int(row["phase"]) for row in table] == [0, 1, 2, 3]
    assert [float(row["time_ms"]) for row in table] == [0.0, 40.0, 80.0, 120.0]
    for name in ("lv", "rv", "myo"):
        assert [float(row[f"{name}_ml"]) for row in table] == getattr(results.volumes_ml, name)


def test_that_ed_and_es_are_marked_once(results):
    table = rows(results)
    assert [row["is_ed"] for row in table].index("1") == results.ed_phase
    assert [row["is_es"] for row in table].index("1") == results.es_phase
    assert sum(int(row["is_ed"]) for row in table) == sum(int(row["is_es"]) for row in table) == 1


def test_that_unknown_times_are_empty_and_no_phase_is_marked_in_a_lone_one(compose, make_stack, make_labels):
    labels = make_labels(phases=1)
    (row,) = rows(compose(make_stack(labels, phase_times_ms=None), labels))
    assert (row["time_ms"], row["is_ed"], row["is_es"]) == ("", "0", "0")


def test_that_every_row_says_what_it_is_not_for(results):
    assert {row["notice"] for row in rows(results)} == {NOTICE}


def test_that_every_line_has_as_many_fields_as_the_first_and_the_last_one_ends(results):
    text = volumes_csv(results)
    assert {len(row) for row in csv.reader(io.StringIO(text))} == {8}
    assert text.endswith("\n")
    assert "\r" not in text
