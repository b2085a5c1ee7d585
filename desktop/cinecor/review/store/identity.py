"""`StudyIdentity`: by what a study is known again, wherever its files lie."""

import hashlib
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from cinecor.study.cine_stack import CineStack


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """The instances that a stack was read from and what they show; both must be equal for a study to be the same.

    A NIfTI file has no instances: its content alone tells.
    """

    instances: tuple[str, ...]  # UIDs of the used frames, with the frame number in multi-frame objects; ascending
    pixels: str  # digest of the used frames and of where they lie

    @property
    def uids(self) -> str:
        """Digest of the instances; empty for a NIfTI."""
        return hashlib.sha256("\n".join(self.instances).encode()).hexdigest() if self.instances else ""

    @property
    def digest(self) -> str:
        """What a ledger belongs to: both digests in one."""
        return hashlib.sha256(f"{self.uids}\n{self.pixels}".encode()).hexdigest()


def study_identity(stack: CineStack) -> StudyIdentity:
    """Return the identity of a stack. Phases in another order, or one slice less, are another study."""
    return StudyIdentity(tuple(sorted(_instances(stack))), _pixel_digest(stack))


def _instances(stack: CineStack) -> Iterator[str]:
    for row in stack.frames or ():
        for frame in row:
            if frame is not None and frame.sop_instance_uid:
                yield frame.sop_instance_uid if frame.number is None else f"{frame.sop_instance_uid}#{frame.number}"


def _pixel_digest(stack: CineStack) -> str:
    geometry = stack.geometry
    whole = hashlib.sha256(struct.pack("<4q", *stack.pixels.shape))
    for place in (geometry.positions_mm, geometry.column_axis, geometry.row_axis, geometry.pixel_spacing_mm):
        # Rounded, because another version may compute the last bit of a position otherwise.
        whole.update(np.round(np.asarray(place, dtype=np.float64), 6).astype("<f8").tobytes())
    with ThreadPoolExecutor(4, thread_name_prefix="cinecor-digest") as pool:  # hashing lets other threads run
        for part in pool.map(_slice_digest, stack.pixels):
            whole.update(part)
    return whole.hexdigest()


def _slice_digest(phases: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(phases, dtype="<f4").data, digest_size=32).digest()
