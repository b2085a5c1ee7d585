"""Plant faults in a package and count those that its tests find.

    python -m tests.mutation desktop/cinecor/measure --tests tests/unit/measure tests/unit/review --mutants 100

A seeded sample, each mutant in a process of its own that is forked from one with every library loaded. Survivors are
listed with file and line: each is a missing test, or a change that makes no difference. Time is that of the processor,
so that a busy machine finds no fault that the tests do not.
"""

import argparse
import importlib.abc
import importlib.util
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType

from tests.mutation.mutants import mutants

ROOT = Path(__file__).parents[2]
KILLED, SURVIVED = 1, 0
_LIBRARIES = (
    "numpy", "scipy.ndimage", "pydantic", "hypothesis", "pytest", "nibabel", "pydicom.sr.codedict", "onnxruntime",
    "_pytest.assertion.rewrite", "unittest.mock",
)  # fmt: skip


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports one module from a mutant's source, every other as it is."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source = path, source
        self._name = ".".join(path.relative_to(ROOT / "desktop").with_suffix("").parts)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Return the module's spec with this loader; None for every other module."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def get_filename(self, _: str) -> str:
        """Return where the module lies."""
        return str(self._path)

    def get_data(self, _: str | bytes) -> bytes:
        """Return the mutant's source."""
        return self._source.encode()

    def get_code(self, _: str) -> CodeType:
        """Return the mutant compiled, whatever an earlier run kept of the module."""
        return compile(self._source, str(self._path), "exec")


def main() -> int:
    """Run the sample and print the score."""
    options = _options()
    paths = [
        path
        for place in options.places
        for path in sorted(place.resolve().rglob("*.py") if place.is_dir() else [place.resolve()])
    ]
    every = [(path, mutant) for path in paths for mutant in mutants(path.read_text(encoding="utf-8"))]
    sample = random.Random(options.seed).sample(every, min(options.mutants, len(every)))
    _load_libraries(options.places)
    if _outcome(paths[0], paths[0].read_text(encoding="utf-8"), options.tests, options.limit_s) == KILLED:
        _say("the tests fail without a fault, too")
        return 1
    survivors = []
    started = time.monotonic()
    number = 0
    for number, (path, mutant) in enumerate(sample, start=1):
        if _outcome(path, mutant.source, options.tests, options.limit_s) == SURVIVED:
            survivors.append((path, mutant))
            _say(f"survived: {path.relative_to(ROOT)}:{mutant.line}: {mutant.what}")
        if number % 20 == 0:
            _say(f"{number} of {len(sample)}, {time.monotonic() - started:.0f} s")
        if time.monotonic() - started > 60 * options.minutes:
            break
    found = number - len(survivors)
    _say(f"{found} of {number} found ({100 * found / number:.0f} %), out of {len(every)} possible")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("places", type=Path, nargs="+", help="packages or modules")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no further mutant after this time")
    parser.add_argument("--limit-s", type=int, default=120, help="processor time after which a mutant has hung")
    return parser.parse_args()


def _load_libraries(places: Sequence[Path]) -> None:
    """Import what every mutant needs, none of it from the packages that are mutated."""
    own = ("cinecor.study", "cinecor.language") if all("study" not in place.parts for place in places) else ()
    for name in (*_LIBRARIES, *own):
        importlib.import_module(name)


def _outcome(path: Path, source: str, tests: Sequence[str], limit_s: int) -> int:
    """Return what the tests say of a module written so; one that uses up its processor time counts as found."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
        os._exit(_judge(path, source, tests))
    _, status = os.waitpid(child, 0)
    return SURVIVED if os.waitstatus_to_exitcode(status) == SURVIVED else KILLED


def _judge(path: Path, source: str, tests: Sequence[str]) -> int:
    import hypothesis
    import pytest

    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    # A dozen examples of each law find what a hundred do, but for the rarest.
    hypothesis.settings.register_profile("mutation", max_examples=12, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Qt's and others take longer to load than the tests to run
    sys.meta_path.insert(0, _Planted(path, source))
    sys.dont_write_bytecode = True
    try:
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib", *tests])
    except BaseException:  # noqa: BLE001  whatever breaks the import of a mutant finds it
        return KILLED
    return SURVIVED if code == pytest.ExitCode.OK else KILLED


if __name__ == "__main__":
    sys.exit(main())
