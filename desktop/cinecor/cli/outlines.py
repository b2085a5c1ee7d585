"""`cinecor outlines`: outlines that somebody else drew, held against results; or those of a study as results."""

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cinecor.cli.arguments import path
from cinecor.console import complain, say
from cinecor.errors import InputError, UsageError
from cinecor.failure import DONE, SOME_FAILED
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.inference.outline.segmentation import Label

_STRUCTURES = ("rv", "myo", "lv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor outlines` to a parser."""
    parser.add_argument(
        "folder", type=path, metavar="RESULTS", help="folder with results.json; with --out a study that holds DICOM SEG"
    )
    parser.add_argument(
        "--from",
        dest="paths",
        nargs="+",
        type=path,
        default=[],
        metavar="PATH",
        help="DICOM SEG or Sunnybrook contours (folder), .cvi42wsx, or a label map (.nii, .nii.gz, .nrrd)",
    )
    parser.add_argument("--labels", nargs="+", default=[], metavar="N=NAME", help="of a label map: 1=rv 2=myo 3=lv")
    parser.add_argument("--phase", type=int, metavar="N", help="of a label map without time: which phase, from 1")
    parser.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        help="with --from: write results with these outlines as corrections, in a new folder in DIR; without: write "
        "the outlines that a study holds as DICOM SEG as results",
    )
    parser.add_argument("--study", nargs="+", type=path, default=[], metavar="INPUT", help="where the study lies now")


def run(options: argparse.Namespace) -> int:
    """Return the exit code: 0 everything was used, 1 something was left out; it is told line by line."""
    if options.out is None and not options.paths:
        raise UsageError(
            Message(
                "outlines_from_or_out",
                "Name outlines to hold against results (RESULTS --from PATH, with --out DIR to correct them), or "
                "where the outlines that a study holds go (STUDY --out DIR).",
            )
        )
    return _use_others(options) if options.paths else _reopen(options)


def _reopen(options: argparse.Namespace) -> int:
    """Write the outlines that a study holds as results, which the desktop opens as a review."""
    from cinecor.app.open_study import open_study
    from cinecor.app.outlines_within import outlines_within
    from cinecor.app.save_study import write_study
    from cinecor.report.names import kept_beside, result_names
    from cinecor.review import Review, review_result

    study = open_study(options.folder, on_series=lambda _: None)
    try:
        body = study.card.body(study.stack.heart_rate_bpm)
        review = Review(study.stack, study.audit, body=body)
        found = outlines_within(study, review)
        if found is None:
            raise InputError(
                Message(
                    "no_outlines_within",
                    "{study} holds no DICOM SEG of its short-axis stack.",
                    study=options.folder,
                )
            )
        final = found.over(review)
        result = review_result(final)
        assert result is not None
        saved = write_study(
            final,
            result,
            input_path=options.folder,
            out_dir=options.out,
            name=result_names([options.folder], out_dir=options.out, series_uids=study.stack.series_uids)[0],
            series_uids=study.stack.series_uids,
        )
    finally:
        study.close()
    beside = kept_beside(saved.folder.path, input_path=options.folder)
    if beside is not None:
        complain(beside)
    for caution in found.cautions:
        complain(caution)
    for message in found.told:
        say(f"{message}\n")
    say(f"{saved.folder.path}\n")
    return SOME_FAILED if found.cautions else DONE


def _use_others(options: argparse.Namespace) -> int:
    """Return the exit code of holding outlines against results, and of correcting these where that is wanted."""
    from cinecor.app.corrected_results import corrected_results
    from cinecor.app.incoming_outlines import agreement, read_outlines, walls_alone
    from cinecor.app.result_study import STUDY_NOT_AT_HAND, open_result_study
    from cinecor.report.kept_results import read_results
    from cinecor.study.cine_stack import pixel_volume_ml

    kept = read_results(options.folder)
    with open_result_study(kept, options.study) as opened:
        if opened.study is None:
            raise InputError(STUDY_NOT_AT_HAND)
        stack = opened.study.stack
        phase = None if options.phase is None else options.phase - 1
        read = read_outlines(options.paths, stack, table=_table(options.labels), phase=phase)
        unused = None if options.out is None else walls_alone(read)
        for reason in (*_at_once(read.left_out), *(() if unused is None else (unused,))):
            complain(reason)
        saved = None if options.out is None else corrected_results(kept, opened.study, read, out_dir=options.out)
    measured = kept.results.stack
    pixel_ml = pixel_volume_ml(measured.pixel_spacing_mm, measured.slice_extent_mm)
    for one in agreement(read, kept.labels, pixel_ml=pixel_ml):
        if one.frames and one.dice is not None and one.difference_ml is not None:
            told = Message(
                "structure_agreement",
                "{name}: {n} frames, Dice {dice:.3f}, theirs − ours {ml:.1f} mL a phase",
                name=one.label.name,
                n=one.frames,
                dice=one.dice,
                ml=one.difference_ml,
            )
            say(f"{told}\n")
    if saved is not None:
        say(f"{saved.folder.path}\n")
    return SOME_FAILED if read.left_out or unused is not None else DONE


def _at_once(reasons: Iterable[Message]) -> Iterator[Message]:
    """Yield what is told of several files in the same words once, with how many more it is told of."""
    same: dict[str, list[Message]] = {}
    for reason in reasons:
        values = {name: str(value) for name, value in sorted(reason.values.items()) if name != "name"}
        same.setdefault(f"{reason.code} {values}", []).append(reason)
    for first, *others in same.values():
        yield (
            Message.counted(
                "told_of_others",
                "{message} The same goes for {n} other.",
                "{message} The same goes for {n} others.",
                n=len(others),
                message=first,
            )
            if others
            else first
        )


def _table(given: list[str]) -> "dict[int, Label]":
    from cinecor.inference.outline.segmentation import Label

    table = {}
    for one in given:
        number, _, name = one.partition("=")
        if not number.isdigit() or name.lower() not in _STRUCTURES:
            raise UsageError(
                Message("label_option", "--labels {given}: write a value and rv, myo or lv, such as 3=lv.", given=one)
            )
        table[int(number)] = Label[name.upper()]
    return table
