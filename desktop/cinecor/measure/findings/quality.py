"""`Quality`: all findings of a study, the slices its numbers rest on, and the model's confidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.finding import Finding, indices
from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.quantity import Quantity
from cinecor.measure.ventricle import Concern, Ventricle

CountedAt = ByMoment[tuple[int, ...] | None]


@dataclass(frozen=True, slots=True)
class CountedSlices:
    """Which slices add to a ventricle's volume at ED and at ES: base and apex shift volumes most.

    None where the moment's phase is unknown.
    """

    lv: CountedAt
    rv: CountedAt


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """All findings, gravest first, the slices that count, and the model's confidence."""

    findings: tuple[Finding, ...]
    counted_slices: CountedSlices
    confidence: NDArray[np.float32]  # (slice, phase), 0 to 1
    expected_error_ml: NDArray[np.float64] | None = None
    """(slice, phase): by how much both cavities are expected to be off; None where the model does not tell."""

    @property
    def doubtful(self) -> frozenset[Concern]:
        """The numbers that a doubt bears on which nobody answered; what is wrong at ES alone leaves the mass alone."""
        return frozenset(
            what
            for f in self.findings
            if f.doubts
            for what in f.concerns
            if what is not Concern.MASS or not f.moments or Moment.ED in f.moments
        )

    def doubts(self, quantity: Quantity, ventricle: Ventricle) -> tuple[Finding, ...]:
        """Return the doubtful findings that bear on a number of a ventricle."""
        return quantity.doubted_by(self.findings, ventricle)


def counted_slices(measurements: Measurements) -> CountedSlices:
    """Return the slices whose volume the EDV and the ESV hold."""
    return CountedSlices(lv=_counted(measurements, Ventricle.LV), rv=_counted(measurements, Ventricle.RV))


def _counted(measurements: Measurements, ventricle: Ventricle) -> CountedAt:
    def at(phase: int | None) -> tuple[int, ...] | None:
        if phase is None:
            return None
        return indices(np.flatnonzero(measurements.curves.slices_ml(ventricle)[:, phase]))

    return ByMoment(at(measurements.moments.ed), at(measurements.moments.es))
