"""Plant faults in packages and count those that the tests find.

    python -m tests.mutation                                                       30 in each of the three packages
    python -m tests.mutation desktop/cinecor/measure/rates.py --mutants 200 --seed 2

A seeded sample of each place. Which tests run a statement is recorded once (build/mutation); a mutant meets these
alone, the quick ones first, until one falls. Time is that of the processor, so that a busy machine finds no fault that
the tests do not. What was judged is kept: a run that is broken off, or asked for more, goes on from there. Survivors
are listed with file and line: each is a missing test, or a change that makes no difference.
"""

import argparse
import hashlib
import importlib
import json
import math
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.reach import Reach, Recorder, read_reach
from tests.mutation.rewriting import DESKTOP, ROOT
from tests.mutation.verdict import FOUND, MISSED, SAME, Judge, in_process, quiet_options

PLACES = tuple(DESKTOP / "cinecor" / place for place in ("measure", "inference/outline", "study/stack"))
_INFERENCE = (
    "anatomy", "certainty", "context", "crop", "device_choice", "heart", "phase_work", "pipeline", "pixel_runs", "pose",
)  # fmt: skip
TESTS = (
    "tests/unit/measure",
    *(f"tests/unit/inference/test_{name}.py" for name in _INFERENCE),
    "tests/unit/study",
    "tests/unit/review/test_review_result.py",
)
KEPT = ROOT / "build" / "mutation"
_LIBRARIES = (
    "numpy", "scipy.ndimage", "scipy.optimize", "pydantic", "hypothesis", "pytest", "nibabel", "pydicom.sr.codedict",
    "onnxruntime", "_pytest.assertion.rewrite", "unittest.mock",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sampled:
    """A mutant of a place, and what it is known by."""

    path: Path
    mutant: Mutant
    key: str


def main() -> int:
    """Judge the sample and print the score of each place."""
    options = _options()
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # as `conftest.py` has it, before anything loads them
    for name in _LIBRARIES:
        importlib.import_module(name)
    ends = time.monotonic() + 60 * options.minutes
    reach = _reach(options.tests)
    kept = KEPT / "outcomes.jsonl"
    known = _known(kept)
    queues = {place: _sample(place.resolve(), options.seed) for place in options.places}
    judged: dict[Path, list[tuple[_Sampled, int]]] = {place: [] for place in options.places}
    judge = Judge(list(reach.tests))
    while time.monotonic() < ends:
        waiting = [place for place, queue in queues.items() if queue and len(judged[place]) < options.mutants]
        if not waiting:
            break
        place = min(waiting, key=lambda one: len(judged[one]))
        sampled = queues[place].pop(0)
        outcome = known.get(sampled.key)
        if outcome is None or (outcome == MISSED and options.again):
            outcome = _judged(judge, reach, sampled, kept)
        if outcome != SAME:
            judged[place].append((sampled, outcome))
    judge.close()
    for place, outcomes in judged.items():
        _tell(place, outcomes, options.seed)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("places", type=Path, nargs="*", default=PLACES, help="packages or modules")
    parser.add_argument("--tests", nargs="+", default=TESTS)
    parser.add_argument("--mutants", type=int, default=30, help="in each place")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--minutes",
        type=float,
        default=60.0,
        help="begin no further mutant after this time, what the tests run recorded within",
    )
    parser.add_argument("--again", action="store_true", help="judge what survived before once more")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _reach(tests: Sequence[str]) -> Reach:
    """Return which tests run which statement, recorded now where no record of this code is kept."""
    files = [path for place in (DESKTOP / "cinecor", ROOT / "tests") for path in sorted(place.rglob("*.py"))]
    digest = hashlib.sha256(repr(sorted(tests)).encode())
    for path in files:
        if "mutation" not in path.parts:
            digest.update(path.read_bytes())
    file = KEPT / f"reach-{digest.hexdigest()[:16]}.json.gz"
    if not file.is_file():
        started = time.monotonic()
        in_process(lambda: _record(tests, file))
        _say(f"recorded what the tests run in {time.monotonic() - started:.0f} s")
    reach = read_reach(file)
    _say(f"{len(reach.tests)} tests that pass, {sum(reach.tests.values()):.0f} s of the processor")
    return reach


def _record(tests: Sequence[str], file: Path) -> int:
    import pytest

    recorder = Recorder()
    pytest.main([*quiet_options(), *tests], plugins=[recorder])
    recorder.keep(file)
    return 0


def _sample(place: Path, seed: int) -> list[_Sampled]:
    """Return every mutant of a place, shuffled."""
    found = []
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        source = path.read_text(encoding="utf-8")
        file = path.relative_to(ROOT).as_posix()
        digest = hashlib.sha256(source.encode()).hexdigest()[:12]
        found += [_Sampled(path, one, f"{file} {digest} {one.node} {one.change}") for one in mutants(source)]
    random.Random(f"{seed} {place.relative_to(ROOT).as_posix()}").shuffle(found)
    return found


def _known(kept: Path) -> dict[str, int]:
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    return {entry["key"]: entry["outcome"] for entry in map(json.loads, lines)}


def _judged(judge: Judge, reach: Reach, sampled: _Sampled, kept: Path) -> int:
    """Judge a mutant and write down what came of it."""
    tests = _quick_first(reach, reach.of(sampled.path, sampled.mutant))
    started = time.monotonic()
    outcome = judge.judge(sampled.path, sampled.mutant, tests) if tests else MISSED
    entry = {
        "key": sampled.key,
        "line": sampled.mutant.line,
        "what": sampled.mutant.what,
        "tests": len(tests),
        "seconds": round(time.monotonic() - started, 1),
        "outcome": outcome,
    }
    with kept.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return outcome


def _quick_first(reach: Reach, tests: Sequence[str]) -> dict[str, float]:
    """Return tests with their times: the files that take least first, each file's tests together."""
    of_file: Counter[str] = Counter()
    for test in tests:
        of_file[test.split("::")[0]] += reach.tests[test]  # type: ignore[assignment]
    return {test: reach.tests[test] for test in sorted(tests, key=lambda test: of_file[test.split("::")[0]])}


def _tell(place: Path, outcomes: Sequence[tuple[_Sampled, int]], seed: int) -> None:
    found = sum(outcome == FOUND for _, outcome in outcomes)
    for line in _survivors(outcomes):
        _say(f"survived: {line}")
    if outcomes:
        low, high = _interval(found, len(outcomes))
        share = 100 * found / len(outcomes)
        name = place.resolve().relative_to(ROOT)
        _say(f"{name}, seed {seed}: {found} of {len(outcomes)} found, {share:.0f} % (95 %: {low:.0f} to {high:.0f} %)")


def _survivors(outcomes: Sequence[tuple[_Sampled, int]]) -> Iterator[str]:
    for one, outcome in outcomes:
        if outcome == MISSED:
            yield f"{one.path.relative_to(ROOT)}:{one.mutant.line}: {one.mutant.what}"


def _interval(found: int, count: int) -> tuple[float, float]:
    """Return Wilson's interval of a share, in percent."""
    z = 1.96
    share = found / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return 100 * (middle - half), 100 * (middle + half)


if __name__ == "__main__":
    sys.exit(main())
