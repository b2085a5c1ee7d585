"""The road to the bundled model: unpack, train, evaluate, export, model card. Resumes where it was stopped.

usage: python export/make_model.py --data FOLDER --run FOLDER [--out MODEL.onnx]

`--data` is a folder with ACDC's training part under `acdc/training`, or one with an `unpack.py` that makes it.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from cinecor_export.card import model_card
from cinecor_export.cli import main as export_onnx
from cinecor_training.acdc import find_cases, is_validation
from cinecor_training.cli import main as train
from cinecor_training.evaluate_cli import main as evaluate
from cinecor_training.evaluation.record import RECORD_NAME, EvaluationRecord

Command = Callable[[list[str]], int]

_DATA = "ACDC challenge, training part (Bernard et al., IEEE TMI 2018, doi 10.1109/TMI.2018.2837502)"
_LICENCE = "CC BY-NC-SA 4.0 (training data): weights for non-commercial use only"
_BUNDLED = Path(__file__).parents[1] / "resources" / "cinecor_resources" / "models" / "cinecor-sax.onnx"


def _unpacked(data: Path, run: Path) -> Path:
    """Give the folder that holds the studies as their providers publish them; unpack them into the run if needed."""
    if (data / "acdc" / "training").is_dir():
        return data
    unpacked = run / "data"
    if not (unpacked / "acdc" / "training").is_dir():
        subprocess.run([sys.executable, data / "unpack.py", unpacked], check=True)
    return unpacked


def _studies(data: Path) -> list[str]:
    """Options for the studies of other scanners, where they lie beside ACDC."""
    folders = {"--sunnybrook": data / "sunnybrook", "--siemens": data / "siemens"}
    return [part for option, folder in folders.items() if folder.is_dir() for part in (option, str(folder))]


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=_BUNDLED)
    options = parser.parse_args()
    data = _unpacked(options.data, options.run)
    acdc = data / "acdc" / "training"
    patients = len({case.patient for case in find_cases(acdc) if not is_validation(case.patient)})
    draft, report = options.run / "draft.onnx", options.run / "evaluation"
    figures = report / RECORD_NAME
    terms = ["--data", _DATA, "--licence", _LICENCE, "--patients", str(patients)]

    steps: tuple[tuple[Command, list[str]], ...] = (
        (train, ["--data", str(acdc), "--out", str(options.run)]),
        (export_onnx, [str(options.run), "--out", str(draft), *terms]),
        (evaluate, ["--model", str(draft), "--data", str(acdc), "--out", str(report), *_studies(data)]),
        (export_onnx, [str(options.run), "--out", str(options.out), *terms, "--figures", str(figures)]),
    )
    for command, arguments in steps:
        code = command(arguments)
        if code:
            return code
    card = model_card(options.out, EvaluationRecord.from_file(figures))
    options.out.with_suffix(".md").write_text(card, encoding="utf-8")
    sys.stdout.write(f"{options.out.with_suffix('.md')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(_run())
