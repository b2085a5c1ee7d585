"""What several commands ask for in the same words: paths, the device, the model."""

import argparse
import os
from pathlib import Path

from cinecor.errors import OutputError
from cinecor.language import LANGUAGES
from cinecor.message import Message


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


def add_result_options(parser: argparse.ArgumentParser) -> None:
    """Add the folders of results, and `--study` for what they were made from."""
    parser.add_argument(
        "folders", nargs="+", type=path, metavar="RESULTS", help="folder with results.json, or a folder of such folders"
    )
    parser.add_argument(
        "--study",
        nargs="+",
        type=path,
        default=[],
        metavar="INPUT",
        help="what the results were made from, where it no longer lies there",
    )


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what a report looks like, and the reader's own words in it."""
    add_report_look(parser)
    parser.add_argument("--impression", default="", metavar="TEXT", help="the reader's own words")


def add_report_look(parser: argparse.ArgumentParser) -> None:
    """Add what a report looks like: its language, and whose it is, as the settings say where it is not told."""
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the report; default: %(default)s")
    parser.add_argument(
        "--department", metavar="TEXT", help="written above the report (default: as in the desktop's settings)"
    )
    parser.add_argument(
        "--logo", type=path, metavar="FILE", help="PNG or JPEG for the upper right corner (default: as in the settings)"
    )


def is_missing(given: Path) -> bool:
    """Return whether nothing is there; what may not be looked at counts as there: reading it will say why."""
    try:
        return not given.exists()
    except OSError:
        return False


def require_place(out_dir: Path) -> None:
    """Raise `OutputError` before any work when results can never be written there."""
    place = next((folder for folder in (out_dir, *out_dir.absolute().parents) if folder.exists()), out_dir)
    if not place.is_dir():
        raise OutputError(
            Message("out_is_a_file", "{place} is a file, not a folder; choose another --out.", place=place)
        )
    if not os.access(place, os.W_OK):
        raise OutputError(
            Message(
                "out_not_writable",
                "{place} may not be written to; choose another --out or ask for the permission.",
                place=place,
            )
        )
