"""`FileSource`: where the bytes of a file lie, on disk (a `Path`) or in an archive."""

from typing import BinaryIO, Literal, Protocol


class FileSource(Protocol):
    """Something that is opened as a file on disk is."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Return the bytes as a binary file; raises `OSError`."""
