"""Memory that was freed and that the C library keeps goes back to the system."""

import subprocess
import sys

import pytest

_HOLES = """
from cinecor.app.heap import give_back_heap
def anonymous_kb():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon"))
pieces = [bytes(60_000) for _ in range(1000)]
last = bytes(60_000)
del pieces
held = anonymous_kb()
give_back_heap()
print(held - anonymous_kb())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has to be asked")
def test_that_what_lies_free_below_something_that_is_kept_is_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", _HOLES], check=True, capture_output=True, text=True).stdout
    assert int(told) > 20_000
