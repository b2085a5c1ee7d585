"""Keeping what libraries say about foreign files off the user's screen; Cinecor says it itself, in the audit."""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2
_one_at_a_time = threading.Lock()


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence warnings that pydicom gives about values that Cinecor judges itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pydicom\.")
        warnings.filterwarnings("ignore", module=r"pylibjpeg|openjpeg")
        yield


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what C code writes to the standard error stream meanwhile; keep it short, it holds for all threads."""
    with _one_at_a_time:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # a windowed application has no standard error stream
            yield
            return
        try:
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - os.devnull is no path to join
                os.dup2(nowhere.fileno(), _STDERR)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
