"""`left_out_hole_findings`: slices that do not count at one moment although slices on both sides of them do."""

from collections.abc import Iterator

import numpy as np

from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.coverage import holes
from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message, Slices


def left_out_hole_findings(counted: Measurements, *, whole: VolumeCurves) -> Iterator[Finding]:
    """Yield what a reader left out at ED or at ES within a ventricle: a volume with a hole in it is no volume.

    `whole` are the curves of every slice that was not dropped. What the outlines themselves lack is no choice, and is
    told by `hole_findings`.
    """
    for ventricle in Ventricle:
        drawn, counts = whole.slices_ml(ventricle), counted.curves.slices_ml(ventricle)
        left_out = holes(counts > 0) & (drawn > 0)
        for moment, phase in counted.moments.items():
            slices = () if phase is None else indices(np.flatnonzero(left_out[:, phase]))
            if phase is None or not slices:
                continue
            lacking_ml = float(drawn[list(slices), phase].sum())
            mass = (Concern.MASS,) if ventricle is Ventricle.LV and moment is Moment.ED else ()
            yield Finding(
                Message.counted(
                    "left_out_inside",
                    "{slices} was left out at {moment}, between slices that count: the {ventricle} volume lacks "
                    "{ml:.1f} mL there.",
                    "{slices} were left out at {moment}, between slices that count: the {ventricle} volume lacks "
                    "{ml:.1f} mL there.",
                    n=len(slices),
                    slices=Slices(slices),
                    moment=moment.message,
                    ventricle=ventricle.message,
                    ml=lacking_ml,
                ),
                Severity.DOUBTFUL,
                slices=slices,
                phases=(phase,),
                concerns=(ventricle.concern, *mass),
                frames=tuple((index, phase) for index in slices),
                moments=(moment,),
                told_ml=lacking_ml,
            )
