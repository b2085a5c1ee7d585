"""`cinecor compare`: how well two sides agree: readers, models, results and label maps."""

import argparse

from cinecor.cli.arguments import path, require_place
from cinecor.cohort.manifest_file import is_cohort
from cinecor.console import about_what, complain, say
from cinecor.errors import UsageError
from cinecor.failure import DONE, SOME_FAILED
from cinecor.message import Message


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor compare` to a parser."""
    parser.add_argument("sides", nargs="*", type=path, metavar="A B", help="two folders of results with the same names")
    parser.add_argument(
        "--pairs",
        type=path,
        metavar="CSV",
        help="a list instead: study, a, b, group, moment, phase",
    )
    parser.add_argument("--out", type=path, required=True, metavar="DIR", help="where tables and page go")


def run(options: argparse.Namespace) -> int:
    """Return the exit code: 0 everything was compared, 1 some studies could not be, or are not done."""
    if (options.pairs is None) == (len(options.sides) != 2):
        raise UsageError(Message("two_sides_needed", "Give two folders to compare, or a list by --pairs."))
    require_place(options.out)
    if is_cohort(options.out):
        raise UsageError(
            Message(
                "out_is_cohort",
                "{folder} holds a cohort; choose another --out for the comparison.",
                folder=options.out,
            )
        )
    from cinecor.agreement.pairs import common_studies, listed_pairs, one_sided_studies
    from cinecor.agreement.report import agreement_table, cautions, write_agreement
    from cinecor.app.compare import compare_pairs

    if options.pairs is not None:
        found = compare_pairs(listed_pairs(options.pairs), named=True)
        names = ("A", "B")
    else:
        found = compare_pairs(
            common_studies(*options.sides),
            sides=options.sides,
            one_sided=one_sided_studies(*options.sides),
            named=(options.sides[0] / "results.json").is_file(),  # one study's results, and no folder of many
        )
        names = (str(options.sides[0]), str(options.sides[1]))
    write_agreement(found, options.out, first=names[0], second=names[1])
    for one in found.unpaired:
        complain(about_what(one.study, one.reason))
    for caution in cautions(found):
        complain(caution)
    say(agreement_table(found) + f"\n  {options.out / 'compare.html'}\n")
    return SOME_FAILED if found.unpaired or found.rests else DONE
