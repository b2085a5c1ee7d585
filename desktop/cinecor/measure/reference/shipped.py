"""The reference tables that ship with Cinecor."""

import json
from dataclasses import replace
from functools import cache

from cinecor.measure.reference.comparison import ReferenceBook
from cinecor.measure.reference.table import ReferenceTable
from cinecor.measure.reference.table_file import read_table


@cache
def shipped_tables() -> tuple[ReferenceTable, ...]:
    """Return the tables of `cinecor_resources/reference`, in the order in which they are preferred."""
    from cinecor_resources import reference_tables

    folder = reference_tables()
    listed = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
    return tuple(
        replace(
            read_table(
                (folder / f"{entry['id']}.csv").read_text(encoding="utf-8"), table_id=entry["id"], title=entry["title"]
            ),
            active=entry["active"],
            second_hand=entry.get("second_hand", False),
        )
        for entry in listed
    )


def shipped_book() -> ReferenceBook:
    """Return the shipped tables with nothing chosen."""
    return ReferenceBook(shipped_tables())
