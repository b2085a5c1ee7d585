"""The fuzzer's first seeds, and that it sees the faults that it is there for."""

import json
from pathlib import Path

import pytest

from cinecor.errors import InputError
from cinecor.message import Message
from fuzz.fuzz import Campaign, judged, main, smallest
from fuzz.invisible import Invisible
from fuzz.kinds import KINDS, Class, Kind, Outcome
from fuzz.mutant import Mutant

SEEDS = range(8)


@pytest.mark.parametrize("name", list(KINDS))
def test_that_the_first_seeds_of_every_kind_are_read_as_they_are_told_of_or_refused(tmp_path: Path, name: str) -> None:
    kind = KINDS[name](tmp_path)
    outcomes = {seed: judged(kind, kind.mutant(seed), tmp_path / "input") for seed in SEEDS}
    assert {seed: outcome for seed, outcome in outcomes.items() if outcome.cls.fault} == {}


def test_that_the_page_on_import_lists_what_no_file_tells_as_the_fuzzer_does() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    part = page.partition("## What no file can tell")[2].partition("\n## ")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in part.splitlines() if line[:1] == "|"]
    assert rows[2:] == [(change.what, change.why) for change in Invisible]


class Faulty(Kind):
    """Three files; what is in "a" decides how badly they are read."""

    @property
    def clean(self) -> dict[str, bytes]:
        return {"a": b"good", "b": b"", "c": b""}

    def mutant(self, seed: int) -> Mutant:
        content = (b"silent", b"raises", b"refuses", b"mumbles", b"hangs", b"good")[seed % 6]
        return Mutant(content.decode(), {"a": content, "b": b"other"})

    def read(self, folder: Path) -> Outcome:
        match (folder / "a").read_bytes():
            case b"silent":
                return Outcome(Class.SILENT, "other volumes")
            case b"raises":
                raise KeyError("a")
            case b"refuses":
                raise InputError(Message("planted", "It is no study; give one."))
            case b"mumbles":
                raise InputError(Message("planted", "no study"))
            case b"hangs":
                while True:
                    pass
        return Outcome(Class.SAME)


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kind:
    monkeypatch.setitem(KINDS, "faulty", Faulty)
    monkeypatch.setattr("fuzz.fuzz.HANG_S", 1)
    return Faulty(tmp_path)


def test_that_each_fault_is_seen(tmp_path: Path, faulty: Kind) -> None:
    seen = [judged(faulty, faulty.mutant(seed), tmp_path / "input").cls for seed in range(6)]
    assert seen == [
        *(Class.SILENT, Class.EXCEPTION, Class.REFUSED, Class.NO_SENTENCE, Class.HANG, Class.SAME),
    ]


def test_that_a_difference_that_was_named_invisible_beforehand_is_no_fault(tmp_path: Path, faulty: Kind) -> None:
    mutant = Mutant("silent", {"a": b"silent"}, invisible=Invisible.REVERSED)
    assert judged(faulty, mutant, tmp_path / "input").cls is Class.INVISIBLE


def test_that_a_fault_is_kept_by_its_smallest_input(tmp_path: Path, faulty: Kind) -> None:
    least = smallest(faulty, faulty.mutant(0), tmp_path / "input", cls=Class.SILENT)
    assert dict(least.files) == {"a": b"silent"}


@pytest.mark.usefixtures("faulty")
def test_that_a_campaign_goes_on_where_it_ended_and_keeps_each_fault_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr("fuzz.fuzz.time.monotonic", lambda: next(clock))
    for _ in range(2):
        Campaign(tmp_path / "state", ["faulty"]).run(14.0)
    lines = [json.loads(line) for line in (tmp_path / "state" / "outcomes.jsonl").read_text().splitlines()]
    seeds = [line["seed"] for line in lines]
    assert seeds == list(range(len(seeds)))
    assert len(seeds) > 12
    kept = sorted(path.name for path in (tmp_path / "state" / "faults").iterdir())
    assert [name.split("_")[1] for name in kept] == ["EXCEPTION", "HANG", "NO", "SILENT"]


@pytest.mark.usefixtures("faulty")
def test_that_the_command_ends_with_1_when_it_found_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fuzz.fuzz._limit_memory", lambda: None)
    assert main(["--show", "faulty", "0", str(tmp_path / "shown")]) == 1
    assert main(["--show", "faulty", "5", str(tmp_path / "shown")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "silent: read otherwise without a word: other volumes",
        "good: read as it was: ",
    ]
