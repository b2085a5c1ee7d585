"""`EarlierReading`: what was found in an earlier study of the same patient, to hold today's numbers against."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cinecor.measure.quantity import QUANTITIES, keys_in_doubt, number_key
from cinecor.measure.ventricle import Ventricle
from cinecor.report.results import ModelFacts, Results


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """Numbers by name ("lv.edv_ml"), with what decides whether they may be compared."""

    date: str  # of the study; the name of its results where the headers say none
    numbers: Mapping[str, float]  # what is known of them
    papillary: str  # "cavity" or "mass"
    model: ModelFacts
    by_reader: bool  # whether a person changed or confirmed what the model drew
    base: str = "whole"  # or "fractional": what counted of slices at the base
    doubtful: frozenset[str] = frozenset()  # which numbers were in doubt, by name, as far as is known
    same_patient: bool = True  # by PatientID; False: a study does not say, and whoever named it answers for that


def numbers_of(results: Results) -> Mapping[str, float]:
    """Return the numbers of both ventricles that are known, by name ("lv.edv_ml")."""
    found = {}
    for ventricle, function in ((Ventricle.LV, results.lv), (Ventricle.RV, results.rv)):
        for quantity in QUANTITIES:
            value = quantity.of(function)
            if ventricle in quantity.codes and value is not None:
                found[number_key(ventricle, quantity)] = value
    return MappingProxyType(found)


def reading_of(results: Results, *, date: str) -> EarlierReading:
    """Return a folder's results as a reading that a later one is held against."""
    return EarlierReading(
        date=date,
        numbers=numbers_of(results),
        papillary=results.choices.papillary,
        model=results.model,
        by_reader=is_by_reader(results),
        base=base_of(results),
        doubtful=keys_in_doubt(results.quality.findings),
    )


def base_of(results: Results) -> str:
    """Return what counts of slices at the base: "whole" ones, or "fractional" where a valve's plane cuts them."""
    return "whole" if results.fractional_base is None else "fractional"


def is_by_reader(results: Results) -> bool:
    """Return whether a person changed or signed what the model drew."""
    return results.ai is not None or (results.status is not None and results.status.state == "signed")
