"""`export-onnx`: from a training run to a model file for the application."""

import argparse
import json
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run `export-onnx`; gives the exit code: 0 written, 1 refused or unreadable, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="export-onnx", description="Write a trained network as an ONNX model.")
    parser.add_argument("checkpoint", type=Path, help="folder of a finished cinecor-train run")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--id", default="cinecor-sax", help="model name (default: %(default)s)")
    parser.add_argument("--model-version", default="1", help="model version (default: %(default)s)")
    parser.add_argument("--data", required=True, help="what it was trained on, in words")
    parser.add_argument("--licence", required=True, help="terms the training data put on the weights")
    parser.add_argument("--patients", type=int, required=True, help="how many patients it was trained on")
    parser.add_argument("--figures", type=Path, help="JSON of cinecor-evaluate on patients never trained on")
    options = parser.parse_args(arguments)

    from cinecor.errors import CinecorError
    from cinecor.inference.contract import (
        CONTRACT_VERSION,
        EXPECTED_LABELS,
        InputContract,
        ModelContract,
        TrainingRecord,
    )
    from cinecor_export.onnx_file import write_onnx
    from cinecor_training.loop import load_network

    try:
        network, config = load_network(options.checkpoint)
        figures = json.loads(options.figures.read_text())["summary"] if options.figures else {}
        contract = ModelContract(
            contract_version=CONTRACT_VERSION,
            id=options.id,
            version=options.model_version,
            precision="fp32",
            input=InputContract(spacing_mm=config.spacing_mm, size_px=config.size_px, neighbours=config.neighbours),
            labels=EXPECTED_LABELS,
            training=TrainingRecord(
                data=options.data, licence=options.licence, patients=options.patients, figures=figures
            ),
        )
        difference = write_onnx(network, contract, options.out)
    except (CinecorError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"export-onnx: {error}\n")
        return 1
    size_mb = options.out.stat().st_size / 1e6
    sys.stdout.write(f"{options.out}: {size_mb:.1f} MB, largest difference to PyTorch {difference:.1e}\n")
    return 0
