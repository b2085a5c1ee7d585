"""`cinecor demo`: a synthetic study, opened in the desktop, or segmented where there is no display."""

import argparse
from pathlib import Path

from cinecor.app.screen import has_display
from cinecor.cli import segment
from cinecor.cli.arguments import add_model_options, path
from cinecor.cli.open import open_desktop
from cinecor.console import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor demo` to a parser."""
    parser.add_argument("--out", type=path, default=Path("cinecor-demo"), metavar="DIR", help="default: %(default)s")
    add_model_options(parser)


def run(options: argparse.Namespace) -> int:
    """Return the exit code after the study was opened or segmented."""
    from cinecor.app.demo import demo_study

    study = demo_study(options.out)
    say(f"{study}\n\n")
    if has_display():
        return open_desktop([study.folder], model_path=options.model)
    options.inputs, options.series, options.json = [study.folder], None, False
    options.sex = options.age = options.height = options.weight = options.heart_rate = None  # headers say them
    options.out = options.out / "results"
    return segment.run(options)
