"""What the segments of a SEG are called: codes of the three structures, and who outlined them."""

from typing import Final

from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
from pydicom.sr.coding import Code

from cinecor.inference.outline.segmentation import Label
from cinecor.report.dicom.segment_author import OURS, WALL_WITH_PAPILLARIES
from cinecor.report.results import ModelFacts

ANATOMICAL_STRUCTURE: Final = Code("91723000", "SCT", "Anatomical Structure")
STRUCTURES: Final = {
    Label.RV: Code("53085002", "SCT", "Right ventricle"),
    Label.MYO: Code("49848007", "SCT", "Left Ventricle Myocardium"),
    Label.LV: Code("87878005", "SCT", "Left ventricle"),
}
"""Segment numbers are the labels' own. There is no checked code for a ventricle's cavity: the label says it."""
_ARTIFICIAL_INTELLIGENCE: Final = Code("123110", "DCM", "Artificial Intelligence")


def segment_descriptions(model: ModelFacts, *, final: bool, papillary_mass: bool) -> list[SegmentDescription]:
    """Return the descriptions of RV, myocardium and LV; `final`: a person changed or confirmed what the model drew."""
    names = {
        Label.RV: "RV cavity (without infundibulum)",
        Label.MYO: WALL_WITH_PAPILLARIES if papillary_mass else "LV myocardium",
        Label.LV: "LV cavity" + ("" if papillary_mass else " (papillary muscles included)"),
    }
    kind = SegmentAlgorithmTypeValues.SEMIAUTOMATIC if final else SegmentAlgorithmTypeValues.AUTOMATIC
    return [
        SegmentDescription(
            segment_number=int(label),
            segment_label=names[label][:64],
            segmented_property_category=ANATOMICAL_STRUCTURE,
            segmented_property_type=code,
            algorithm_type=kind,
            algorithm_identification=algorithm(model),
        )
        for label, code in STRUCTURES.items()
    ]


def algorithm(model: ModelFacts) -> AlgorithmIdentificationSequence:
    """Return the model as DICOM identifies an algorithm."""
    return AlgorithmIdentificationSequence(
        name=f"{OURS}{model.id}"[:64],
        family=_ARTIFICIAL_INTELLIGENCE,
        version=model.version[:64],
        parameters={"sha256": model.sha256, "precision": model.precision},
    )
