"""Paired timing: all contenders in turn, round after round, so that what else the machine does hits all alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def repeated(call: Callable[[], object], repeats: int) -> list[float]:
    """How long calls take, after one that is not counted."""
    call()
    return [seconds(call) for _ in range(repeats)]


def paired(contenders: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, list[float]]:
    """Give each contender's seconds, one a round, after a round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, call in contenders.items():
            one = seconds(call)
            if number:
                taken[name].append(one)
    return taken


def ratio(slow: list[float], fast: list[float]) -> list[float]:
    """How many times faster, round by round."""
    return [a / b for a, b in zip(slow, fast, strict=True)]


def middle(values: list[float]) -> float:
    """The median."""
    return median(values)
