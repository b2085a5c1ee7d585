"""`FrameOutcomes`: what was known of each frame of a patient, and how wrong its outline turned out to be."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.reliability import Reliability
from cinecor.measure.findings.continuity import continuity_findings
from cinecor.measure.findings.finding import Finding
from cinecor.measure.findings.frame_doubt import FrameDoubt, FrameFeatures, frame_doubt, frame_features
from cinecor.measure.findings.heart_shapes import heart_shapes
from cinecor.measure.findings.shape import shape_findings
from cinecor.measure.findings.unsure_frames import marked_by
from cinecor.measure.ventricle import Ventricle
from cinecor_training.doubt.outlined_patient import OutlinedPatient

LEAST_DICE: Final = 0.7
"""Below it an outline counts as wrong; one that only model or reader drew has 0."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameOutcomes:
    """One ventricle of one patient; arrays are (slice, phase)."""

    patient: str
    ventricle: Ventricle
    features: FrameFeatures
    shape_marks: NDArray[np.bool_]  # by the checks of shape and continuity
    dice: NDArray[np.float64]  # NaN where neither model nor reader drew anything
    error_ml: NDArray[np.float64]  # |model − reader|

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Where model or reader drew, and they do not agree."""
        return np.asarray(self.dice < LEAST_DICE)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Of the frames in which the ventricle is outlined; NaN elsewhere."""
        return np.where(self.features.outlined, 1.0 - self.features.chance[..., 0], np.nan)

    def doubt(self, reliability: Reliability) -> FrameDoubt:
        """Return what the application would say of the frames."""
        return frame_doubt(self.features, self.ventricle, reliability)


def frame_outcomes(patient: OutlinedPatient, ventricle: Ventricle) -> FrameOutcomes:
    """Return the frames of one ventricle, by the functions that the application uses."""
    own = Label.LV if ventricle is Ventricle.LV else Label.RV
    shapes = heart_shapes(patient.labels, geometry=patient.geometry)
    findings: tuple[Finding, ...] = (
        *shape_findings(shapes, moments=patient.moments),
        *continuity_findings(shapes, moments=patient.moments),
    )
    marks = marked_by(findings, ventricle, shape=patient.labels.shape[:2])
    model, reader = patient.ml(patient.labels, own), patient.ml(patient.reader, own)
    both = np.count_nonzero((patient.labels == own) & (patient.reader == own), axis=(2, 3)) * patient.pixel_ml
    drawn = model + reader
    features = frame_features(
        ventricle,
        slices_ml=model,
        confidence=patient.confidence,
        uncertain_ml=patient.uncertain_px * patient.pixel_ml[..., None],
        odd_shape=marks.shape,
        odd_area=marks.area,
        base_first=shapes.base_first,
    )
    dice = 2 * both / np.where(drawn > 0, drawn, np.nan)
    return FrameOutcomes(patient.patient, ventricle, features, marks.any, dice, np.abs(model - reader))
