"""Every message of the code is in the French catalogue, with the same places, and the compiled file holds the same."""

import ast
import gettext
import io
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from deciding_codes import deciding_codes

from cinecor.language import DOMAIN
from cinecor_resources import catalogues

ROOT = Path(__file__).parents[2]
PARTS = ("desktop", "training", "export")
RESTORED = "desktop/cinecor/review/store/message_code.py"  # makes messages anew of what was kept
FOLDER = catalogues() / "fr" / "LC_MESSAGES"
Text = str | tuple[str, ...]
Spoken = tuple[str | None, Text]  # with the context that tells it from the same text elsewhere


@pytest.fixture(scope="module")
def spoken() -> set[Spoken]:
    """Every text that `make catalogue` extracts: the same folders, the same keywords."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    keywords = parse_keywords(re.findall(r"--keyword=(\S+)", makefile))
    folders = re.findall(r"pybabel .*extract .* -o \S+ (.+)", makefile)[0].split()
    found: set[Spoken] = set()
    for folder in folders:
        for _, _, text, _, context in extract_from_dir(ROOT / folder, keywords=keywords):
            found.add((context, text if isinstance(text, str) else tuple(text)))
    assert len(found) > 500
    return found


@pytest.fixture(scope="module")
def french() -> Catalog:
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file)


def _faults(spoken: set[Spoken], catalogue: Catalog) -> Iterator[str]:
    """What is not said, or said with other places."""
    for context, text in spoken:
        entry = catalogue.get(text, context)
        if entry is None or not entry.string or not all(entry.string):
            yield f"not translated: {text}"
            continue
        english = (text,) if isinstance(text, str) else text
        wanted = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
        if {_places(one) for one in english} != {_places(one) for one in wanted}:
            yield f"other places: {text}: {wanted}"


def _places(template: str) -> frozenset[tuple[str, str]]:
    return frozenset((name, form or "") for _, name, form, _ in string.Formatter().parse(template) if name is not None)


def test_that_every_message_is_said_in_french_with_the_same_places(spoken: set[Spoken], french: Catalog) -> None:
    assert list(_faults(spoken, french)) == []


def test_that_the_catalogue_holds_nothing_that_is_no_longer_said(spoken: set[Spoken], french: Catalog) -> None:
    assert [entry.id for entry in french if entry.id and (entry.context, entry.id) not in spoken] == []


@pytest.mark.parametrize("fault", ["deleted", "emptied", "without a place"])
def test_that_one_faulty_entry_is_seen(spoken: set[Spoken], fault: str) -> None:
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file)
    before = len(list(_faults(spoken, catalogue)))
    chosen = next(entry for entry in catalogue if isinstance(entry.id, str) and "{" in entry.id)
    if fault == "deleted":
        catalogue.delete(chosen.id)
    else:
        chosen.string = "" if fault == "emptied" else "sans place"
    assert len(list(_faults(spoken, catalogue))) == before + 1


def test_that_the_compiled_catalogue_is_the_text_compiled(french: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, french)
    compiled.seek(0)
    with (FOLDER / f"{DOMAIN}.mo").open("rb") as file:
        assert _entries(gettext.GNUTranslations(file)) == _entries(gettext.GNUTranslations(compiled))


def _entries(catalogue: gettext.GNUTranslations) -> dict[object, str]:
    entries: dict[object, str] = vars(catalogue)["_catalog"]
    return {key: text for key, text in entries.items() if key}


def test_that_french_signs_keep_to_the_word_before_them(french: Catalog) -> None:
    loose = re.compile(r" [:;!?%»]|« ")
    said = [entry.string if isinstance(entry.string, str) else " | ".join(entry.string) for entry in french if entry.id]
    assert [text for text in said if loose.search(text)] == []


@cache
def _messages() -> tuple[tuple[str, ast.Call], ...]:
    return tuple(
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for part in PARTS
        for path in sorted(set((ROOT / part).rglob("*.py")) - {ROOT / RESTORED})
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in ("Message", "Message.counted")
    )


def _name(node: ast.expr) -> str:
    """The name of a function, `ast.unparse` would take most of this file's time."""
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _words(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_that_codes_and_templates_are_written_where_they_are_used() -> None:
    """Babel and the reader see what stands in the code; a code is one word in lower case."""
    for where, call in _messages():
        texts = [_words(one) for one in call.args]
        assert len(texts) == (3 if _name(call.func) == "Message.counted" else 2), where
        assert None not in texts, where
        assert re.fullmatch(r"[a-z0-9_]+", texts[0] or ""), where


def test_that_every_place_of_a_template_is_filled_and_nothing_is_given_in_vain() -> None:
    for where, call in _messages():
        given = {word.arg for word in call.keywords}
        wanted = {name for text in call.args[1:] for name, _ in _places(_words(text) or "")}
        if _name(call.func) == "Message.counted":
            wanted.add("n")
        assert given == wanted or (None in given and given - {None} <= wanted), where


def test_that_every_template_can_be_filled() -> None:
    """With names alone, which a message fills piece by piece: no `{value!r}`, no `{row.name}`."""
    for where, call in _messages():
        for text in call.args[1:]:
            for _, name, form, conversion in string.Formatter().parse(_words(text) or ""):
                assert name is None or (name.isidentifier() and not conversion and "{" not in (form or "")), where


def test_that_every_code_that_decides_anything_is_some_messages() -> None:
    """Else what a code decides would be decided no more once it is renamed, and no test would fall."""
    raised = {_words(call.args[0]) for _, call in _messages()}
    modules = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for part in PARTS
        for path in sorted((ROOT / part).rglob("*.py"))
    }
    found = deciding_codes(modules)
    assert len(found) > 20
    assert {code: where for code, where in found.items() if code not in raised} == {}


@pytest.mark.parametrize(
    "planted", ["told.code == 'gone'", "told.code in {'gone'}", "told.message.code not in KNOWN", "'gone' != told.code"]
)
def test_that_a_code_that_decides_is_seen(planted: str) -> None:
    assert deciding_codes({"planted": f"KNOWN = frozenset({{'gone'}})\nfound = {planted}\n"}) == {"gone": "planted:2"}


def test_that_a_fact_is_worded_in_one_module() -> None:
    """One code may have a sentence for each case, beside the check that chooses; no two modules write the code down."""
    modules: dict[str, set[str]] = {}
    codes: dict[str, set[str]] = {}
    for where, call in _messages():
        code, texts = _words(call.args[0]) or "", [_words(one) or "" for one in call.args[1:]]
        modules.setdefault(code, set()).add(where.rpartition(":")[0])
        if texts[0].endswith("."):  # a sentence: labels such as "Phase" stand at many things
            codes.setdefault(texts[0], set()).add(code)
    assert {code: where for code, where in modules.items() if len(where) > 1} == {}
    assert {text: found for text, found in codes.items() if len(found) > 1} == {
        "{path} cannot be read ({reason}).": {"logo_unreadable", "reliability_missing"}
    }
