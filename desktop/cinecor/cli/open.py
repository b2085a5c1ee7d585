"""`cinecor open` and `cinecor PATH`: the desktop."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from cinecor.app.screen import has_display
from cinecor.cli.arguments import is_missing, path
from cinecor.cli.qt_needed import qt_needed
from cinecor.errors import UsageError
from cinecor.message import Message


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor open` to a parser."""
    parser.add_argument(
        "inputs",
        nargs="*",
        type=path,
        metavar="PATH",
        help="what `segment` takes, or the results of `batch`: what is doubtful there waits in the worklist",
    )
    parser.add_argument("--model", type=path, metavar="FILE", help="ONNX model (default: the bundled one)")


def run(options: argparse.Namespace) -> int:
    """Return the exit code after the desktop has been closed. Raises `UsageError` when it cannot be opened."""
    require_input(options.inputs)
    if not has_display():
        raise UsageError(
            Message("no_display", "There is no display for the desktop here; use `cinecor segment INPUT --out DIR`.")
        )
    return open_desktop(options.inputs, model_path=options.model)


def require_input(inputs: Sequence[Path]) -> None:
    """Raise `UsageError` when inputs are named and none of them is there."""
    if inputs and all(is_missing(one) for one in inputs):
        raise UsageError(Message("input_missing", "{path} does not exist; check the path.", path=inputs[0]))


def open_desktop(paths: Sequence[Path], *, model_path: Path | None) -> int:
    """Return the exit code of the desktop with these studies open."""
    with qt_needed():
        from cinecor.ui.window.desktop import run as run_desktop
    return run_desktop(paths, model_path=model_path)
