"""`cinecor export`: results in the forms that other systems open, for one study or many."""

import argparse
from dataclasses import replace

from cinecor.cli.arguments import add_report_options, add_result_options, path
from cinecor.console import complain, fail, say
from cinecor.errors import UsageError
from cinecor.failure import DONE, SOME_FAILED
from cinecor.message import Message

_FORMS = ("seg", "sr", "pdf", "capture", "csv", "nifti", "images")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor export` to a parser."""
    add_result_options(parser)
    parser.add_argument("--to", nargs="+", choices=_FORMS, required=True, metavar="FORM", help=", ".join(_FORMS))
    parser.add_argument("--out", type=path, required=True, metavar="DIR", help="each export is a new folder in it")
    parser.add_argument("--cine", action="store_true", help="one SEG for the whole cine instead of one a phase")
    parser.add_argument("--label-map", action="store_true", help="SEG as label map, which few viewers read yet")
    add_report_options(parser)
    parser.add_argument("--anonymise", action="store_true", help="take identity out of everything that is written")
    parser.add_argument("--pseudonym", default="", metavar="TEXT", help="the patient's name then (of one study)")
    parser.add_argument("--keep-characteristics", action="store_true", help="sex, age, height and weight stay")
    parser.add_argument("--mapping", type=path, metavar="FILE", help="keep the way back in this file, for you alone")


def run(options: argparse.Namespace) -> int:
    """Return the exit code: 0 all is written, 1 something could not be made, else that of the failure."""
    from cinecor.app.export_options import Anonymity, ExportOptions, Form
    from cinecor.app.export_study import export_study
    from cinecor.app.policy import user_settings
    from cinecor.app.report_study import report_options
    from cinecor.app.result_study import result_folders

    _require_sense(options)
    folders = result_folders(options.folders)
    if options.pseudonym and len(folders) > 1:
        raise UsageError(Message("one_pseudonym_many", "One pseudonym does not stand for {n} studies.", n=len(folders)))
    wanted = ExportOptions(
        forms=frozenset(Form(one) for one in options.to),
        whole_cine=options.cine,
        label_map=options.label_map,
        report=replace(
            report_options(
                user_settings(), language=options.language, department=options.department, logo=options.logo
            ),
            impression=options.impression,
        ),
        anonymity=Anonymity(options.keep_characteristics, options.pseudonym, options.mapping)
        if options.anonymise
        else None,
    )
    codes = []
    for folder in folders:
        try:
            exported = export_study(folder, out_dir=options.out, studies=options.study, options=wanted)
        except Exception as error:  # noqa: BLE001  one study that fails must not stop the others
            codes.append(fail(error, debug=options.debug, about=str(folder) if len(folders) > 1 else ""))
            continue
        for form, reason in exported.refused:
            complain(
                Message("form_refused", "{folder}, {form}: {reason}", folder=folder, form=form.value, reason=reason)
            )
        for note in exported.notes:
            complain(note)
        codes.append(SOME_FAILED if exported.refused else DONE)
        say(f"{exported.folder}\n")
    return codes[0] if len(set(codes)) == 1 else SOME_FAILED


def _require_sense(options: argparse.Namespace) -> None:
    if not options.anonymise and (options.pseudonym or options.keep_characteristics or options.mapping):
        raise UsageError(
            Message(
                "anonymity_options",
                "--pseudonym, --keep-characteristics and --mapping belong to --anonymise; add it.",
            )
        )
    if options.impression and options.anonymise:
        raise UsageError(
            Message(
                "impression_names",
                "--impression does not go with --anonymise: a reader's own words may name the patient.",
            )
        )
    if options.impression and not {"pdf", "capture", "sr"} & set(options.to):
        raise UsageError(
            Message("impression_nowhere", "--impression stands in a report; add pdf, capture or sr to --to.")
        )
    if options.mapping is not None and options.mapping.resolve().is_relative_to(options.out.resolve()):
        raise UsageError(
            Message(
                "mapping_inside",
                "{path} lies where the export goes; keep the way back elsewhere.",
                path=options.mapping,
            )
        )
