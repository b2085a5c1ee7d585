"""`cinecor segment`: the main job, for one input or many."""

import argparse
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cinecor.app.heap import share_heaps
from cinecor.app.opening_model import OpeningModel
from cinecor.cli.arguments import add_model_options, path, require_place
from cinecor.cli.open import require_input
from cinecor.cli.progress_bar import progress_bar
from cinecor.console import about_what, complain, fail, say
from cinecor.failure import DONE, SOME_FAILED, exit_code, failure_message
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.app.batch import Outcome
    from cinecor.review import Body


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor segment` to a parser."""
    parser.add_argument(
        "inputs",
        nargs="+",
        type=path,
        metavar="INPUT",
        help="folder, DICOMDIR, .zip, DICOM or NIfTI file; of a folder of NIfTI files each is an input",
    )
    parser.add_argument("--out", type=path, required=True, metavar="DIR", help="where the results go")
    parser.add_argument("--series", metavar="UID", help="take this series instead of the one found")
    parser.add_argument("--json", action="store_true", help="print the results as JSON instead of a table")
    add_model_options(parser)
    body = parser.add_argument_group("the patient, where headers do not say (ranges and values per m² need it)")
    body.add_argument("--sex", choices=("M", "F"))
    body.add_argument("--age", type=_between(0, 120, "years"), metavar="YEARS")
    body.add_argument("--height", type=_between(40, 250, "cm"), metavar="CM")
    body.add_argument("--weight", type=_between(1, 350, "kg"), metavar="KG")
    body.add_argument("--heart-rate", type=_between(20, 300, "beats a minute"), metavar="BPM")


def _between(low: float, high: float, unit: str) -> Callable[[str], float]:
    """Return a reader of numbers that a person may have."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low:g} to {high:g} {unit}")
        return value

    return read


def _typed(options: argparse.Namespace) -> "Body":
    from cinecor.measure.reference.table import Sex
    from cinecor.review import Body

    return Body(
        heart_rate_bpm=options.heart_rate,
        height_cm=options.height,
        weight_kg=options.weight,
        sex=None if options.sex is None else Sex(options.sex),
        age_years=None if options.age is None else int(options.age),
    )


def run(options: argparse.Namespace) -> int:
    """Return the exit code after every input: 0 all done, the one code of all when all failed alike, else 1."""
    require_input(options.inputs)
    require_place(options.out)
    share_heaps()
    session = OpeningModel(options.model, device=options.device, tell=_tell_fallback)
    from cinecor.app.batch import segment_each  # a good part of it loads while the model opens

    outcomes: list[Outcome] = []
    for outcome in segment_each(
        options.inputs,
        session=session,
        out_dir=options.out,
        progress=lambda one: progress_bar(one.name),
        series_uid=options.series,
        typed=_typed(options),
    ):
        outcomes.append(outcome)
        if outcome.error is not None:
            fail(outcome.error, debug=options.debug, about=_unnamed(outcome))
        else:
            session.look_at_device(outcome.path)
            if outcome.caution is not None:
                complain(outcome.caution)
            if not options.json:
                _print_table(outcome)
    if options.json:
        say(json.dumps([_as_json(outcome) for outcome in outcomes], indent=2) + "\n")
    return batch_exit_code(outcomes)


def batch_exit_code(outcomes: "Sequence[Outcome]") -> int:
    """Return 0 when nothing failed, the common code when everything failed for the same kind of reason, else 1."""
    codes = {DONE if outcome.error is None else exit_code(outcome.error) for outcome in outcomes}
    return codes.pop() if len(codes) == 1 else SOME_FAILED


def _print_table(outcome: "Outcome") -> None:
    from cinecor.report.table import result_table

    assert outcome.run is not None
    say(result_table(outcome.run.results, folder=outcome.run.folder.path) + "\n\n")


def _as_json(outcome: "Outcome") -> dict[str, Any]:
    given = str(outcome.path)
    if outcome.error is not None:
        message = failure_message(outcome.error)
        return {"input": given, "status": "failed", "error": " ".join(str(message).split()), "code": message.code}
    assert outcome.run is not None
    results = json.loads(outcome.run.results.to_json())
    return {"input": given, "status": "done", "folder": str(outcome.run.folder.path), "results": results}


def _unnamed(outcome: "Outcome") -> str:
    """Return the input's path for the front of a sentence that does not name it."""
    assert outcome.error is not None
    named = {Path(str(value)).name for value in failure_message(outcome.error).values.values()}
    return "" if outcome.path.name in named else str(outcome.path)


def _tell_fallback(fallback: Message, lost_in: Path | None) -> None:
    if lost_in is None:
        complain(fallback)
    else:
        complain(about_what(lost_in.name, fallback))
