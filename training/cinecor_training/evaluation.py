"""How good a model is on labelled patients, through the very pipeline that the application runs."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.model import ModelSession
from cinecor.inference.pipeline import segment
from cinecor.inference.segmentation import Label
from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML
from cinecor.measure.curves import volume_curves
from cinecor.study import read_nifti
from cinecor.study.stack import StackGeometry
from cinecor_training.acdc import Case, read_labels

STRUCTURES = (Label.RV, Label.MYO, Label.LV)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One labelled stack: 3D Dice and volumes by structure name, model against reader."""

    patient: str
    moment: str
    group: str
    dice: dict[str, float]
    model_ml: dict[str, float]
    reader_ml: dict[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every case and the figures over all of them."""

    cases: tuple[CaseResult, ...]
    summary: dict[str, float]

    def as_json(self) -> dict[str, object]:
        """Give plain values for `json.dump`."""
        return {"summary": self.summary, "cases": [asdict(case) for case in self.cases]}


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Give 2|A∩B| / (|A|+|B|); 1 when both are empty."""
    total = np.count_nonzero(a) + np.count_nonzero(b)
    return 2.0 * np.count_nonzero(a & b) / total if total else 1.0


def evaluate(cases: Sequence[Case], session: ModelSession, *, listener: Callable[[CaseResult], None]) -> Evaluation:
    """Segment every case on its native grid and compare with its labels."""
    results = []
    for case in cases:
        result = _evaluate_case(case, session)
        listener(result)
        results.append(result)
    return Evaluation(tuple(results), _summary(results))


def _evaluate_case(case: Case, session: ModelSession) -> CaseResult:
    stack, _ = read_nifti(case.image)
    truth = read_labels(case.labels)[:, None]
    guess = segment(stack, session).labels
    return CaseResult(
        case.patient,
        case.moment,
        case.group,
        {label.name.lower(): dice(guess == label, truth == label) for label in STRUCTURES},
        _volumes(guess, stack.geometry),
        _volumes(truth, stack.geometry),
    )


def _volumes(labels: NDArray[np.uint8], geometry: StackGeometry) -> dict[str, float]:
    curves = volume_curves(labels, geometry=geometry)
    return {"rv": float(curves.rv_ml[0]), "myo": float(curves.myo_ml[0]), "lv": float(curves.lv_ml[0])}


def _summary(results: Sequence[CaseResult]) -> dict[str, float]:
    """Mean Dice a structure and moment; mean error, spread and mean absolute error of EF and mass."""
    summary: dict[str, float] = {}
    for label in STRUCTURES:
        name = label.name.lower()
        for moment in ("ED", "ES"):
            values = [result.dice[name] for result in results if result.moment == moment]
            summary[f"dice_{name}_{moment.lower()}"] = float(np.mean(values))
        summary[f"dice_{name}"] = float(np.mean([result.dice[name] for result in results]))
        summary[f"dice_{name}_worst"] = float(min(result.dice[name] for result in results))
    summary["dice_mean"] = float(np.mean([summary[f"dice_{label.name.lower()}"] for label in STRUCTURES]))

    pairs: dict[str, dict[str, CaseResult]] = defaultdict(dict)
    for result in results:
        pairs[result.patient][result.moment] = result
    complete = [pair for pair in pairs.values() if set(pair) == {"ED", "ES"}]
    for name in ("lv", "rv"):
        errors = [_ef(pair, name, "model_ml") - _ef(pair, name, "reader_ml") for pair in complete]
        summary |= _errors(f"{name}_ef_points", errors)
        summary |= _errors(f"{name}_edv_ml", [p["ED"].model_ml[name] - p["ED"].reader_ml[name] for p in complete])
        summary |= _errors(f"{name}_esv_ml", [p["ES"].model_ml[name] - p["ES"].reader_ml[name] for p in complete])
    masses = [(p["ED"].model_ml["myo"] - p["ED"].reader_ml["myo"]) * MYOCARDIAL_DENSITY_G_PER_ML for p in complete]
    return {key: round(value, 4) for key, value in (summary | _errors("lv_mass_g", masses)).items()}


def _ef(pair: dict[str, CaseResult], name: str, source: str) -> float:
    edv: float = getattr(pair["ED"], source)[name]
    esv: float = getattr(pair["ES"], source)[name]
    return 100.0 * (edv - esv) / edv if edv else 0.0


def _errors(name: str, errors: Sequence[float]) -> dict[str, float]:
    """Bias, standard deviation and mean absolute error."""
    return {
        f"{name}_bias": float(np.mean(errors)),
        f"{name}_sd": float(np.std(errors, ddof=1)) if len(errors) > 1 else 0.0,
        f"{name}_mae": float(np.mean(np.abs(errors))),
    }
