"""`copies_told`: studies of a cohort that lie more than once among its inputs."""

from typing import Final

from cinecor.cohort.manifest import Manifest
from cinecor.message import Message

_MOST_NAMED: Final = 5


def copies_told(manifest: Manifest) -> Message | None:
    """Return a sentence on studies with the same series as another row, None where there are none.

    Copies keep their rows: which of them counts is for a person to say. NIfTI files have no series to know them by.
    """
    names: dict[str, list[str]] = {}
    for _, study in manifest.studies():
        if study is not None and study.facts is not None and (digest := study.facts.series_digest):
            names.setdefault(digest, []).append(study.folder)
    copies = [" = ".join(several) for several in names.values() if len(several) > 1]
    if not copies:
        return None
    return Message.counted(
        "studies_repeated",
        "{n} study lies more than once among the inputs: {names}; each copy has its row and its bar in the "
        "distributions. To count it once, go by series_digest in cohort.csv.",
        "{n} studies lie more than once among the inputs: {names}; each copy has its row and its bar in the "
        "distributions. To count them once, go by series_digest in cohort.csv.",
        n=len(copies),
        names="; ".join(copies[:_MOST_NAMED]) + ("; …" if len(copies) > _MOST_NAMED else ""),
    )
