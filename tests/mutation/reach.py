"""`Reach`: which tests run which statement, and how long each of them takes."""

import ast
import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

import pytest
from tests.mutation.mutants import Mutant
from tests.mutation.rewriting import DESKTOP, Rewriting

_RAN = "__ran__"


@dataclass(frozen=True, slots=True)
class Reach:
    """What the tests ran when no fault was planted."""

    tests: dict[str, float]  # that passed: seconds of the processor
    lines: dict[str, dict[int, tuple[str, ...]]]  # by file and line of a statement: the tests that ran it

    def of(self, path: Path, mutant: Mutant) -> list[str]:
        """Return the tests that run what a mutant changes.

        What runs at the import is a constant or a default: the tests that run anything of its module, or a statement
        that has its name.
        """
        file = path.relative_to(DESKTOP).as_posix()
        if mutant.statement is not None:
            return list(self.lines.get(file, {}).get(mutant.statement, ()))
        found = {test for tests in self.lines.get(file, {}).values() for test in tests}
        for other, lines in self.lines.items():
            for line in _naming(DESKTOP / other, mutant.names) & lines.keys():
                found.update(lines[line])
        return [test for test in self.tests if test in found]


def read_reach(file: Path) -> Reach:
    """Return what `Recorder.keep` wrote."""
    kept = json.loads(gzip.decompress(file.read_bytes()))
    names = list(kept["tests"])
    lines = {
        path: {int(line): tuple(names[number] for number in tests) for line, tests in of_path.items()}
        for path, of_path in kept["lines"].items()
    }
    return Reach(kept["tests"], lines)


class Recorder:
    """A plugin of pytest that notes, for each statement, the tests that run it, or that rest on a fixture that does."""

    def __init__(self) -> None:
        self._ran: defaultdict[str, set[int]] = defaultdict(set)  # by file, since the last change of hands
        self._by: defaultdict[str, defaultdict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._now = "nothing"
        self._rest_on: dict[str, list[str]] = {}
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        sys.meta_path.insert(0, Rewriting(_noting, lambda path: {_RAN: self._ran[_name(path)].add}))

    def _hand_to(self, whom: str) -> str:
        """Give what ran until now to whom it belongs; return whose turn it was."""
        for file, lines in self._ran.items():
            if lines:
                self._by[self._now][file] |= lines
                lines.clear()
        before, self._now = self._now, whom
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Note what a fixture runs as the fixture's: others may rest on it later."""
        before = self._hand_to(_fixture(fixturedef))
        try:
            return (yield)
        finally:
            self._hand_to(before)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note what a test runs, on what it rests, and how long it takes."""
        self._hand_to(item.nodeid)
        started = time.process_time()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = time.process_time() - started
            self._hand_to("nothing")
            known = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
            self._rest_on[item.nodeid] = [_fixture(one) for fixtures in known.values() for one in fixtures]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Leave out the tests that fail without a fault, and those that are skipped."""
        if report.failed or report.skipped:
            self._failed.add(report.nodeid)

    def keep(self, file: Path) -> list[str]:
        """Write what was seen to a file; return the tests that failed or were skipped."""
        tests = {test: round(seconds, 4) for test, seconds in self._seconds.items() if test not in self._failed}
        lines: dict[str, defaultdict[int, list[int]]] = {}
        for number, test in enumerate(tests):
            reached: defaultdict[str, set[int]] = defaultdict(set)
            for whose in (test, *self._rest_on[test]):
                for path, ran in self._by.get(whose, {}).items():
                    reached[path] |= ran
            for path, ran in reached.items():
                of_path = lines.setdefault(path, defaultdict(list))
                for line in ran:
                    of_path[line].append(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(json.dumps({"tests": tests, "lines": lines}).encode(), 3))
        return sorted(self._failed)


def files_of(tests: Iterable[str]) -> list[str]:
    """Return the files of tests, in their order, each once."""
    return list(dict.fromkeys(test.split("::")[0] for test in tests))


def _name(path: Path) -> str:
    return path.relative_to(DESKTOP).as_posix()


def _fixture(fixture: pytest.FixtureDef[object]) -> str:
    return f"fixture {fixture.baseid} {fixture.argname}"


@cache
def _noting(path: Path) -> CodeType | None:
    """Return a module in whose functions every statement notes its line before it runs."""
    if path.relative_to(DESKTOP).parts[0] != "cinecor":
        return None
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for block in _blocks(tree):
        block[:] = [part for statement in block for part in (_note(statement), statement)]
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


def _note(statement: ast.stmt) -> ast.stmt:
    note = ast.Expr(ast.Call(ast.Name(_RAN, ast.Load()), [ast.Constant(statement.lineno)], []))
    return ast.copy_location(note, statement)


def _blocks(tree: ast.Module) -> Sequence[list[ast.stmt]]:
    """Return each list of statements that runs when a function is called."""
    found: dict[int, list[ast.stmt]] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for block in _lists(function):
                found[id(block)] = block
    return list(found.values())


def _lists(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for holder in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(holder, field, None)
            if isinstance(block, list):
                yield block


@cache
def _names_by_line(path: Path) -> dict[str, frozenset[int]]:
    """Return, for each name in a module, the lines of the statements that have it."""
    found: defaultdict[str, set[int]] = defaultdict(set)

    def look(node: ast.AST, line: int) -> None:
        for child in ast.iter_child_nodes(node):
            at = child.lineno if isinstance(child, ast.stmt) else line
            for name in (getattr(child, field, None) for field in ("id", "attr", "arg")):
                if isinstance(name, str):
                    found[name].add(at)
            look(child, at)

    look(ast.parse(path.read_text(encoding="utf-8")), 0)
    return {name: frozenset(lines) for name, lines in found.items()}


def _naming(path: Path, names: frozenset[str]) -> frozenset[int]:
    return frozenset().union(*(_names_by_line(path).get(name, frozenset()) for name in names))
