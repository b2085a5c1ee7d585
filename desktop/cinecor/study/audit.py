"""`ImportAudit`: the account of every file that was given."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message

_MAY_HOLD_IMAGES: Final = frozenset(
    {"link_outside", "dead_link", "folder_unopenable", "zip_inside", "gzip_inside", "named_but_not_there"}
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One file that is not in the stack, and why."""

    path: str  # relative to the input
    reason: Message
    damaged: bool = False  # it is, or was, an image that cannot be read; False for what was never an image

    @property
    def may_hold_images(self) -> bool:
        """Whether it may hold images that were not read: a damaged file, a link, an archive, a closed folder."""
        return self.damaged or self.reason.code in _MAY_HOLD_IMAGES


@dataclass(frozen=True, slots=True, eq=False)
class ImportAudit:
    """What was given, what was used, what was left out, and every disagreement that was found on the way.

    `files_given == files_used + len(left_out)` always holds: no file is dropped silently.
    """

    files_given: int
    files_used: int
    left_out: tuple[LeftOut, ...]
    phase_order_tag: str | None  # the DICOM keyword that ordered the phases; None for NIfTI and single-phase input
    complete: NDArray[np.bool_]  # (slice, phase): False where the frame is missing and a neighbour stands in
    warnings: tuple[Message, ...]
    doubts: tuple[Message, ...] = ()  # those warnings that put every number in doubt
    cautions: tuple[Message, ...] = ()  # those warnings that leave the numbers alone, but must be seen beside them
