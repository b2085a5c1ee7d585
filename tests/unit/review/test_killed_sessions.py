"""A kill at any write of a session loses at most the gesture in progress, and leaves nothing that is not whole."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="children are forked and killed as POSIX does it")
_SCRIPT = Path(__file__).with_name("killed_sessions.py")
_AT_RANDOM = os.environ.get("CINECOR_KILLS", "15")  # kills at random moments; 1000 take some minutes


@pytest.fixture(scope="module")
def tries(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Every way to be killed, with what a new process found."""
    folder = tmp_path_factory.mktemp("killed")
    lines = ""
    for options in ([], [_AT_RANDOM]):
        done = subprocess.run(
            [sys.executable, str(_SCRIPT), str(folder / "store"), *options], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        lines += done.stdout
    return [json.loads(line) for line in lines.splitlines()]


def test_that_a_kill_loses_at_most_the_step_in_progress(tries: list[dict[str, Any]]) -> None:
    for found in tries:
        assert "error" not in found, found
        assert found["told"]["step"] <= found["steps"] <= found["told"]["step"] + 1, found
        assert found["steps"] == found["ledger"], found
        assert found["told"]["result"] <= found["result"], found
        assert found["told"]["signed"] <= found["signed"], found


def test_that_what_a_kill_leaves_is_whole(tries: list[dict[str, Any]]) -> None:
    for found in tries:
        assert found["whole"], found
        if found["studies"]:
            assert found["faults"] == [], found
            assert found["masks"], found
            assert not found["read_only"], found
            assert found["left"] == [], found
            assert found["files"], found
            assert found["signature"] == found["signed"], found


def test_that_sessions_were_killed_at_all_kinds_of_moments(tries: list[dict[str, Any]]) -> None:
    by_kind = {kind: [one for one in tries if one["try"].startswith(kind)] for kind in ("operation", "byte", "moment")}
    for kind, least in (("operation", 8), ("byte", 5), ("moment", 15)):
        assert len(by_kind[kind]) >= least, kind
    assert {found["code"] for found in tries} >= {0, 77, -25, -9}
    assert len({found["steps"] for found in tries}) > 4
