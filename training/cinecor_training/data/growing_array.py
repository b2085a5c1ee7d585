"""`GrowingArray`: a `.npy` file that grows frame by frame, so that a data set never has to fit into memory."""

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """Appends items of one shape to a new file; a complete `.npy` file once it is closed."""

    def __init__(self, path: Path, *, item: tuple[int, ...], dtype: DTypeLike) -> None:
        self._item, self._dtype = item, np.dtype(dtype)
        self._count = 0
        self._stream = path.open("wb")
        self._write_header()

    def append(self, items: NDArray[Any]) -> None:
        """Write `items` (n, *item) behind what is there."""
        assert items.shape[1:] == self._item, f"{items.shape} does not end with {self._item}"
        self._stream.write(np.ascontiguousarray(items, dtype=self._dtype).tobytes())
        self._count += len(items)

    def __enter__(self) -> "GrowingArray":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self._stream.seek(0)
            self._write_header()  # NumPy leaves room in it for a longer first axis
        self._stream.close()

    def _write_header(self) -> None:
        shape = (self._count, *self._item)
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self._stream, header)
