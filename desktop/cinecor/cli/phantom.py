"""`cinecor phantom`: a synthetic study on disk, with its known volumes beside it."""

import argparse
import json
import math
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from cinecor.console import say
from cinecor.errors import OutputError, UsageError, system_reason
from cinecor.message import Message
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.dicom.identity import SYNTHETIC
from cinecor_phantom.dicom.study_folder import STYLES, refuse_unwritable, write_dicom
from cinecor_phantom.dicom.transfer_syntax import TRANSFER_SYNTAXES
from cinecor_phantom.label_file import write_labels
from cinecor_phantom.phantom import Phantom, make_phantom
from cinecor_phantom.planted import Planted, PlantedSegment
from cinecor_phantom.planted_truth import outflow_labels, planted_json
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.variation import random_acquisition, random_shape

STUDY, TRUTH, LABELS, OUTFLOW = "study", "truth.json", "labels.nii.gz", "outflow.nii.gz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor phantom` to a parser."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=f"new folder; DICOM goes to DIR/{STUDY}")
    parser.add_argument("--style", choices=STYLES, default="siemens", help="whose manner (default: %(default)s)")
    parser.add_argument(
        "--transfer-syntax", default="explicit", metavar="NAME", help="one of " + ", ".join(TRANSFER_SYNTAXES)
    )
    parser.add_argument("--distractors", action="store_true", help="add long-axis cines and localisers to the study")
    parser.add_argument("--truth", action="store_true", help=f"write the known volumes to DIR/{TRUTH}")
    parser.add_argument("--labels", action="store_true", help=f"write the true outlines to DIR/{LABELS}")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="decides textures, noise and UIDs")
    parser.add_argument("--random", action="store_true", help="let the seed draw the heart and the protocol too")
    heart = parser.add_argument_group("heart")
    heart.add_argument("--edv", type=float, metavar="ML", help="LV end-diastolic volume (default: 150)")
    heart.add_argument("--esv", type=float, metavar="ML", help="LV end-systolic volume (default: 58)")
    heart.add_argument("--mass", type=float, metavar="G", help="LV mass (default: 0.79 g per mL of EDV)")
    heart.add_argument("--rv-edv", type=float, metavar="ML", help="default: what gives the LV's stroke volume")
    heart.add_argument("--rv-esv", type=float, metavar="ML", help="default: what gives the LV's stroke volume")
    heart.add_argument("--heart-rate", type=float, metavar="BPM", help="default: 66")
    planted = parser.add_argument_group("planted in the heart")
    planted.add_argument(
        "--thin", type=int, action="append", default=[], metavar="N", help="AHA segment with half the wall (repeatable)"
    )
    planted.add_argument(
        "--akinetic", type=int, action="append", default=[], metavar="N", help="AHA segment that stands still"
    )
    planted.add_argument("--outflow", action="store_true", help="outflow tracts of known volume above both bases")
    planted.add_argument("--valves", action="store_true", help="show the rings and leaflets of mitral and tricuspid")
    planted.add_argument("--round", action="store_true", help="no wobbles: the wall is known in closed form")
    scan = parser.add_argument_group("protocol")
    scan.add_argument("--slices", type=int, metavar="N", help="default: as many as the heart needs")
    scan.add_argument("--phases", type=int, metavar="N", help="default: 25")
    scan.add_argument("--thickness", type=float, metavar="MM", help="slice thickness (default: 8)")
    scan.add_argument("--gap", type=float, metavar="MM", help="between slices (default: 2, or what --slices asks for)")
    scan.add_argument("--rows", type=int, metavar="N", help="default: 208")
    scan.add_argument("--columns", type=int, metavar="N", help="default: 256")
    scan.add_argument("--pixel-spacing", type=float, metavar="MM", help="default: 1.40625")
    scan.add_argument("--rotation", type=float, metavar="DEG", help="turn of the image about the long axis")
    scan.add_argument(
        "--noise", type=float, metavar="SHARE", help="noise as a share of the blood signal (default: 0.02)"
    )


def run(args: argparse.Namespace) -> int:
    """Write the phantom that the options describe; return 0. The folder appears whole or not at all.

    Raises `UsageError` for values that make no phantom and `OutputError` when the folder cannot be written.
    """
    out: Path = args.out
    refuse_unwritable(out, style=args.style, transfer_syntax=args.transfer_syntax)
    if args.seed < 0:
        raise UsageError(Message("seed_negative", "--seed {seed} is negative; use 0 or more.", seed=args.seed))
    shape = _shape(args)
    phantom = make_phantom(shape, _acquisition(args, shape), seed=args.seed, planted=_planted(args))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            files = write_dicom(
                phantom,
                workplace / STUDY,
                style=args.style,
                transfer_syntax=args.transfer_syntax,
                distractors=args.distractors,
            )
            if args.truth:
                (workplace / TRUTH).write_text(json.dumps(truth_json(phantom), indent=2) + "\n", encoding="utf-8")
            if args.labels:
                write_labels(phantom, workplace / LABELS)
                if args.outflow:
                    write_labels(phantom, workplace / OUTFLOW, labels=outflow_labels(phantom))
            workplace.chmod(0o755)
            workplace.replace(out)
        finally:
            shutil.rmtree(workplace, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            Message(
                "phantom_not_written",
                "The phantom cannot be written to {folder} ({reason}); choose another folder.",
                folder=out,
                reason=system_reason(error),
            )
        ) from error
    say(_summary(phantom, out / STUDY, len(files)))
    return 0


def truth_json(phantom: Phantom) -> dict[str, object]:
    """Return what is known of a phantom: volumes, rings, outflow and wall, and the numbers that made them."""
    return {
        "notice": SYNTHETIC,
        "seed": phantom.seed,
        "phase_times_ms": list(phantom.phase_times_ms),
        **phantom.truth.as_json(),
        "shape": asdict(phantom.shape),
        "acquisition": asdict(phantom.acquisition),
        "planted": asdict(phantom.planted),
        **planted_json(phantom),
    }


def _planted(args: argparse.Namespace) -> Planted:
    segments = [
        PlantedSegment(number, wall=0.5 if number in args.thin else 1.0, motion=0.0 if number in args.akinetic else 1.0)
        for number in sorted({*args.thin, *args.akinetic})
    ]
    return Planted(
        segments=tuple(segments),
        rv_outflow_ml=10.0 if args.outflow else 0.0,
        lv_outflow_ml=4.0 if args.outflow else 0.0,
        valves=args.valves,
        wobble=0.0 if segments or args.round else 1.0,
    )


def _shape(args: argparse.Namespace) -> HeartShape:
    given = {
        "lv_edv_ml": args.edv,
        "lv_esv_ml": args.esv,
        "lv_mass_g": args.mass,
        "rv_edv_ml": args.rv_edv,
        "rv_esv_ml": args.rv_esv,
        "heart_rate_bpm": args.heart_rate,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if args.random:
        return replace(random_shape(np.random.default_rng([args.seed, 7])), **given)
    edv, esv = given.pop("lv_edv_ml", 150.0), given.pop("lv_esv_ml", None)
    return HeartShape.of_volumes(edv, edv * 58.0 / 150.0 if esv is None else esv, **given)


def _acquisition(args: argparse.Namespace, shape: HeartShape) -> Acquisition:
    given = {
        "slices": args.slices,
        "phases": args.phases,
        "slice_thickness_mm": args.thickness,
        "slice_gap_mm": args.gap,
        "rows": args.rows,
        "columns": args.columns,
        "pixel_spacing_mm": args.pixel_spacing,
        "in_plane_rotation_deg": args.rotation,
        "noise": args.noise,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if args.random:
        generator = np.random.default_rng([args.seed, 8])
        return replace(random_acquisition(generator, shape), **given)
    protocol = replace(Acquisition(), **{name: value for name, value in given.items() if name != "slices"})
    # The stack must hold the heart: base to apex, its wall, and a little of the settling's freedom.
    needed_mm = shape.lv_length_mm + 1.1 * shape.apical_wall_mm
    above = protocol.slices_above_base
    if args.slices is None:
        return replace(protocol, slices=above + math.ceil(needed_mm / protocol.slice_spacing_mm))
    if args.gap is None and args.slices > above:
        spacing = needed_mm / (args.slices - above)
        thickness = args.thickness if args.thickness is not None else min(8.0, spacing)
        gap = round(max(0.0, spacing - thickness) + 0.05, 1)
        protocol = replace(protocol, slice_thickness_mm=round(thickness, 1), slice_gap_mm=gap)
    return replace(protocol, slices=args.slices)


def _summary(phantom: Phantom, folder: Path, files: int) -> str:
    truth, protocol = phantom.truth, phantom.acquisition
    return (
        f"{folder}: {files} files, {protocol.slices} slices × {protocol.phases} phases. {SYNTHETIC}\n"
        f"LV EDV {truth.lv_edv_ml:.1f} mL, ESV {truth.lv_esv_ml:.1f} mL, EF {truth.lv_ef_percent:.1f} %, "
        f"mass {truth.lv_mass_g:.1f} g; RV EDV {truth.rv_edv_ml:.1f} mL, ESV {truth.rv_esv_ml:.1f} mL, "
        f"EF {truth.rv_ef_percent:.1f} %\n"
    )
