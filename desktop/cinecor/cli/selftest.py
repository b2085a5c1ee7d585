"""`cinecor selftest`: what works on this machine, what does not, and what to do about it."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cinecor.cli.qt_needed import qt_needed
from cinecor.console import complain, say
from cinecor.failure import DONE, MODEL_REFUSED, SOME_FAILED
from cinecor.file_format import this_version

if TYPE_CHECKING:
    from cinecor.app.selftest import SelfTest
    from cinecor.inference.device.chosen_device import DeviceChoice

SCHEMA_VERSION: Final = 1
"""Of `--json`; grows when a field goes or changes its meaning, not when one is added."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor selftest` to a parser."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it to a file")
    parser.add_argument("--desktop-only", action="store_true", help=argparse.SUPPRESS)  # how it looks at the desktop
    parser.add_argument("--on-screen", action="store_true", help=argparse.SUPPRESS)  # and at the display


def run(options: argparse.Namespace) -> int:
    """Return the exit code after the self-test: 0 all well, 4 a model was refused, 1 anything else."""
    if options.desktop_only:
        return _desktop_only(on_screen=options.on_screen)
    from cinecor.app.selftest import selftest  # a library that is missing is told as a failure of this command

    found = selftest(device=options.device)
    text = _as_json(found) if options.json else _as_text(found)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")
    else:
        say(text)
    failed = [check for check in found.checks if not check.passed]
    for check in failed:
        complain(check.message)
    if any(check.model_refused for check in failed):
        return MODEL_REFUSED
    return SOME_FAILED if failed else DONE


def _desktop_only(*, on_screen: bool) -> int:
    with qt_needed():
        from cinecor.ui.window.desktop_check import check_desktop
    say(f"{check_desktop(on_screen=on_screen)}\n")
    return DONE


def _as_json(found: "SelfTest") -> str:
    document = {
        "schema_version": SCHEMA_VERSION,
        "version": this_version(),
        "installed": bool(getattr(sys, "frozen", False)),
        "passed": found.passed,
        "checks": [
            {
                "name": check.name,
                "passed": check.passed,
                "text": str(check.message),
                "code": check.message.code,
                "model_refused": check.model_refused,
            }
            for check in found.checks
        ],
        "devices": [
            {
                "device": device.device,
                "name": device.name,
                "obstacle": None if device.obstacle is None else str(device.obstacle),
            }
            for device in found.devices
        ],
        "choice": None if found.choice is None else _choice_json(found.choice),
    }
    return json.dumps(document, indent=2) + "\n"


def _choice_json(choice: "DeviceChoice") -> dict[str, Any]:
    return {
        "provider": choice.provider,
        "precision": choice.precision,
        "reason": str(choice.reason),
        "trials": [
            {
                "provider": trial.provider,
                "precision": trial.precision,
                "ms_per_frame": trial.ms_per_frame,
                "least_dice": trial.least_dice,
                "refused": None if trial.refused is None else str(trial.refused),
                "passing": trial.failure is not None,
            }
            for trial in choice.trials
        ],
    }


def _as_text(found: "SelfTest") -> str:
    width = max(len(check.name) for check in found.checks)
    lines = [
        f"{'ok    ' if check.passed else 'FAILED'}  {check.name:{width}}  {check.message}" for check in found.checks
    ]
    if found.choice is not None:
        for trial in found.choice.trials:
            how = trial.refused or f"{trial.ms_per_frame:.2f} ms a frame, Dice {trial.least_dice:.4f}"
            lines.append(f"        {trial.provider} {trial.precision}: {how}")
    return "\n".join(lines) + "\n"
