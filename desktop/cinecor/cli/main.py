"""The command line: `cinecor` opens the desktop; every other command is a file of its own."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from cinecor import console
from cinecor.cli import demo, segment
from cinecor.cli import open as open_command
from cinecor.errors import UsageError
from cinecor.measure.conventions import NOTICE
from cinecor.message import Message

_LOADED_WHEN_ASKED: Final = {  # their options alone import libraries that the main job does not need
    "batch": "outline many studies, found by searching folders; goes on where it was stopped",
    "compare": "how well two sides agree: readers, models, results and label maps",
    "phantom": "write a synthetic study with known volumes",
    "model": "list, verify, install, activate, roll back or trust models",
    "reference": "list, add, remove or choose reference ranges",
    "selftest": "check that this installation works",
    "verify": "check that results are as they were written, and who signed them",
    "report": "make a PDF of results, for one study or many",
    "outlines": "hold outlines that somebody else drew against results; or make results of those a study holds",
    "export": "write results as DICOM SEG and SR, PDF, CSV or NIfTI, without identity if asked",
}
_WITH_COMMANDS: Final = ("model", "reference")  # of their own
_ALLOCATIONS: Final = 100_000  # between two looks for cycles of garbage
COMMANDS: Final = ("open", "segment", "demo", *_LOADED_WHEN_ASKED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of one `cinecor` command."""
    # Before numpy is loaded: phases are worked on side by side, and threads inside each product would only get in
    # each other's way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Loading five hundred modules makes no garbage: by itself Python would look for some two hundred times.
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names need not be text that the terminal knows
    spelled = _spelled_out(sys.argv[1:] if arguments is None else arguments)
    try:
        _require_sense(spelled)
    except UsageError as error:
        return console.fail(error)
    options = _parser(asked=spelled[0]).parse_args(spelled)
    return console.run(lambda: int(options.run(options)), debug=options.debug)


def _spelled_out(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with their command: none at all opens the desktop, a path opens it there.

    A command's name is the command, even where a folder is called so: other programs rely on it.
    """
    if not arguments:
        return ["open"]
    first = arguments[0]
    if first in COMMANDS:
        return list(arguments)
    looks_like_path = not first.startswith("-") and (any(mark in first for mark in "/\\.") or Path(first).exists())
    return ["open", *arguments] if looks_like_path else list(arguments)


def _require_sense(arguments: Sequence[str]) -> None:
    """Raise `UsageError` for a slip that argparse would answer with all there is."""
    command = arguments[0]
    if not command.startswith("-") and command not in COMMANDS:
        raise UsageError(
            Message(
                "no_such_command",
                "there is no command, file or folder {name}; check the path, or see `cinecor --help`.",
                name=command,
            )
        )
    if command == "open" and any(one == "--out" or one.startswith("--out=") for one in arguments):
        raise UsageError(
            Message(
                "out_without_segment",
                "--out belongs to `cinecor segment INPUT --out DIR`; without it the desktop opens.",
            )
        )


def parser_of(name: str) -> tuple[str, argparse.ArgumentParser]:
    """Return what a command is for, and its options: what the manual is made of."""
    commands = next(action for action in _parser(asked=name)._actions if isinstance(action, argparse._SubParsersAction))
    purpose = next(one.help or "" for one in commands._choices_actions if one.dest == name)
    return purpose, commands.choices[name]


def _parser(*, asked: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cinecor", description=f"Ventricular volumes from cardiac MRI cine studies, offline. {NOTICE}"
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and stop")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, module, purpose in (
        ("open", open_command, "open studies in the desktop (also: cinecor PATH)"),
        ("segment", segment, "outline the ventricles and write the volumes"),
        ("demo", demo, "make a synthetic study and open it"),
    ):
        command = commands.add_parser(name, parents=[common], help=purpose)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    for name, purpose in _LOADED_WHEN_ASKED.items():
        command = commands.add_parser(name, parents=[] if name in _WITH_COMMANDS else [common], help=purpose)
        if asked == name:
            module = import_module(f"cinecor.cli.{name}")
            if name in _WITH_COMMANDS:  # each of its commands takes the common options
                module.add_arguments(command, common)
            else:
                module.add_arguments(command)
                command.set_defaults(run=module.run)
    return parser


class _Version(argparse.Action):
    """`--version`; the library that knows it is not loaded otherwise."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        console.say(f"cinecor {version('cinecor')}\n")
        parser.exit()
