"""The page on the result files names everything they hold."""

import ast
from pathlib import Path

import pytest
from pydantic import BaseModel

import cinecor.measure.findings
from cinecor.measure.measurements import NO_HEART_RATE
from cinecor.measure.phases import SINGLE_PHASE
from cinecor.report.names import FILES
from cinecor.report.results import Results
from cinecor.report.volumes import COLUMNS

PAGE = Path(__file__).parents[3] / "docs" / "results.md"


def fields(model):
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind)


def finding_codes():
    """Every code of a message in the checks, and those that findings share with the reasons for a null."""
    for file in Path(cinecor.measure.findings.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Message", "Message.counted"):
                yield from [value.value for value in node.args[:1] if isinstance(value, ast.Constant)]
    yield from (NO_HEART_RATE.code, SINGLE_PHASE.code, "no_function", "no_ejection")


@pytest.mark.parametrize("name", sorted({*fields(Results), *COLUMNS, *finding_codes()}))
def test_that_the_page_names_it(name):
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_that_the_page_has_a_part_for_each_file(name):
    assert f"## {name}" in PAGE.read_text(encoding="utf-8")
