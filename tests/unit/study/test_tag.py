"""Elements of DICOM are named by their keywords, and `Tag` alone holds their numbers."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.datadict import DicomDictionary, keyword_for_tag

from cinecor.study.dicom.tag import HEADER_TAGS, SEQUENCES, Tag, group_of

ROOT = Path(__file__).parents[3]
NAMED = ROOT / "desktop" / "cinecor" / "study" / "dicom" / "tag.py"
OF_DICOM = ("cinecor/study", "cinecor/report/dicom", "cinecor_phantom/dicom")
PRIVATE = {"GERawDataType", "GEVelocityEncoding"}
ELEMENTS = {tag for tag in DicomDictionary if group_of(tag)}  # group 0 are commands over a network
GROUPS = {group_of(tag) for tag in ELEMENTS}
NUMBERS = {name: number for name, number in vars(Tag).items() if not name.startswith("_")}


def _literal_tags(code: str, *, groups: bool) -> Iterator[str]:
    """Elements that a source writes as numbers: whole, as a pair made into a tag, and (`groups`) groups alone."""
    if not re.search("0[xX][0-9a-fA-F_]{4}|Tag[(]", code):  # most: to take all apart lasts
        return
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NUMBER and re.fullmatch("0[xX][0-9a-fA-F_]{4,9}", token.string):
            number = int(token.string, 16)
            if number in ELEMENTS or (groups and number in GROUPS):
                yield f"{token.start[0]}: {token.string}"
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(), ast.Constant()]):
                if name.endswith("Tag"):
                    yield f"{node.lineno}: {ast.unparse(node)}"


def test_that_no_element_is_written_as_a_number() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{where}"
        for part in ("desktop", "training", "export")
        for path in sorted((ROOT / part).rglob("*.py"))
        if path != NAMED
        for where in _literal_tags(
            path.read_text(encoding="utf-8"), groups=any(folder in path.as_posix() for folder in OF_DICOM)
        )
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    ["dataset[0x00280010]", "dataset[0x0028_0010]", "gdcm.Tag(32736, 16)", "group == 0x7FE0"],
)
def test_that_a_planted_number_is_seen(planted: str) -> None:
    assert list(_literal_tags(planted, groups=True))


@pytest.mark.parametrize("allowed", ["flags | 0x4000_0000", "range(2, 16)", "byte == 0xFF", "dataset[Tag.Rows]"])
def test_that_other_numbers_are_no_elements(allowed: str) -> None:
    assert list(_literal_tags(allowed, groups=True)) == []


def test_that_each_number_is_that_of_its_keyword() -> None:
    assert {name for name, number in NUMBERS.items() if keyword_for_tag(number) != name} == PRIVATE


def test_that_headers_are_looked_through_for_no_table_of_contents_nor_delimiter() -> None:
    """Their groups come first and last in a file: a header would be walked for nothing."""
    assert {group_of(tag) for tag in HEADER_TAGS}.isdisjoint({0x0004, 0xFFFE})
    assert {keyword_for_tag(tag)[-8:] for tag in SEQUENCES} == {"Sequence"}
