"""What several commands ask for in the same words: paths, the device, the model."""

import argparse
from pathlib import Path


def path(text: str) -> Path:
    """Return a path of the command line; an empty one is a mistake (an unset shell variable), not this folder."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add `--device` and `--model`."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: %(default)s")
    parser.add_argument(
        "--model", type=path, metavar="FILE", help="model package or ONNX file (default: the active one)"
    )


def is_missing(given: Path) -> bool:
    """Return whether nothing is there; what may not be looked at counts as there: reading it will say why."""
    try:
        return not given.exists()
    except OSError:
        return False
