"""No decision is taken on the words of a message: codes, types and fields decide, and every language says the same."""

from pathlib import Path

import pytest
from word_decisions import word_decisions

ROOT = Path(__file__).parents[2]
FOUNDATION = {
    name: (ROOT / "desktop" / "cinecor" / name).read_text(encoding="utf-8")
    for name in ("message.py", "errors.py", "ui/look/texts.py")
}
HEAD = """
from cinecor.errors import CinecorError, InputError
from cinecor.message import Message, sentences

class Row:
    reason: Message
    @property
    def told(self) -> Message: return self.reason
    def name(self) -> str: return "x"

def words(row: Row) -> str:
    said = str(row.reason)
    return " ".join(said.split())
"""


def test_that_nothing_in_the_project_decides_on_the_words_of_a_message() -> None:
    modules = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for part in ("desktop", "training", "export")
        for path in sorted((ROOT / part).rglob("*.py"))
    }
    assert len(modules) > 250
    assert word_decisions(modules) == []


@pytest.mark.parametrize(
    "planted",
    [
        'str(row.reason) == "truncated"',
        '"truncated" in str(row.reason)',
        'str(row.reason).startswith(("truncated", "no pixel data"))',
        'f"{row.reason}".lower().endswith(".")',
        'row.told.text(language("fr")) != "x"',
        'words(row).partition(":")[0]',
        '[one for one in rows if "x" in str(one.reason)]',
        '[said for said in [str(one.reason) for one in rows] if said == "x"]',
        'str(row.reason).split(":")[0]',
        'str(row.reason).rstrip(".")',
        're.match("x", str(row.reason))',
        "PATTERN.fullmatch(words(row))",
        "TABLE.get(str(row.reason))",
        "TABLE[str(row.reason)]",
        'sentences([row.reason]).count("x")',
        'str(message)[0] == "x"',
        '"x" in str(error)',
        'row.reason.text(self._language).replace("a", "b")',
        '"x" in said(row.reason)',
        "PATTERN.findall(str(row.reason))",
        "list(PATTERN.finditer(str(row.reason)))",
        "PATTERN.split(words(row))",
        'PATTERN.sub("", str(row.reason))',
        'PATTERN.subn("", str(row.reason))',
        "PATTERN.search(string=str(row.reason))",
        "str(row.reason).isupper()",
        "str(row.reason).isalpha()",
        'str(row.reason).__contains__("x")',
        'str(row.reason).encode() == b"x"',
        'tr("{n} slices", n=3) == "x"',
        'tr("No finding.").startswith("No")',
    ],
)
def test_that_a_planted_decision_is_seen(planted: str) -> None:
    code = f"{HEAD}\ndef planted(row: Row, rows: list[Row], message: Message, error: InputError) -> object:\n"
    assert len(word_decisions({"planted": f"{code}    return {planted}\n", **FOUNDATION})) == 1


@pytest.mark.parametrize("caught", ["CinecorError", "InputError", "(OSError, InputError)", "Exception"])
def test_that_a_decision_on_a_caught_error_is_seen(caught: str) -> None:
    code = f"try:\n    pass\nexcept {caught} as error:\n    said = str(error)\n    found = said.find('x')\n"
    assert len(word_decisions({"planted": code, **FOUNDATION})) == 1


def test_that_a_decision_in_a_match_and_one_on_a_local_name_are_seen() -> None:
    code = """
def planted(row: Row) -> int:
    said = str(row.reason)
    match said:
        case "x":
            return 1
    return int("x" in said)
"""
    assert len(word_decisions({"planted": HEAD + code})) == 2


@pytest.mark.parametrize(
    "kept", ["self.said = str(row.reason)", "self.said += str(row.reason)", "self.said: str = said(row.reason)"]
)
def test_that_a_decision_on_a_text_that_was_kept_is_seen(kept: str) -> None:
    code = f"{HEAD}\ndef planted(self: object, row: Row) -> bool:\n    {kept}\n    return self.said == 'x'\n"
    assert len(word_decisions({"planted": code, **FOUNDATION})) == 1


@pytest.mark.parametrize(
    "allowed",
    [
        'row.reason.code == "truncated"',
        'row.reason.values["n"] > 3',
        "row.reason == row.told",
        "row.reason is None",
        '" ".join(str(row.reason).split())',
        "str(row.reason).strip()",
        'row.name() == "x"',
        'str(path).endswith(".dcm")',
        'widget.text() == "x"',
        'settings.text("device") == "auto"',
    ],
)
def test_that_showing_a_text_and_deciding_on_codes_are_allowed(allowed: str) -> None:
    code = f"{HEAD}\ndef allowed(row: Row, path: Path) -> object:\n    return {allowed}\n"
    assert word_decisions({"allowed": code}) == []


def test_that_words_of_other_programs_are_none_of_ours() -> None:
    code = f"{HEAD}\ntry:\n    pass\nexcept OSError as error:\n    found = 'libQt6' in str(error)\n"
    assert word_decisions({"allowed": code}) == []
