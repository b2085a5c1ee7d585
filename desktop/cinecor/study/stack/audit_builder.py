"""`AuditBuilder`: collects, while a stack is read, what happens to every file, and builds the `ImportAudit`."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message
from cinecor.study.audit import ImportAudit, LeftOut
from cinecor.study.cine_stack import CineStack
from cinecor.study.dicom.header import Frame
from cinecor.study.series.index import SeriesIndex

_IMAGES_MAY_LACK: Final = frozenset({"images_not_there", "not_read", "slice_too_short", "slice_undecodable"})
"""Warnings that a slice or a phase of this heart may not be in the stack; single frames have a finding of their own."""


class AuditBuilder:
    """Reasons for files that are not used, and warnings, in the order they are found."""

    def __init__(self, index: SeriesIndex, warnings: Iterable[Message]) -> None:
        self._index = index
        self._reasons: dict[str, Message] = {}
        self._warnings = list(warnings)

    def warn(self, warnings: Iterable[Message]) -> None:
        """Add warnings that are not there yet."""
        self._warnings += [warning for warning in dict.fromkeys(warnings) if warning not in self._warnings]

    def leave_out(self, frames: Iterable[Frame], reason: Message) -> None:
        """Note why the files of these frames are not used; the first reason of a file stays."""
        for frame in frames:
            self._reasons.setdefault(frame.header.path, reason)

    def audit(
        self,
        stack: CineStack,
        *,
        complete: NDArray[np.bool_],
        tag: str | None,
        doubts: tuple[Message, ...] = (),
        cautions: tuple[Message, ...] = (),
    ) -> ImportAudit:
        """Return the audit of all files of the index for the finished stack."""
        used = {frame.path for row in stack.frames or () for frame in row if frame is not None}
        left_out = list(self._index.left_out)
        left_out += [
            LeftOut(path, self._reasons.get(path, Message("not_in_stack", "not part of the stack")))
            for path in self._index.paths
            if path not in used
        ]
        left_out.sort(key=lambda row: row.path)
        lacking = tuple(told for told in self._warnings if told.code in _IMAGES_MAY_LACK)
        return ImportAudit(
            files_given=self._index.files_given,
            files_used=len(used),
            left_out=tuple(left_out),
            phase_order_tag=tag,
            complete=complete,
            warnings=tuple(self._warnings),
            doubts=doubts,
            cautions=(*cautions, *lacking),
        )
