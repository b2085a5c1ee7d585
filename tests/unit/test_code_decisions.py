"""What is decided by a message's code is decided by the whole of it, and by one that some message has."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from cinecor.measure.measurements import WHY_UNKNOWN

ROOT = Path(__file__).parents[2]
PARTS = ("desktop", "training", "export")
LOOKING_UP = ("get", "pop", "setdefault")
TAKING_APART = frozenset(
    {"startswith", "endswith", "find", "rfind", "partition", "rpartition", "split", "rsplit", "removeprefix"}
    | {"removesuffix", "replace", "strip", "lstrip", "rstrip", "lower", "upper"}
)


@cache
def _sources() -> Mapping[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for part in PARTS
        for path in sorted((ROOT / part).rglob("*.py"))
    }


@cache
def _deciding() -> Mapping[str, ast.Module]:
    """The modules that look at a code at all: to take the others apart would last."""
    looking = re.compile(r"\bcode[.]|[.](code|passed_on)\b")
    return {name: ast.parse(source) for name, source in _sources().items() if looking.search(source)}


@cache
def _codes() -> frozenset[str]:
    """The codes of all messages; that they are written where a message is made, the catalogue's test holds."""
    written = re.compile(r'\bMessage(?:[.]counted)?\(\s*"([a-z0-9_]+)"')
    return frozenset(code for source in _sources().values() for code in written.findall(source))


def _is_code(node: ast.expr) -> bool:
    """Whether it is what a message is called: no field of an object's own, as a language has."""
    match node:
        case ast.Attribute(value=ast.Name(id="self")):
            return False
        case ast.Attribute(attr="code" | "passed_on") | ast.Name(id="code"):
            return True
    return False


def _named(tree: ast.Module) -> dict[str, ast.expr]:
    """What a module's constants are made of."""
    named = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                named[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                named[name] = value
    return named


def _words(node: ast.expr | None, named: Mapping[str, ast.expr]) -> Iterator[str]:
    """The texts of a constant, a collection of them, or what a constant of the module holds of either."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=values) | ast.Set(elts=values) | ast.List(elts=values):
            for one in values:
                yield from _words(one, named)
        case ast.Dict(keys=keys):
            for key in keys:
                yield from _words(key, named)
        case ast.Call(args=[first, *_]):  # frozenset({…}), MappingProxyType({…})
            yield from _words(first, named)
        case ast.Name(id=name) if name in named:
            yield from _words(named[name], {})
        case ast.BinOp(left=left, right=right):
            yield from _words(left, named)
            yield from _words(right, named)


def _asked_for(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Codes that a module asks for."""
    named = _named(tree)
    for node in ast.walk(tree):
        asked: list[ast.expr | None] = []
        match node:
            case ast.Compare(left=left, comparators=others):
                if any(isinstance(one, ast.Attribute) and _is_code(one) for one in (left, *others)):
                    asked = [left, *others]
            case ast.Call(func=ast.Attribute(value=table, attr=method), args=[ast.Attribute() as key, *_]):
                asked = [table] if method in LOOKING_UP and _is_code(key) else []
            case ast.Subscript(value=table, slice=ast.Attribute() as key):
                asked = [table] if _is_code(key) else []
            case ast.Match(subject=ast.Attribute() as subject, cases=cases) if _is_code(subject):
                asked = [
                    one.value for case in cases for one in ast.walk(case.pattern) if isinstance(one, ast.MatchValue)
                ]
        for one in asked:
            yield from ((node.lineno, text) for text in _words(one, named))


def _taken_apart(tree: ast.Module) -> Iterator[str]:
    """Where a module decides by how a code is spelt."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=code, attr=method)) if method in TAKING_APART and _is_code(code):
                yield f"{node.lineno}: {ast.unparse(node)}"
            case ast.Compare(left=ast.Constant(), ops=[ast.In() | ast.NotIn()], comparators=[code]) if _is_code(code):
                yield f"{node.lineno}: {ast.unparse(node)}"
            case ast.Subscript(value=ast.Attribute() as code) if _is_code(code):
                yield f"{node.lineno}: {ast.unparse(node)}"


def test_that_every_code_that_is_asked_for_is_that_of_a_message() -> None:
    asked = [(f"{name}:{line}", code) for name, tree in _deciding().items() for line, code in _asked_for(tree)]
    assert len({code for _, code in asked}) > 20
    asked += [("WHY_UNKNOWN", code) for code in WHY_UNKNOWN]
    assert [one for one in asked if one[1] not in _codes()] == []


def test_that_no_decision_rests_on_how_a_code_is_spelt() -> None:
    assert [f"{name}:{where}" for name, tree in _deciding().items() for where in _taken_apart(tree)] == []


@pytest.mark.parametrize(
    "planted",
    [
        'found = finding.code == "no_such_code"',
        'found = finding.message.code in ("no_such_code", "another")',
        'found = {"no_such_code": 1}.get(row.reason.code)',
        'ODD = frozenset({"no_such_code"})\nfound = told.code not in ODD',
        'ODD: Final = {"no_such_code": 1}\nfound = ODD[told.code]',
        'match told.code:\n    case "no_such_code":\n        pass',
    ],
)
def test_that_a_code_that_no_message_has_is_seen(planted: str) -> None:
    assert "no_such_code" in {code for _, code in _asked_for(ast.parse(planted))} - _codes()


@pytest.mark.parametrize(
    "planted", ['finding.code.endswith("_off")', 'code.startswith("x")', '"area" in finding.code', "finding.code[:3]"]
)
def test_that_a_decision_on_spelling_is_seen(planted: str) -> None:
    assert list(_taken_apart(ast.parse(planted)))
