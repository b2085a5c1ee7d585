"""Plant faults in a package and count those that its tests find.

    python -m tests.mutation desktop/cinecor/measure --tests tests/unit/measure tests/unit/review --mutants 100

A seeded sample, each mutant in a process of its own that is forked from one with every library loaded. Survivors are
listed with file and line: each is a missing test, or a change that makes no difference.
"""

import argparse
import importlib.abc
import importlib.util
import os
import random
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType

from tests.mutation.mutants import Mutant, mutants

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
    paths = sorted(options.package.resolve().rglob("*.py")) if options.package.is_dir() else [options.package.resolve()]
    every = [(path, mutant) for path in paths for mutant in mutants(path.read_text(encoding="utf-8"))]
    sample = random.Random(options.seed).sample(every, min(options.mutants, len(every)))
    _load_libraries(options.package)
    survivors = []
    started = time.monotonic()
    number = 0
    for number, (path, mutant) in enumerate(sample, start=1):
        if _outcome(path, mutant, options.tests, options.limit_s) == SURVIVED:
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
    parser.add_argument("package", type=Path)
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no further mutant after this time")
    parser.add_argument("--limit-s", type=float, default=240.0)
    return parser.parse_args()


def _load_libraries(package: Path) -> None:
    """Import what every mutant needs, none of it from the packages that are mutated."""
    own = ("cinecor.study", "cinecor.language") if "study" not in package.parts else ()
    for name in (*_LIBRARIES, *own):
        importlib.import_module(name)


def _outcome(path: Path, mutant: Mutant, tests: Sequence[str], limit_s: float) -> int:
    """Return what the tests say of a mutant; one that runs too long counts as found."""
    child = os.fork()
    if child == 0:
        os._exit(_judge(path, mutant, tests))
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return SURVIVED if os.waitstatus_to_exitcode(status) == SURVIVED else KILLED
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return KILLED


def _judge(path: Path, mutant: Mutant, tests: Sequence[str]) -> int:
    import hypothesis
    import pytest

    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    # A dozen examples of each law find what a hundred do, but for the rarest.
    hypothesis.settings.register_profile("mutation", max_examples=12, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Qt's and others take longer to load than the tests to run
    sys.meta_path.insert(0, _Planted(path, mutant.source))
    sys.dont_write_bytecode = True
    try:
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib", *tests])
    except BaseException:  # noqa: BLE001  whatever breaks the import of a mutant finds it
        return KILLED
    return SURVIVED if code == pytest.ExitCode.OK else KILLED


if __name__ == "__main__":
    sys.exit(main())
