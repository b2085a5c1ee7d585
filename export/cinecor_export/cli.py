"""`export-onnx`: from a training run to a model package for the application."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor import console
from cinecor.errors import UsageError, unreadable
from cinecor.failure import DONE
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.inference.package.reliability import Reliability
    from cinecor_training.data.settings import AnySettings


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code of `export-onnx`: 0 written, 1 refused or unreadable, 2 wrong usage, 4 a bad model."""
    stopped = Message("export_stopped", "stopped; nothing was written.")
    return console.run(lambda: export(arguments), program="export-onnx", stopped=stopped)


def export(arguments: list[str] | None = None) -> int:
    """Do what `main` does; raises `ExportRefused` and other `CinecorError`s instead of telling them."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.make_key and (options.checkpoint is None or options.out is None):
        parser.error("the run folder and --out are needed")
    return _make_key(options) if options.make_key else _export(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="export-onnx",
        description="Write a trained network as a model package: fp32, int8 and fp16, each proven on the validation "
        "patients. When a gate is not passed, its figures are told and nothing is written.",
    )
    parser.add_argument("checkpoint", type=Path, nargs="?", help="folder of a finished cinecor-train run")
    parser.add_argument("--out", type=Path, metavar="FILE.cinecor", help="the package to write")
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="KIND=FOLDER",
        help="where the run's data lie now, as in cinecor-train; may be given more than once (default: as the run's "
        "config names them)",
    )
    parser.add_argument("--id", default="cinecor-sax", help="model name (default: %(default)s)")
    parser.add_argument("--model-version", default="1", metavar="VERSION", help="model version (default: %(default)s)")
    parser.add_argument("--trained-on", metavar="TEXT", help="what it was trained on (default: the run's sources)")
    parser.add_argument(
        "--consent",
        default="",
        metavar="TEXT",
        help="on what ground a site's studies are judged on (default: as the run says of those it learnt from)",
    )
    parser.add_argument(
        "--licence",
        metavar="TEXT",
        help="terms that public training data put on the weights; those of the site's studies and of the weights that "
        "the run started from hold on beside them (default: by the kinds of the data)",
    )
    parser.add_argument("--patients", type=int, metavar="N", help="how many trained (default: counted from the split)")
    parser.add_argument("--sunnybrook", type=Path, metavar="FOLDER", help="a contoured study, as in cinecor-evaluate")
    parser.add_argument("--siemens", type=Path, metavar="FOLDER", help="a cine without labels, as in cinecor-evaluate")
    parser.add_argument(
        "--compare-with",
        type=Path,
        metavar="MODEL",
        help="the model that must not be better by more than a margin (default: the one in use here)",
    )
    parser.add_argument(
        "--reliability",
        type=Path,
        metavar="FILE",
        help="what training/measure_doubt.py found; refused when an EF interval does not hold what it promises",
    )
    parser.add_argument(
        "--calibration-slices",
        type=int,
        metavar="N",
        help="slices of training patients that int8 takes its ranges from (default: 180)",
    )
    parser.add_argument(
        "--without-int8",
        action="store_true",
        help="leave the int8 graph out, where its gates refuse it: the model runs slower on a CPU",
    )
    parser.add_argument("--allow-worse", action="store_true", help="export even so; the manifest will say it")
    parser.add_argument("--sign", type=Path, metavar="KEY", help="sign with this private key (PEM, Ed25519)")
    parser.add_argument("--make-key", type=Path, metavar="FILE", help="write a new private key for --sign, and stop")
    return parser


def _make_key(options: argparse.Namespace) -> int:
    from cinecor_export.key_file import make_key

    public = make_key(options.make_key)
    sys.stdout.write(
        f"{options.make_key}: keep it secret\n"
        f"public key, for “cinecor model trust KEY” at each workstation:\n{public}\n"
    )
    return DONE


def _export(options: argparse.Namespace) -> int:
    from cinecor.inference.package.model_file import open_model_file
    from cinecor.inference.package.model_package import SUFFIX
    from cinecor.inference.package.signature import read_private_key
    from cinecor.inference.store.model_store import ModelStore
    from cinecor_export.calibration import CALIBRATION_SLICES
    from cinecor_export.export import Request, Terms, export_package

    if options.out.suffix != SUFFIX:
        raise UsageError(
            Message(
                "package_suffix_wrong",
                "--out {out}: a model package ends in {suffix}; name it so.",
                out=options.out,
                suffix=SUFFIX,
            )
        )
    if options.calibration_slices is not None and options.calibration_slices < 1:
        raise UsageError(
            Message(
                "calibration_slices_none",
                "--calibration-slices {given}: int8 takes its ranges from slices; give 1 or more.",
                given=options.calibration_slices,
            )
        )
    if options.compare_with:
        open_model_file(options.compare_with).checked("fp32")  # what was named must be there
    terms = {
        "id": options.id,
        "version": options.model_version,
        "trained_on": options.trained_on,
        "licence": options.licence,
        "patients": options.patients,
    }
    done = export_package(
        Request(
            run=options.checkpoint,
            out=options.out,
            terms=Terms(**{name: value for name, value in terms.items() if value is not None}),
            data=_data(options),
            predecessor=options.compare_with or ModelStore().active().path,
            allow_worse=options.allow_worse,
            signing_key=read_private_key(options.sign) if options.sign else None,
            sunnybrook=options.sunnybrook,
            siemens=options.siemens,
            reliability=_reliability(options.reliability) if options.reliability else None,
            calibration_slices=options.calibration_slices or CALIBRATION_SLICES,
            without_int8=options.without_int8,
        ),
        listener=_tell,
    )
    manifest = done.package.manifest
    sys.stdout.writelines(
        f"{gate.name}: {gate.value:.4g} {gate.unit}, limit {gate.limit:.4g}\n" for gate in manifest.gates
    )
    if done.rivalry.absent:
        sys.stdout.write(f"not compared with a model in use: {done.rivalry.absent}\n")
    size_mb = options.out.stat().st_size / 1e6
    signer = done.package.signed_by
    signed = f"signed by {signer[:16]}…" if signer else "not signed"
    sys.stdout.write(f"{options.out}: {size_mb:.1f} MB, {manifest.id} {manifest.version}, {signed}\n")
    return DONE


def _data(options: argparse.Namespace) -> "tuple[AnySettings, ...]":
    """Return the data that --data names, by the names and the right by which the run learnt from them."""
    from cinecor_export.licence import consent_of
    from cinecor_training.data.settings import moved
    from cinecor_training.run_folder import RunFolder

    run = RunFolder(options.checkpoint)
    learnt = run.read_config().data if options.data and run.config.is_file() else ()
    return moved(learnt, options.data, consent=options.consent or consent_of(learnt))


def _reliability(path: Path) -> "Reliability":
    from cinecor.inference.package.reliability import reliability_from_json

    try:
        text = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return reliability_from_json(text, name=path.name)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
