"""Fuzz what Cinecor reads, from where the last run ended; faults are kept, each by its smallest input.

usage: python tests/fuzz/fuzz.py [--seconds N] [--state FOLDER] [--kinds NAME …]      all kinds in turn
       python tests/fuzz/fuzz.py --show KIND SEED FOLDER                              one mutant, written to FOLDER

The folder keeps `next.json` (the next seed of each kind), `outcomes.jsonl` (one line a mutant) and `faults/`, where
each new fault has a folder with the input and what came of it. A mutant follows from its kind and seed alone.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cinecor.errors import CinecorError
from fuzz.kinds import KINDS, Class, Kind, Outcome
from fuzz.mutant import Mutant

HANG_S: Final = 20
MOST_BYTES: Final = 1_500_000_000
_FROM_EACH: Final = 10  # mutants before the next kind's turn


class _Hang(BaseException):
    """Not an `Exception`, so that no broad `except` of a library takes it."""


def judged(kind: Kind, mutant: Mutant, folder: Path) -> Outcome:
    """Return what comes of reading a mutant; the input is written to `folder`, which is emptied first."""
    write(kind.clean, mutant.files, folder)
    try:
        with _limited():
            outcome = kind.read(folder)
    except CinecorError as error:
        text = str(error)
        whole = "\n" not in text and text.rstrip("\"”'").endswith((".", "!"))
        return Outcome(Class.REFUSED if whole else Class.NO_SENTENCE, text)
    except MemoryError:
        return Outcome(Class.MEMORY)
    except _Hang:
        return Outcome(Class.HANG)
    except Exception as error:  # noqa: BLE001  what the fuzzer is for
        where = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
        return Outcome(Class.EXCEPTION, f"{at}: {error}")
    if outcome.cls is Class.SILENT and mutant.invisible:
        return Outcome(Class.INVISIBLE, f"{outcome.detail} ({mutant.invisible.what})")
    return outcome


def write(clean: Mapping[str, bytes], changed: Mapping[str, bytes | None], folder: Path) -> None:
    """Write an input with its changed files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in {**clean, **changed}.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def smallest(kind: Kind, mutant: Mutant, folder: Path, *, cls: Class) -> Mutant:
    """Return the mutant with as many of its changed files as they were as still give the fault."""
    for name in tuple(mutant.files):
        fewer = mutant.without(name)
        if fewer.files and judged(kind, fewer, folder).cls is cls:
            mutant = fewer
    return mutant


@contextmanager
def _limited() -> Iterator[None]:
    """Stop what does not end; a signal reaches Python code only, which is all that reads headers."""

    def stop(*_: object) -> None:
        raise _Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(HANG_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Campaign:
    """A run that goes on where the last one ended."""

    def __init__(self, folder: Path, kinds: Sequence[str]) -> None:
        self._folder = folder
        (folder / "faults").mkdir(parents=True, exist_ok=True)
        self._next: dict[str, int] = json.loads(self._next_file.read_text()) if self._next_file.exists() else {}
        self._work = Path(tempfile.mkdtemp(prefix="cinecor-fuzz-"))
        self._kinds: dict[str, Kind] = {}
        for name in kinds:
            (self._work / name).mkdir()
            self._kinds[name] = KINDS[name](self._work / name)
        self.counts: Counter[tuple[str, Class]] = Counter()

    @property
    def _next_file(self) -> Path:
        return self._folder / "next.json"

    def run(self, seconds: float) -> None:
        """Take mutants of each kind in turn until the time is over."""
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                for name in self._kinds:
                    for _ in range(_FROM_EACH):
                        if time.monotonic() < until:
                            self._one(name)
        finally:
            shutil.rmtree(self._work, ignore_errors=True)

    def _one(self, name: str) -> None:
        seed = self._next.get(name, 0)
        kind, folder = self._kinds[name], self._work / "input"
        mutant = kind.mutant(seed)
        outcome = judged(kind, mutant, folder)
        self.counts[name, outcome.cls] += 1
        line = {"kind": name, "seed": seed, "what": mutant.what, "class": outcome.cls.name, "detail": outcome.detail}
        with (self._folder / "outcomes.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if outcome.cls.fault:
            self._keep(kind, mutant, outcome, line)
        self._next[name] = seed + 1
        self._next_file.write_text(json.dumps(self._next))

    def _keep(self, kind: Kind, mutant: Mutant, outcome: Outcome, line: dict[str, Any]) -> None:
        """Keep the first input of each fault: those of one kind, class and change are one."""
        at = outcome.detail.split(":")[0] if outcome.cls is Class.EXCEPTION else ""
        place = self._folder / "faults" / "_".join(f"{line['kind']} {outcome.cls.name} {mutant.what} {at}".split())
        if place.exists():
            return
        least = smallest(kind, mutant, self._work / "smaller", cls=outcome.cls)
        write(kind.clean, least.files, place / "input")
        (place / "outcome.json").write_text(json.dumps({**line, "changed": list(least.files)}, indent=2) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer and return 1 when it found a fault."""
    parser = argparse.ArgumentParser(description="Fuzz what Cinecor reads.")
    parser.add_argument("--seconds", type=float, default=60.0, help="default: %(default)s")
    parser.add_argument("--state", type=Path, default=Path("build/fuzz"), help="default: %(default)s")
    parser.add_argument("--kinds", nargs="+", choices=tuple(KINDS), default=list(KINDS), metavar="KIND")
    parser.add_argument("--show", nargs=3, metavar=("KIND", "SEED", "FOLDER"), help="write one mutant and read it")
    options = parser.parse_args(arguments)
    _limit_memory()
    if options.show:
        return _show(*options.show)
    campaign = Campaign(options.state, options.kinds)
    campaign.run(options.seconds)
    for (name, cls), count in sorted(campaign.counts.items(), key=lambda one: (one[0][0], one[0][1].name)):
        sys.stdout.write(f"{name:9} {count:6}  {cls.value}\n")
    faults = sum(count for (_, cls), count in campaign.counts.items() if cls.fault)
    sys.stdout.write(f"{sum(campaign.counts.values())} mutants, {faults} faults (kept in {options.state / 'faults'})\n")
    return 1 if faults else 0


def _limit_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))


def _show(name: str, seed: str, folder: str) -> int:
    with tempfile.TemporaryDirectory(prefix="cinecor-fuzz-") as work:
        kind = KINDS[name](Path(work))
        mutant = kind.mutant(int(seed))
        outcome = judged(kind, mutant, Path(folder))
    sys.stdout.write(f"{mutant.what}: {outcome.cls.value}: {outcome.detail}\n")
    return 1 if outcome.cls.fault else 0


if __name__ == "__main__":
    sys.exit(main())
