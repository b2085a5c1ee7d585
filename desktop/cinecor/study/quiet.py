"""Keeping pydicom's warnings off the user's screen while it reads foreign files."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence warnings that pydicom gives about values that Cinecor judges itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pydicom\.")
        warnings.filterwarnings("ignore", module=r"pylibjpeg|openjpeg")
        yield
