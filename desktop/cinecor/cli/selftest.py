"""`cinecor selftest`: what works on this machine, what does not, and what to do about it."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.console import complain, say
from cinecor.file_format import this_version

if TYPE_CHECKING:
    from cinecor.app.selftest import SelfTest

SCHEMA_VERSION: Final = 1
"""Of `--json`; grows when a field goes or changes its meaning, not when one is added."""

_DONE, _FAILED, _MODEL_REFUSED = 0, 1, 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor selftest` to a parser."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it to a file")
    parser.add_argument("--desktop-only", action="store_true", help=argparse.SUPPRESS)  # how it looks at the desktop
    parser.add_argument("--on-screen", action="store_true", help=argparse.SUPPRESS)  # and at the display


def run(options: argparse.Namespace) -> int:
    """Run the self-test and give the exit code: 0 all well, 4 a model was refused, 1 anything else."""
    from cinecor.app.selftest import selftest  # a library that is missing is told as a failure of this command

    found = selftest(device=options.device)
    text = _as_json(found) if options.json else _as_text(found)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")
    else:
        say(text)
    failed = [check for check in found.checks if not check.passed]
    for check in failed:
        complain(check.text)
    if any(check.model_refused for check in failed):
        return _MODEL_REFUSED
    return _FAILED if failed else _DONE


def _as_json(found: "SelfTest") -> str:
    document = {
        "schema_version": SCHEMA_VERSION,
        "version": this_version(),
        "installed": bool(getattr(sys, "frozen", False)),
        "passed": found.passed,
        **asdict(found),
    }
    return json.dumps(document, indent=2) + "\n"


def _as_text(found: "SelfTest") -> str:
    width = max(len(check.name) for check in found.checks)
    lines = [f"{'ok    ' if check.passed else 'FAILED'}  {check.name:{width}}  {check.text}" for check in found.checks]
    if found.choice is not None:
        for trial in found.choice.trials:
            how = trial.refused or f"{trial.ms_per_frame:.2f} ms a frame, Dice {trial.least_dice:.4f}"
            lines.append(f"        {trial.provider} {trial.precision}: {how}")
    return "\n".join(lines) + "\n"
