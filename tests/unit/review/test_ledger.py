"""The ledger: what was changed, removed, added or moved in it afterwards is named."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cinecor.review.ledger import Act, Entry, Person, appended, faults_of, read_ledger, written_ledger

STUDY = "5" * 64
DOCTOR = Person("Dr Ada Wall", "Heart Centre", "ada")


def _ledger() -> list[Entry]:
    acts = [
        Act("redraw.push", ((3, 7),), "endo", {"lv.edv_ml": -2.5, "lv.ef_percent": 0.8}, "a" * 64),
        Act("undo"),
        Act("redraw.carry_phases", ((3, 6), (3, 8)), "endo"),
        Act("sign", facts={"version": 1, "comment": "Größe geprüft"}),
    ]
    entries: list[Entry] = []
    for act in acts:
        last = entries[-1] if entries else None
        entries.append(appended(last, act, person=DOCTOR, model="m" * 64, belongs_to=STUDY))
    return entries


def test_that_a_ledger_as_it_was_written_has_no_fault_and_reads_back() -> None:
    entries, faults = read_ledger(written_ledger(_ledger()))
    assert faults == ()
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert entries[0].person == DOCTOR
    assert entries[0].act.change == {"lv.edv_ml": -2.5, "lv.ef_percent": 0.8}
    assert faults_of(entries, belongs_to=STUDY) == ()
    assert faults_of((), belongs_to=STUDY) == ()


def _renamed(entries: list[Entry]) -> list[Entry]:
    entries[1] = replace(entries[1], person=Person("Somebody Else", "", "eve"))
    return entries


def _retold(entries: list[Entry]) -> list[Entry]:
    entries[0] = replace(entries[0], act=replace(entries[0].act, change={"lv.edv_ml": -9.0}))
    return entries


def _rehashed(entries: list[Entry]) -> list[Entry]:
    forged = replace(entries[1], time="2020-01-01T00:00:00.000+00:00")
    entries[1] = replace(forged, hash=forged.true_hash)
    return entries


def _swapped(entries: list[Entry]) -> list[Entry]:
    return [entries[0], entries[2], entries[1], entries[3]]


def _without_first(entries: list[Entry]) -> list[Entry]:
    return entries[1:]


def _without_middle(entries: list[Entry]) -> list[Entry]:
    return [*entries[:2], *entries[3:]]


def _with_another(entries: list[Entry]) -> list[Entry]:
    return [*entries[:2], appended(entries[1], Act("drop"), person=DOCTOR, model="", belongs_to=STUDY), *entries[2:]]


@pytest.mark.parametrize(
    ("tamper", "code", "numbers"),
    [
        (_renamed, "ledger_entry_changed", [2]),
        (_retold, "ledger_entry_changed", [1]),
        (_rehashed, "ledger_order_broken", [3]),
        (_swapped, "ledger_order_broken", [3, 2, 4]),
        (_without_first, "ledger_order_broken", [2, 3, 4]),
        (_without_middle, "ledger_order_broken", [4]),
        (_with_another, "ledger_order_broken", [3, 4]),
    ],
)
def test_that_what_was_done_to_a_ledger_is_named(
    tamper: Callable[[list[Entry]], list[Entry]], code: str, numbers: list[int]
) -> None:
    faults = faults_of(tamper(_ledger()), belongs_to=STUDY)
    assert [(fault.code, fault.values["number"]) for fault in faults] == [(code, number) for number in numbers]


def test_that_a_ledger_of_another_study_is_told() -> None:
    (fault,) = faults_of(_ledger(), belongs_to="6" * 64)
    assert fault.code == "ledger_order_broken"
    assert fault.values == {"number": 1}


@pytest.mark.parametrize("line", [b"no json", b"[]", b'{"number": 1}', b'{"number": "x", "act": {}}', b"[" * 100_000])
def test_that_a_line_that_is_no_entry_is_told_with_its_number(line: bytes) -> None:
    good = written_ledger(_ledger()).splitlines()
    entries, (fault,) = read_ledger(b"\n".join([good[0], line, *good[1:]]))
    assert len(entries) == 4
    assert str(fault) == "Line 2 of the ledger is no entry."


def test_that_the_account_is_known_without_a_name() -> None:
    assert Person.here().name == ""
    assert json.loads(written_ledger(_ledger()).splitlines()[0])["person"]["user"] == "ada"
