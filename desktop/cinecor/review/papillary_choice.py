"""`PapillaryChoice`: where papillary muscles count, and by which thresholds they are told from blood."""

from dataclasses import dataclass
from enum import StrEnum


class PapillaryConvention(StrEnum):
    """Where the papillary muscles count; both are in use, and ranges of one do not hold for the other."""

    CAVITY = "cavity"  # as in ACDC and UK Biobank
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class PapillaryChoice:
    """The convention, and by how much the reader moved each slice's threshold: −1 darkest, 0 Otsu's, 1 brightest."""

    convention: PapillaryConvention = PapillaryConvention.CAVITY
    shifts: tuple[tuple[int, float], ...] = ()  # (slice, shift), ascending; slices at Otsu's threshold are absent

    def shift(self, index: int) -> float:
        """Return a slice's shift."""
        return dict(self.shifts).get(index, 0.0)
