"""`Split`: which patients train and which validate, dealt once, written to a file and never mixed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cinecor.errors import InputError
from cinecor.failure import first_line
from cinecor.message import Message
from cinecor_training.data.canvas import BLANK
from cinecor_training.store import FrameStore

_VERSION: Final = 1
_NAMES_SHOWN: Final = 5
_FEWEST: Final = 3  # patients of a source, for one to be spared for validation


@dataclass(frozen=True, slots=True)
class Split:
    """Patients, as source/patient, on each side; both sorted."""

    rule: str  # how they were dealt, in words
    training: tuple[str, ...]
    validation: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Write the split as JSON."""
        sides = {"training": list(self.training), "validation": list(self.validation)}
        path.write_text(json.dumps({"version": _VERSION, "rule": self.rule, **sides}, indent=1) + "\n", "utf-8")

    @classmethod
    def from_file(cls, path: Path) -> "Split":
        """Read a split; raises `InputError` when the file is no split or names a patient twice."""
        try:
            raw: Any = json.loads(path.read_text("utf-8"))
            sides = [tuple(sorted(str(name) for name in raw[side])) for side in ("training", "validation")]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                Message(
                    "split_file_unreadable",
                    "{path} is no split file with “training” and “validation” ({reason}).",
                    path=path,
                    reason=first_line(error),
                )
            ) from error
        both = sorted(set(sides[0]) & set(sides[1]))
        if both:
            raise InputError(
                Message("split_file_overlaps", "{path}: on both sides: {both}.", path=path, both=_names(both))
            )
        return cls(str(raw.get("rule", path.name)), *sides)


def deal(
    groups: Mapping[str, str],
    *,
    fixed: Mapping[str, bool],
    fraction: float,
    seed: int,
    fold: tuple[int, int] | None = None,
    earlier: Split | None = None,
    growing: Collection[str] = (),
) -> Split:
    """Deal patients (name → disease group) to two sides.

    A patient that `earlier` names keeps its side; one in `fixed` validates where that is true and trains where it is
    not. The others are shuffled with `seed` within their disease groups, so that each side has some of every group:
    `fraction` of them validate, or with `fold` (k, n) the k-th of n equal parts, k from 0.

    Those in `growing`, to whom others will come, are dealt each by name and seed alone unless `fold` is given: about
    `fraction` of them validate, and whoever trained in one round trains in the next. Where none would validate of three
    or more of a source, the one nearest to it does.
    """
    kept = dict.fromkeys(earlier.training, False) | dict.fromkeys(earlier.validation, True) if earlier else {}
    held_out = {name: kept[name] if name in kept else fixed[name] for name in groups if name in kept or name in fixed}
    if fold is None:
        held_out |= _by_name(set(growing) & groups.keys() - held_out.keys(), held_out, fraction=fraction, seed=seed)
    free: dict[str, list[str]] = defaultdict(list)
    for name in sorted(groups.keys() - held_out.keys()):
        free[f"{name.partition('/')[0]}/{groups[name]}"].append(name)
    generator = np.random.default_rng(seed)
    order = [names[index] for _, names in sorted(free.items()) for index in generator.permutation(len(names))]
    for position, name in enumerate(order):
        if fold is not None:
            held_out[name] = position % fold[1] == fold[0]
        else:
            # Every time the share of those dealt passes a whole number, one validates; half a step early, so that
            # a handful of patients gives one too.
            held_out[name] = int((position + 1) * fraction + 0.5) > int(position * fraction + 0.5)
    rule = f"part {fold[0]} of {fold[1]}" if fold else f"{fraction:g} of the patients"
    named = ", a site's own are dealt by their names" if growing and not fold else ""
    return Split(
        f"{rule} by group, seed {seed}; sources with a rule of their own keep it{named}",
        tuple(sorted(name for name, out in held_out.items() if not out)),
        tuple(sorted(name for name, out in held_out.items() if out)),
    )


def _by_name(
    names: Collection[str], placed: Mapping[str, bool], *, fraction: float, seed: int
) -> Iterator[tuple[str, bool]]:
    """Yield each name (source/patient) and whether it validates, which depends on no other but to spare one at all."""
    by_source: dict[str, dict[str, float]] = defaultdict(dict)
    for name in sorted(names):
        source, _, patient = name.partition("/")
        digest = hashlib.sha256(f"{seed} {patient}".encode()).digest()
        by_source[source][name] = int.from_bytes(digest[:8], "big") / 2**64
    for source, lots in by_source.items():
        others = [out for name, out in placed.items() if name.partition("/")[0] == source]
        spared = min(lots, key=lambda name: lots[name])
        needed = not any(others) and len(lots) + len(others) >= _FEWEST
        yield from ((name, lot < fraction or (needed and name == spared)) for name, lot in lots.items())


def check_apart(split: Split, store: FrameStore) -> None:
    """Raise `InputError` when a patient or an image is on both sides, or a side is empty; names the patients."""
    both = sorted(set(split.training) & set(split.validation))
    if both:
        raise InputError(
            Message(
                "patients_on_both_sides", "These patients are on both sides of the split: {both}.", both=_names(both)
            )
        )
    sides = dict.fromkeys(split.training, "trains") | dict.fromkeys(split.validation, "validates")
    for side, names in (("training", split.training), ("validation", split.validation)):
        if not len(store.of(names).drawn):
            raise InputError(
                Message(
                    "split_side_empty",
                    "No patient is left for {side}: {patients} usable in all; add patients or change the split.",
                    side=side,
                    patients=len(set(store.patients)),
                )
            )
    twins = {
        (one, other)
        for one, other in twin_patients(store)
        if one in sides and other in sides and sides[one] != sides[other]
    }
    if twins:
        pairs = [f"{one} {sides[one]} and {other} {sides[other]}" for one, other in sorted(twins)]
        raise InputError(
            Message(
                "images_on_both_sides",
                "The same images are on both sides of the split: {pairs}. Leave one of each pair out, or put both on "
                "one side in a split file.",
                pairs=_names(pairs),
            )
        )


def twin_patients(store: FrameStore) -> tuple[tuple[str, str], ...]:
    """Return the pairs of patients that share an image, sorted."""
    owners: dict[int, set[str]] = defaultdict(set)
    for value, patient in zip(store.hashes.tolist(), store.patients, strict=True):
        if value != BLANK:
            owners[value].add(patient)
    shared = {tuple(sorted(names)) for names in owners.values() if len(names) > 1}
    return tuple(sorted({(names[0], other) for names in shared for other in names[1:]}))


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more
