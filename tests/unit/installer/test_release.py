"""Rules of the version: each system's own order of versions is that of PEP 440."""

import itertools
import shutil
import subprocess

import pytest
from release import debian_version, windows_numbers

ASCENDING = (
    "0.1.9",
    "0.2.0.dev3",
    "0.2.0a1",
    "0.2.0b2",
    "0.2.0rc1",
    "0.2.0rc2",
    "0.2.0",
    "0.2.0.post1",
    "0.2.1",
    "0.10.0",
)


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="needs dpkg")
def test_that_dpkg_orders_versions_as_python_does() -> None:
    for older, newer in itertools.pairwise(map(debian_version, ASCENDING)):
        assert subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=False).returncode == 0, newer


def test_that_windows_numbers_are_four_and_in_the_same_order() -> None:
    numbers = [tuple(map(int, windows_numbers(version).split("."))) for version in ASCENDING]
    assert numbers == sorted(set(numbers))
    assert {len(four) for four in numbers} == {4}


@pytest.mark.parametrize("version", ["next", "1.0-beta", "1.2.3.4", "1.0+local"])
def test_that_a_version_that_cannot_be_ordered_stops_the_build(version: str) -> None:
    with pytest.raises(SystemExit, match="cannot be packaged"):
        debian_version(version)
