"""`Entry`: one line of the ledger, bound to the line before it by hash."""

import datetime
import getpass
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

Place = tuple[int, int]  # (slice, phase)

_SPELLING: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Person:
    """Who acted: name and organisation as they gave them, and the account on this machine."""

    name: str
    organisation: str
    user: str

    @classmethod
    def here(cls, name: str = "", organisation: str = "") -> "Person":
        """Return the person at this machine; without a name only the account is known."""
        try:
            user = getpass.getuser()
        except (OSError, KeyError, ImportError):  # an account without a name, as in a container
            user = ""
        return cls(name, organisation, user)


@dataclass(frozen=True, slots=True)
class Act:
    """What was done."""

    kind: str  # "redraw.push", "undo", "phase", "answer", "sign", "amend" …
    places: tuple[Place, ...] = ()  # the frames it touched
    structure: str | None = None  # the border that was moved
    change: Mapping[str, float] = field(default_factory=_nothing)  # numbers that moved: "lv.edv_ml", "lv.ef_percent"
    record: str = ""  # digest of the step's record, so that no other mask can take its place
    facts: Mapping[str, Any] = field(default_factory=_nothing)  # more of an answer or a signature; as JSON holds it


@dataclass(frozen=True, slots=True)
class Entry:
    """One act of one person. `hash` binds everything in it and, by `previous`, all entries before it."""

    number: int  # from 1
    time: str  # ISO 8601, UTC
    person: Person
    act: Act
    model: str  # sha256 of the model whose result it was done to
    previous: str  # hash of the entry before; of the first: what the ledger belongs to
    hash: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as a line of a ledger holds it."""
        return {**_content(self), "hash": self.hash}

    @classmethod
    def of_json(cls, line: Mapping[str, Any]) -> "Entry":
        """Return the entry of a line as it is, bound or not. Raises `KeyError`, `TypeError`, `ValueError`."""
        act = line["act"]
        return cls(
            number=int(line["number"]),
            time=str(line["time"]),
            person=Person(**line["person"]),
            act=Act(
                kind=str(act["kind"]),
                places=tuple((int(index), int(phase)) for index, phase in act["places"]),
                structure=act["structure"],
                change=MappingProxyType({str(name): float(value) for name, value in act["change"].items()}),
                record=str(act["record"]),
                facts=MappingProxyType(dict(act["facts"])),
            ),
            model=str(line["model"]),
            previous=str(line["previous"]),
            hash=str(line["hash"]),
        )

    @property
    def true_hash(self) -> str:
        """What its hash must be for what it says."""
        return digest(_content(self))


def appended(
    last: Entry | None, act: Act, *, person: Person, model: str, belongs_to: str, time: datetime.datetime | None = None
) -> Entry:
    """Return the entry of an act that follows `last`, or begins the ledger of what `belongs_to` names."""
    now = (time or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    entry = Entry(
        number=1 if last is None else last.number + 1,
        time=now.isoformat(timespec="milliseconds"),
        person=person,
        act=act,
        model=model,
        previous=belongs_to if last is None else last.hash,
        hash="",
    )
    return Entry(entry.number, entry.time, person, act, model, entry.previous, entry.true_hash)


def digest(content: object) -> str:
    """Return the SHA-256 of a value as JSON in one fixed spelling."""
    return hashlib.sha256(_SPELLING.encode(content).encode()).hexdigest()


def _content(entry: Entry) -> dict[str, Any]:
    act = entry.act
    return {
        "number": entry.number,
        "time": entry.time,
        "person": {"name": entry.person.name, "organisation": entry.person.organisation, "user": entry.person.user},
        "act": {
            "kind": act.kind,
            "places": [list(place) for place in act.places],
            "structure": act.structure,
            "change": dict(act.change),
            "record": act.record,
            "facts": dict(act.facts),
        },
        "model": entry.model,
        "previous": entry.previous,
    }
