"""`cinecor report`: results as a PDF, for one study or many."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

from cinecor.cli.arguments import add_report_options, add_result_options, path
from cinecor.console import fail, say
from cinecor.errors import UsageError
from cinecor.failure import DONE, SOME_FAILED
from cinecor.message import Message

_PDF: Final = ".pdf"
_HTML: Final = ".html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor report` to a parser."""
    add_result_options(parser)
    parser.add_argument(
        "--out",
        type=path,
        required=True,
        metavar="FILE.pdf",
        help="the PDF, or FILE.html; of several results a folder for theirs",
    )
    parser.add_argument("--html", action="store_true", help="pages for a browser with the same content")
    add_report_options(parser)
    parser.add_argument(
        "--earlier",
        nargs="*",
        type=path,
        metavar="RESULTS",
        help="compare with results of earlier studies of the same patient; without a name: with what is kept of them",
    )


def run(options: argparse.Namespace) -> int:
    """Return the exit code: 0 every report is written, else that of the one failure, or 1 of several."""
    from cinecor.app.policy import user_settings
    from cinecor.app.report_study import report_options, report_study
    from cinecor.app.result_study import result_folders
    from cinecor.durable_file import replace_file
    from cinecor.review.store.study_store import StudyStore

    folders = result_folders(options.folders)
    if options.earlier and len(folders) > 1:
        raise UsageError(Message("earlier_of_many", "--earlier RESULTS belongs to one report; name one folder."))
    settings = user_settings()
    chosen = replace(
        report_options(settings, language=options.language, department=options.department, logo=options.logo),
        impression=options.impression,
        earlier=tuple(options.earlier or ()),
    )
    store = None if options.earlier != [] else StudyStore()
    codes = []
    for folder, target in zip(folders, _targets(folders, options.out, html=options.html), strict=True):
        try:
            html = target.suffix.lower() == _HTML
            content = report_study(folder, studies=options.study, options=chosen, store=store, html=html)
            replace_file(target, content)
        except Exception as error:  # noqa: BLE001  one study that fails must not stop the others
            codes.append(fail(error, debug=options.debug, about=str(folder) if len(folders) > 1 else ""))
        else:
            codes.append(DONE)
            say(f"{target}\n")
    return codes[0] if len(set(codes)) == 1 else SOME_FAILED


def _targets(folders: tuple[Path, ...], out: Path, *, html: bool) -> list[Path]:
    """Return where each report goes.

    Raises `UsageError` for several in one file, a PDF that is to be a page, and a file of another kind.
    """
    ending = out.suffix.lower()
    one_file = ending in (_PDF, _HTML)
    if not one_file and ending[1:].isalpha() and not out.is_dir():  # a folder "2026.11" has no such ending
        raise UsageError(
            Message(
                "report_of_other_kind",
                "{name}: a report is FILE.pdf or FILE.html; for a folder give a name without an ending, or one that "
                "is there.",
                name=out.name,
            )
        )
    if one_file and len(folders) > 1:
        raise UsageError(
            Message("many_reports_one_file", "{n} reports do not go into one file; name a folder.", n=len(folders))
        )
    if html and ending == _PDF:
        raise UsageError(Message("html_into_pdf", "--html makes no PDF; name a file FILE.html, or a folder."))
    if one_file:
        return [out]
    names: list[str] = []
    for folder in folders:
        base = name = folder.resolve().name
        count = 1
        while name.casefold() in (taken.casefold() for taken in names):
            count += 1
            name = f"{base}-{count}"
        names.append(name)
    return [out / f"{name}{_HTML if html else _PDF}" for name in names]
