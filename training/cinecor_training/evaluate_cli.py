"""`cinecor-evaluate`: a model against labelled patients that it was never trained on."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor import console
from cinecor.failure import DONE
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor_training.evaluation.patient_result import PatientResult


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code of `cinecor-evaluate`: 0 done, 1 bad input, 2 wrong usage, 4 a bad model."""
    options = _parser().parse_args(arguments)
    stopped = Message("evaluation_stopped", "stopped; no report was written.")
    return console.run(lambda: _run(options), program="cinecor-evaluate", stopped=stopped)


def _run(options: argparse.Namespace) -> int:
    from cinecor_resources import bundled_model
    from cinecor_training.data.settings import open_sources, settings_from_argument
    from cinecor_training.evaluation.report_folder import Request, write_report

    request = Request(
        model=options.model or bundled_model(),
        source=open_sources([settings_from_argument(options.data, consent=options.consent)])[0].source,
        out=options.out,
        device=options.device,
        patients=tuple(options.patients or ()),
        split=options.split,
        sunnybrook=options.sunnybrook,
        siemens=options.siemens,
        also=tuple(
            used.source
            for used in open_sources([settings_from_argument(text, consent=options.consent) for text in options.also])
        ),
        peer=options.peer_wheel,
        peer_outlines=options.peer_outlines,
    )
    record = write_report(request, listener=_tell, told=_mention)
    for entry in record.skipped:
        sys.stderr.write(f"cinecor-evaluate: left out {entry.patient}: {entry.reason}\n")
    sys.stdout.writelines(f"{name:24s} {value:9.4f}\n" for name, value in record.summary.items())
    for result in record.sources:
        shown = (
            "dice_lv",
            "dice_lv_mid",
            "dice_pooled_lv",
            "dice_lv_worst",
            "dice_rv",
            "dice_myo",
            "missed_slices_ed",
            "edv_ml_bias",
        )
        figures = "  ".join(f"{name} {result.figures[name].value:.3f}" for name in shown if name in result.figures)
        sys.stdout.write(f"{result.source}, {result.convention} convention: {figures}\n")
    if record.contoured:
        worst = record.contoured.worst.lv_dice
        sys.stdout.write(f"{record.contoured.study}: LV Dice {record.contoured.lv_dice:.4f}, worst frame {worst:.4f}\n")
    if record.unlabelled:
        study = record.unlabelled
        sys.stdout.write(f"{study.study}: {study.empty_mid_frames} of {study.mid_frames} inner frames without LV\n")
    sys.stdout.write(f"{options.out}\n")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cinecor-evaluate",
        description="Compare a model with the labels of patients that it was never trained on.",
        epilog="OUT gets report.html (with patients' images: not to be published), evaluation.json, evaluation.md and "
        "failures.png (outlines alone).",
    )
    parser.add_argument(
        "--model",
        type=Path,
        help="model package (.cinecor), ONNX file or folder of a training run (default: the bundled model)",
    )
    parser.add_argument(
        "--data", required=True, help="ACDC training folder (patient001, …), or KIND=FOLDER as in cinecor-train"
    )
    parser.add_argument(
        "--consent",
        default="",
        metavar="TEXT",
        help="on what ground a site's studies are judged on, as in cinecor-train",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    parser.add_argument(
        "--patients", nargs="+", metavar="NAME", help="judge these (default: whom the data set's rule holds out)"
    )
    parser.add_argument(
        "--split", type=Path, help="split.json of a training run: judge whom it held out (default for a run's folder)"
    )
    parser.add_argument("--sunnybrook", type=Path, help="folder with one study and its contours/")
    parser.add_argument("--siemens", type=Path, help="folder of a short-axis cine without labels")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="KIND=FOLDER",
        help="a further data set, such as kaggle=FOLDER, labelled in part; judged by its own rule; may be repeated",
    )
    parser.add_argument(
        "--peer-wheel",
        type=Path,
        metavar="FILE",
        help="judge the peer on the same, beside the model: pip download --no-deps myopari==0.1.6 (extra: peer)",
    )
    parser.add_argument(
        "--peer-outlines",
        type=Path,
        metavar="FOLDER",
        help="keep what the peer outlines, about a second a slice, and take it from there the next time",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    return parser


def _mention(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell(patient: "PatientResult") -> None:
    for stack in patient.stacks:
        dice = "  ".join(f"{name} {result.dice:.3f}" for name, result in stack.structures.items())
        sys.stdout.write(f"{patient.patient} {stack.moment} {patient.group:5s} {dice}\n")
    sys.stdout.flush()
