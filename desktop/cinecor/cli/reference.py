"""`cinecor reference`: which published or own ranges values are compared with."""

import argparse

from cinecor.app.reference import ReferenceShelf, replaced_message
from cinecor.cli.arguments import path
from cinecor.console import about_what, complain, say
from cinecor.failure import exit_code
from cinecor.measure.reference.comparison import AUTOMATIC
from cinecor.measure.reference.table_file import COLUMNS, FaultyTable
from cinecor.message import Message


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the commands below `cinecor reference` to its parser; `common` are options that each of them takes."""
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = actions.add_parser("list", parents=[common], help="show the tables, and which one each value uses")
    listing.set_defaults(run=_list)
    add = actions.add_parser(
        "add", parents=[common], help="check a CSV file line by line and keep it as a table of this site"
    )
    add.add_argument("file", type=path, metavar="FILE", help=f"CSV with the columns {', '.join(COLUMNS)}")
    add.add_argument("--name", metavar="NAME", help="what it is called (default: the file's name)")
    add.set_defaults(run=_add)
    remove = actions.add_parser("remove", parents=[common], help="forget a table of this site")
    remove.add_argument("table", metavar="TABLE")
    remove.set_defaults(run=_remove)
    use = actions.add_parser("use", parents=[common], help="choose a table for everything it has, or for one value")
    use.add_argument("table", metavar="TABLE", help=f"a table, “{AUTOMATIC}” or “none”")
    use.add_argument("--for", dest="measure", metavar="VALUE", help="such as lv.ef_percent or rv.edv_ml.indexed")
    use.set_defaults(run=_use)


def _list(_options: argparse.Namespace) -> int:
    book = ReferenceShelf().book()
    for table in book.tables:
        state = (
            Message("reference_own", "this site's")
            if table.own
            else Message("reference_in_use", "in use")
            if table.active
            else Message("reference_off", "off")
        )
        say(f"{table.id:18} {state!s:12} {table.title}\n")
        for source in dict.fromkeys(row.source for row in table.rows):
            say(f"{'':18} {source}\n")
    for key, chosen in sorted(book.choices.items()):
        say(f"{key}: {chosen}\n")
    for message in book.told.values():
        complain(message)
    return 0


def _add(options: argparse.Namespace) -> int:
    try:
        kept = ReferenceShelf().add(options.file, name=options.name)
    except FaultyTable as error:  # a line each: there may be many
        for fault in error.faults:
            complain(about_what(options.file.name, fault))
        return exit_code(error)
    name, rows = kept.table.id, kept.table.rows
    added = Message("reference_added", "{name}: {n} ranges; in use where they fit.", name=name, n=len(rows))
    say(f"{added}\n")
    if kept.replaced:
        say(f"{replaced_message(name)}\n")
    return 0


def _remove(options: argparse.Namespace) -> int:
    ReferenceShelf().remove(options.table)
    return 0


def _use(options: argparse.Namespace) -> int:
    if options.measure is not None:
        ReferenceShelf().choose(options.measure, options.table)
    else:
        for measure in ReferenceShelf().choose_everywhere(options.table):
            say(f"{measure.key}: {options.table}\n")
    return 0
