"""`Judge`: what the tests say of a module with a fault."""

import gc
import inspect
import marshal
import multiprocessing
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType

import hypothesis
import pytest
from tests.mutation.mutants import Mutant, plant
from tests.mutation.reach import files_of
from tests.mutation.rewriting import ROOT, Rewriting

FOUND, MISSED, SAME = 1, 0, 2  # SAME: the compiled module is the same with the fault
_NOT_PLANTED, _DOUBTED = 3, 4  # DOUBTED: a test that fell falls without the fault, too, after those before it
_OPTIONS = ("-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib")
_PLACE = ROOT / "build" / "mutation" / "tmp"
_LEAST_S = 20  # of the processor before a mutant is said to hang
_LONGER = 10  # times as long as without a fault


class Judge:
    """Runs tests on mutants, each in a process that is forked from one in which everything is loaded.

    A fault in a function is planted in the loaded module, in a process that has collected the tests; one in what runs
    at the import, in a process that has the libraries and imports the program anew.
    """

    def __init__(self, tests: Sequence[str]) -> None:
        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(target=_serve, args=(self._here, there, tests))
        self._process.start()
        there.close()

    def judge(self, path: Path, mutant: Mutant, tests: dict[str, float]) -> int:
        """Return FOUND if a test fails, the fault breaks the import, or the tests hang; SAME if there is no fault."""
        source = path.read_text(encoding="utf-8")
        was, code = compile(source, str(path), "exec"), compile(plant(source, mutant), str(path), "exec")
        if code == was:
            return SAME
        outcome = _NOT_PLANTED
        if mutant.statement is not None:
            outcome = self._ask(
                [new for old, new in zip(_functions(was), _functions(code), strict=True) if old != new], tests
            )
        if outcome == _NOT_PLANTED:
            outcome = in_process(lambda: _judge_import(path, code, list(tests)), _limit_s(tests))
        if outcome == _DOUBTED:
            if self._ask([], tests) != MISSED:
                raise SystemExit(f"tests of {path.name} fail without a fault")
            outcome = FOUND  # what the fault left behind made the test fall again
        return outcome

    def _ask(self, changed: Sequence[CodeType], tests: dict[str, float]) -> int:
        self._here.send((marshal.dumps(changed), list(tests), _limit_s(tests)))
        return int(self._here.recv())

    def close(self) -> None:
        """End the process that holds the tests."""
        self._here.close()
        self._process.join()


def _limit_s(tests: dict[str, float]) -> int:
    """Return the time of the processor after which tests are said to hang."""
    return int(_LEAST_S + _LONGER * sum(tests.values()))


def quiet_options() -> list[str]:
    """Make this process say nothing, take no plugin but the project's own, and run laws the same each time."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Qt's and others take longer to load than the tests to run
    os.environ["CINECOR_HYPOTHESIS"] = "mutation"
    hypothesis.settings.register_profile(
        "mutation",
        database=None,
        deadline=None,
        derandomize=True,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # a law that falls need not be made small
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    sys.dont_write_bytecode = True
    shutil.rmtree(_PLACE, ignore_errors=True)
    _PLACE.parent.mkdir(parents=True, exist_ok=True)
    return [*_OPTIONS, f"--basetemp={_PLACE}"]


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of what a module defines: functions, and methods of classes; not what these define in turn."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_flags & inspect.CO_OPTIMIZED:
                yield part
            else:  # the body of a class
                yield from _functions(part)


def in_process(judge: Callable[[], int], limit_s: int = 3600) -> int:
    """Return what a process of its own says; one that dies, uses up its time, or waits for ever has found the fault."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
        signal.alarm(60 * limit_s)
        code = FOUND
        try:
            code = judge()
        finally:
            os._exit(code)  # whatever breaks the import of a mutant finds it
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code in (MISSED, _NOT_PLANTED, _DOUBTED) else FOUND


class _Chosen:
    """A plugin of pytest that runs these tests alone."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._tests = set(tests)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._tests]


def _judge_import(path: Path, code: CodeType, tests: Sequence[str]) -> int:
    options = quiet_options()
    sys.meta_path.insert(0, Rewriting(lambda one: code if one == path else None, lambda _: {}))
    outcome = pytest.main(["-x", *options, *files_of(tests)], plugins=[_Chosen(tests)])
    return MISSED if outcome == pytest.ExitCode.OK else FOUND


class _Server:
    """A plugin of pytest that runs what it is asked for instead of the tests that it collected."""

    def __init__(self, asked: Connection) -> None:
        self._asked = asked

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge each mutant that is sent in a process that is forked from here."""
        items = {item.nodeid: item for item in session.items}
        while True:
            try:
                changed, tests, limit_s = self._asked.recv()
            except EOFError:
                return True
            chosen = [items[test] for test in tests]
            self._asked.send(in_process(lambda: _judge_functions(changed, chosen), limit_s))  # noqa: B023


def _serve(here: Connection, there: Connection, tests: Sequence[str]) -> None:
    here.close()  # else its end would never be seen
    pytest.main([*quiet_options(), *files_of(tests)], plugins=[_Server(there)])


def _judge_functions(changed: bytes, chosen: Sequence[pytest.Item]) -> int:
    new_of = {_identity(code): code for code in marshal.loads(changed)}
    gc.unfreeze()  # `conftest.py` puts what is loaded out of the collector's sight
    planted: list[tuple[FunctionType, CodeType]] = []  # with the code without the fault
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and (name := _identity(function.__code__)) in new_of:
            planted.append((function, function.__code__))
            function.__code__ = new_of[name]
    if {_identity(code) for _, code in planted} != new_of.keys():
        return _NOT_PLANTED
    for item, following in zip(chosen, (*chosen[1:], None), strict=True):
        if _falls(item, following):
            for function, code in planted:
                function.__code__ = code
            return _DOUBTED if _falls(item, following) else FOUND
    return MISSED


def _falls(item: pytest.Item, following: pytest.Item | None) -> bool:
    from _pytest.runner import runtestprotocol

    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def _identity(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno
