"""`cinecor verify`: whether results are as they were written, and by whom they are signed."""

import argparse

from cinecor.cli.arguments import path
from cinecor.console import about_what, complain, say
from cinecor.failure import CHANGED, DONE
from cinecor.message import Message


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor verify` to a parser."""
    parser.add_argument(
        "folders", nargs="+", type=path, metavar="RESULTS", help="folder with results.json, or a folder of such folders"
    )


def run(options: argparse.Namespace) -> int:
    """Return the exit code: 0 everything is sound, 5 something was changed; what and where is told line by line."""
    from cinecor.app.result_study import result_folders
    from cinecor.report.verification import verify_results

    changed = False
    for folder in result_folders(options.folders):
        found = verify_results(folder)
        changed |= not found.sound
        for fault in found.faults:
            complain(about_what(folder, fault))
        if found.sound:
            sound = Message("results_sound", "{folder}: sound. {status}", folder=folder, status=found.status)
            say(f"{str(sound).strip()}\n")
            if found.anew:
                anew = Message(
                    "fields_made_anew",
                    "{folder}: a later version than the one that signed made these fields anew; the signature does not "
                    "hold them: {fields}.",
                    folder=folder,
                    fields=found.anew,
                )
                say(f"{anew}\n")
        else:
            complain(
                Message(
                    "results_not_sound",
                    "{folder}: not sound. Trust none of its numbers, nor its signature: take a copy that verifies, or "
                    "write the results again from the study. Names above are fields of results.json and files of the "
                    "folder; slices and phases count from 1.",
                    folder=folder,
                )
            )
    return CHANGED if changed else DONE
