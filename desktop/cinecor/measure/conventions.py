"""The conventions behind every number, as constants for the code and as sentences for the reader."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message

NOTICE: Final = "Research use only. Not for diagnosis. A qualified reader must verify every result."
"""Stands on every table, report and file header."""

MYOCARDIAL_DENSITY_G_PER_ML: Final = 1.05
"""Density of myocardium, as used in ACDC and in SCMR's post-processing recommendations (Schulz-Menger 2020)."""

LARGEST_SLICE_SPACING_MM: Final = 12.0
"""SCMR asks for 6 to 8 mm slices with gaps of 2 to 4 mm, 10 mm from centre to centre (Kramer 2020); ACDC has 5 to
10 mm. 12 mm leaves room for what was planned by hand."""

CONVENTIONS: Final[Mapping[str, Message]] = MappingProxyType(
    {
        "volume": Message(
            "convention_volume",
            "Sum over slices of area × the slice's extent along the long axis "
            "(spacing from slice positions, gap included); no basal interpolation.",
        ),
        "ed_phase": Message(
            "convention_ed_phase",
            "Phase with the largest LV cavity volume on the whole curve, the same for both ventricles.",
        ),
        "es_phase": Message(
            "convention_es_phase",
            "Phase with the smallest LV cavity volume on the whole curve, the same for both ventricles.",
        ),
        "sv": Message("convention_sv", "Stroke volume = EDV − ESV."),
        "ef": Message("convention_ef", "Ejection fraction = SV / EDV."),
        "co": Message("convention_co", "Cardiac output = SV × heart rate."),
        "mass": Message(
            "convention_mass",
            "LV mass = myocardial volume at ED × {density:.2f} g/mL, papillary muscles left out.",
            density=MYOCARDIAL_DENSITY_G_PER_ML,
        ),
        "papillary": Message(
            "convention_papillary", "Papillary muscles and trabeculae belong to the cavity (as in ACDC)."
        ),
        "rv": Message("convention_rv", "The infundibulum is not RV (as in ACDC)."),
        "surface": Message("convention_surface", "Indexed values are per m² of body surface (Mosteller)."),
        "indices": Message(
            "convention_indices",
            "Slices and phases count from 0; slices as the stack has them, phases as the scanner has them.",
        ),
    }
)
"""One sentence a convention, by the name it has in files, which hold it in English."""

REGIONAL_CONVENTIONS: Final[Mapping[str, Message]] = MappingProxyType(
    {
        "segments": Message(
            "convention_segments",
            "AHA segments 1 to 16, counted from the anterior RV insertion towards the septum in steps of 60° (apical "
            "90°); equal thirds of the slices that show a wall at ED; the apex (17) is not seen in short-axis slices.",
        ),
        "thickness": Message(
            "convention_thickness",
            "Distance between the borders in the slice, from both sides, the mean over the segment; the same slices at "
            "ED and ES.",
        ),
        "motion": Message(
            "convention_motion",
            "Motion of the inner border towards the wall's middle at ED, in the slice; nothing is subtracted for a "
            "heart that moves as a whole.",
        ),
        "through_plane": Message(
            "convention_through_plane",
            "A short-axis slice sees other tissue at ES than at ED: the base moves through it.",
        ),
    }
)
"""What regional numbers rest on, by the name it has in files."""

VALVE_CONVENTIONS: Final[Mapping[str, Message]] = MappingProxyType(
    {
        "plane": Message(
            "convention_valve_plane",
            "Plane through both ends of the valve's line in every long-axis view in which a reader drew it; from one "
            "view alone, upright on that view.",
        ),
        "excursion": Message(
            "convention_excursion",
            "MAPSE, TAPSE: way of the line's ends along the stack's axis from ED to ES; long-axis phases are matched "
            "by their share of the cycle.",
        ),
        "slices": Message(
            "convention_valve_slices",
            "Share of a slice's slab on the apex's side of the plane, where the ventricle stands in the slice; what of "
            "it counts is said by the conventions of volumes.",
        ),
    }
)
"""What the planes of valves rest on, by the name it has in files."""

_PAPILLARY_MASS: Final[Mapping[str, Message]] = MappingProxyType(
    {
        "mass": Message(
            "convention_mass_with_papillary",
            "LV mass = myocardial volume at ED × {density:.2f} g/mL, papillary muscles included.",
            density=MYOCARDIAL_DENSITY_G_PER_ML,
        ),
        "papillary": Message(
            "convention_papillary_mass",
            "Papillary muscles count as myocardium, told from blood by intensity (Otsu, slice by slice, as the reader "
            "moved it); smaller trabeculae belong to the cavity.",
        ),
    }
)


_FRACTIONAL_VOLUME: Final = Message(
    "convention_volume_fractional",
    "Sum over slices of area × the slice's extent along the long axis (spacing from slice positions, gap included); at "
    "the base parts of slices.",
)


def conventions(*, papillary_mass: bool, fractional: Collection[Ventricle] = ()) -> Mapping[str, Message]:
    """Return the conventions that hold where papillary muscles count as myocardium, or as cavity.

    `fractional` are the ventricles of which parts of slices count at the base; without any, whole slices do.
    """
    told = {**CONVENTIONS, **_PAPILLARY_MASS} if papillary_mass else dict(CONVENTIONS)
    if fractional:
        told |= {"volume": _FRACTIONAL_VOLUME, "base": _base(fractional)}
    return MappingProxyType(told)


def _base(fractional: Collection[Ventricle]) -> Message:
    if len(fractional) == len(Ventricle):
        return Message(
            "convention_base_fractional",
            "Fractional base: of each slice the part of its slab below the valve's plane counts, pixel by pixel, in "
            "both ventricles (LV and myocardium: mitral, RV: tricuspid valve); what is not outlined adds nothing.",
        )
    (one,) = fractional
    (other,) = (ventricle for ventricle in Ventricle if ventricle is not one)
    return Message(
        "convention_base_fractional_one",
        "Fractional base of the {ventricle}: of each slice the part of its slab below the valve's plane counts, pixel "
        "by pixel; what is not outlined adds nothing. Of the {other} whole slices count.",
        ventricle=one.message,
        other=other.message,
    )
