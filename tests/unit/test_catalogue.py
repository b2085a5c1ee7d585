"""Every message of the code is in the French catalogue, with the same places, and the compiled file holds the same."""

import ast
import gettext
import io
import re
import string
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

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


def _worded_twice(messages: Iterable[tuple[str, ast.Call]]) -> Iterator[str]:
    """Codes that several modules make messages of, and sentences that two modules have under two codes.

    A template of places alone words nothing.
    """
    modules: defaultdict[str, set[str]] = defaultdict(set)
    codes: defaultdict[tuple[str | None, ...], dict[str, str]] = defaultdict(dict)
    for where, call in messages:
        code, *texts = (_words(one) for one in call.args)
        module = where.rpartition(":")[0]
        modules[code or ""].add(module)
        if re.search("[A-Za-z]", re.sub("{[^}]*}", "", texts[0] or "")):
            codes[tuple(texts)][code or ""] = module
    yield from (f"{code}: {sorted(named)}" for code, named in modules.items() if len(named) > 1)
    yield from (f"{texts[0]}: {named}" for texts, named in codes.items() if len(set(named.values())) > 1)


def test_that_a_fact_is_worded_in_one_module() -> None:
    """One code may have a sentence for each case, beside the check that chooses.

    Of what two modules tell one makes the message, a constant or a function; the other takes it from there.
    """
    assert list(_worded_twice(_messages())) == []


def test_that_no_view_words_a_sentence_that_a_message_says() -> None:
    of_messages = {_words(one) for _, call in _messages() for one in call.args[1:]}
    of_views = {
        _words(one)
        for path in sorted((ROOT / "desktop" / "cinecor" / "ui").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in ("tr", "tr_counted", "N_")
        for one in node.args
    }
    assert len(of_views) > 200
    assert [text for text in of_messages & of_views if text and text.endswith(".")] == []


@pytest.mark.parametrize(
    "second", ["Message('gone', 'It is gone.')", "Message('gone', 'It went.')", "Message('lost', 'It is gone.')"]
)
def test_that_a_fact_worded_in_a_second_module_is_seen(second: str) -> None:
    first = "Message('gone', 'It is gone.')"
    planted = [(f"{name}.py:1", ast.parse(code, mode="eval").body) for name, code in (("a", first), ("b", second))]
    assert len(list(_worded_twice((where, call) for where, call in planted if isinstance(call, ast.Call)))) >= 1
