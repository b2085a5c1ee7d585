"""Rules of the faults that `python -m tests.mutation` plants."""

import ast

from mutation.mutants import mutants, plant

SOURCE = '''
"""Limits of 3 mm."""
LIMIT_MM = 3.0

class Slice:
    thick_mm: float = 8.0

def verdict(gap_mm: "float | None", ed, es):
    """Return more than 2."""
    if gap_mm is None:
        return Message("no_gap", "no gap of {limit}", limit=5)
    return gap_mm >= LIMIT_MM and not ed > es * 2
'''


def of(what: str) -> list:
    return [mutant for mutant in mutants(SOURCE) if mutant.what == what]


def test_that_one_mutant_changes_one_thing_and_leaves_every_statement_in_its_line():
    found = list(mutants(SOURCE))
    whole = ast.dump(ast.parse(SOURCE))
    assert len({ast.dump(plant(SOURCE, mutant)) for mutant in found} - {whole}) == len(found)
    lines = [node.lineno for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.stmt)]
    for mutant in found:
        planted = plant(SOURCE, mutant)
        assert [node.lineno for node in ast.walk(planted) if isinstance(node, ast.stmt)] == lines
        compile(planted, "planted", "exec")


def test_that_texts_annotations_and_messages_are_left_alone():
    assert not of("5 → 6")
    assert not of("BitOr → BitAnd")
    assert not [mutant for mutant in mutants(SOURCE) if mutant.line in {2, 11}]


def test_that_a_comparison_is_turned_round_in_the_statement_that_a_call_runs():
    (mutant,) = of("GtE → Gt")
    assert (mutant.line, mutant.statement) == (12, 12)
    assert "gap_mm > LIMIT_MM" in ast.unparse(plant(SOURCE, mutant))


def test_that_what_runs_at_the_import_is_known_by_its_names():
    (limit,) = of("3.0 → 3.3")
    (thick,) = of("8.0 → 9.0")
    assert (limit.statement, limit.names) == (None, {"LIMIT_MM"})
    assert (thick.statement, thick.names) == (None, {"Slice", "thick_mm"})


def test_that_twins_are_exchanged():
    swapped = {ast.unparse(plant(SOURCE, mutant)).splitlines()[-1].strip() for mutant in of("ed → es") + of("es → ed")}
    assert swapped == {
        "return gap_mm >= LIMIT_MM and (not es > es * 2)",
        "return gap_mm >= LIMIT_MM and (not ed > ed * 2)",
    }
