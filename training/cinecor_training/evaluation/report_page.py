"""The report: an evaluation as one HTML page that needs no other file, and as Markdown without pictures."""

from collections.abc import Iterable, Sequence
from html import escape

from cinecor_training.evaluation.figure_tables import figure_tables
from cinecor_training.evaluation.peer import PEER_NOTE
from cinecor_training.evaluation.picture import Picture
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.side_by_side import side_by_side
from cinecor_training.evaluation.source_tables import base_table, has_base, sources_table
from cinecor_training.evaluation.study_tables import (
    contoured_table,
    demographics_table,
    patient_table,
    unlabelled_table,
)
from cinecor_training.evaluation.table import Table

PAGE_NAME = "report.html"
MARKDOWN_NAME = "evaluation.md"
_PRIVATE = "This page shows images of patients: do not publish it. evaluation.json and evaluation.md hold figures only."

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; }
th { background: #f0f2f5; }
h2 { margin-top: 2.2rem; }
figure { margin: 1rem 0; }
img { max-width: 100%; }
figcaption, .notice { color: #555; font-size: 13px; }
"""


def report_page(record: EvaluationRecord, pictures: Sequence[Picture]) -> str:
    """Return the page. It shows patients' images: it belongs to the run, never into a repository."""
    body = "".join(table.html() for table in _tables(record)) + "".join(_figure(picture) for picture in pictures)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(_title(record))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(_title(record))}</h1>\n<p class="notice">{escape(record.notice)} {_PRIVATE}</p>\n'
        + "".join(f"<p>{escape(line)}</p>\n" for line in _facts(record))
        + body
        + "</body>\n</html>\n"
    )


def report_markdown(record: EvaluationRecord) -> str:
    """Return the figures alone, without pictures: what may be published."""
    head = [f"# {_title(record)}", "", record.notice, ""]
    for line in _facts(record):
        head += [line, ""]
    return "\n".join(head) + "\n" + "\n".join(table.markdown() for table in _tables(record))


def _title(record: EvaluationRecord) -> str:
    return f"Evaluation of {record.model.id} {record.model.version}"


def _facts(record: EvaluationRecord) -> Iterable[str]:
    stacks = sum(len(patient.stacks) for patient in record.patients)
    seconds = sum(patient.seconds for patient in record.patients)
    yield f"Model {record.model.precision}, SHA-256 {record.model.sha256}, run on {record.provider_used}."
    yield (
        f"{len(record.patients)} patients, {stacks} stacks ({record.split}), "
        f"{seconds / max(stacks, 1):.1f} s a stack with reading."
    )
    if record.trained_on:
        yield f"Not held out, so their figures prove nothing: {', '.join(record.trained_on)}."
    for entry in record.skipped:
        yield f"Left out: {entry.patient}: {entry.reason}"


def _tables(record: EvaluationRecord) -> Iterable[Table]:
    yield from figure_tables(record.figures, record.patients)
    peer = record.beside
    if peer:
        yield side_by_side(record, peer, note=PEER_NOTE)
    if record.sources:
        beside = {f"{peer.model.id} {peer.model.version}": peer.sources} if peer else {}
        yield sources_table(record.sources, beside=beside)
        yield from (base_table(result) for result in record.sources if has_base(result))
    if record.contoured:
        yield contoured_table(record.contoured)
    if record.unlabelled:
        yield unlabelled_table(record.unlabelled)
    if record.demographics:
        yield demographics_table(record.demographics)
    yield patient_table(record.patients)


def _figure(picture: Picture) -> str:
    return (
        f"<h2>{escape(picture.title)}</h2>\n<figure>\n"
        f'<img src="{picture.data_uri}" alt="{escape(picture.title)}">\n'
        f"<figcaption>{escape(picture.caption)}</figcaption>\n</figure>\n"
    )
