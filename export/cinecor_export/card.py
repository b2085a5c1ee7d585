"""The model card: what a model is, what it was made from, how good it is."""

from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from cinecor.inference.model import open_model

_NAMES = {"rv": "RV cavity", "myo": "Myocardium", "lv": "LV cavity"}


def model_card(model: Path, evaluation: dict[str, Any]) -> str:
    """Give the card (Markdown) of an exported model, from its contract and `cinecor-evaluate`'s JSON."""
    session = open_model(model, device="cpu")
    contract, figures = session.contract, evaluation["summary"]
    dice = "\n".join(
        f"| {title} | {figures[f'dice_{name}']:.3f} | {figures[f'dice_{name}_ed']:.3f} | "
        f"{figures[f'dice_{name}_es']:.3f} | {figures[f'dice_{name}_worst']:.3f} |"
        for name, title in _NAMES.items()
    )
    return f"""# {contract.id} {contract.version}

Research use only. Not for diagnosis. A qualified reader must verify every result.

| | |
|---|---|
| what it does | outlines the RV cavity, the LV myocardium and the LV cavity in short-axis cine frames |
| network | 2D U-Net (convolutions, max pooling, skip connections), one frame at a time, {contract.precision} |
| input | {contract.input.size_px}² pixels of {contract.input.spacing_mm} mm around the heart |
| trained on | {contract.training.data}; {contract.training.patients} patients, ED and ES |
| licence of the weights | {contract.training.licence} |
| papillary muscles | {contract.papillary_muscles} |
| size, SHA-256 | {model.stat().st_size / 1e6:.1f} MB, `{session.identity.sha256}` |

## Figures on the 20 held-out patients

Patients whose number is divisible by 5; none of them was trained on. Volumes are segmented on their native grid by
the pipeline that `cinecor segment` runs. They served to watch the training, so they are a validation, not a test.

| 3D Dice | mean | ED | ES | worst stack |
|---|---|---|---|---|
{dice}

| | bias | standard deviation | mean absolute error |
|---|---|---|---|
{_row("LV EF, points", figures, "lv_ef_points")}
{_row("LV EDV, mL", figures, "lv_edv_ml")}
{_row("LV ESV, mL", figures, "lv_esv_ml")}
{_row("LV mass, g", figures, "lv_mass_g")}
{_row("RV EF, points", figures, "rv_ef_points")}
{_row("RV EDV, mL", figures, "rv_edv_ml")}
{_row("RV ESV, mL", figures, "rv_esv_ml")}

Mean Dice of the three structures by group: {_groups(evaluation["cases"])}.

## What to know before using it

- The data come from one hospital and two scanners of one vendor (1.5 and 3 T); other scanners, children, congenital
  disease and devices were not tried. Check every outline.
- Each frame is segmented by itself: the base at end-systole and the RV's outflow decide most of the error.
"""


def _row(title: str, figures: dict[str, float], name: str) -> str:
    return f"| {title} | {figures[f'{name}_bias']:+.1f} | {figures[f'{name}_sd']:.1f} | {figures[f'{name}_mae']:.1f} |"


def _groups(cases: list[dict[str, Any]]) -> str:
    by_group: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        by_group[case["group"]].append(mean(case["dice"].values()))
    return ", ".join(f"{group} {mean(values):.3f}" for group, values in sorted(by_group.items()))
