"""How much a file may unpack to, by the room that it takes itself: what was sent small cannot ask for much."""

from pathlib import Path
from typing import Final

MAX_RATIO: Final = 100
FREE_BYTES: Final = 32 * 1024**2
"""Below this a high ratio (black images, small texts) does no harm."""

_GIGABYTE: Final = 1024**3
_RATIO_OF_LARGE: Final = 20
_STAT_BLOCK_BYTES: Final = 512  # whatever the file system's own blocks are


def own_size(path: Path) -> int:
    """Return the bytes that a file takes on disk: of a sparse one less than its length."""
    status = path.stat()
    allocated = getattr(status, "st_blocks", 0) * _STAT_BLOCK_BYTES
    return min(status.st_size, allocated) if allocated else status.st_size  # some network drives do not tell


def most_unpacked_bytes(packed: int) -> int:
    """Return how many bytes may come of `packed` bytes."""
    return max(FREE_BYTES, MAX_RATIO * packed)


def most_pixel_bytes(packed: int) -> int:
    """Return how much memory the pixels of `packed` bytes may take; a gigabyte of pictures never shrinks so far."""
    return min(most_unpacked_bytes(packed), max(_GIGABYTE, _RATIO_OF_LARGE * packed))
