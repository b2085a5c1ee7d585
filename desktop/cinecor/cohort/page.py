"""`cohort.html`: a cohort on one page: how many, how the numbers are spread, what failed, what to look at first."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cinecor.cohort.histogram import histogram_svg
from cinecor.cohort.input_row import InputRow, State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.review_list import ReviewItem, finding_sentences, review_items
from cinecor.cohort.study_facts import StudyFacts
from cinecor.durable_file import replace_file
from cinecor.measure.conventions import NOTICE
from cinecor.measure.quantity import QUANTITIES, Quantity, number_name, quantity
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message

PAGE_NAME: Final = "cohort.html"
_MOST_LISTED: Final = 500  # a page must open; the table and the desktop hold all
_MOST_FAILURES: Final = 200
_CONCERNS: Final = {
    Concern.LV.value: "LV volumes and EF",
    Concern.RV.value: "RV volumes and EF",
    Concern.MASS.value: "LV mass",
    Concern.CO.value: "cardiac output",
}
_STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2127;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d9dde2;
vertical-align:top}td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.spread{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:1rem}figure{margin:0}
svg{width:100%}.bar rect{fill:#2f6f8f}svg text,figcaption{font-size:12px;fill:#4a545e;color:#4a545e}
.axis line{stroke:#8a949e}code,summary{font-size:12px;color:#4a545e}td p{margin:0 0 .3rem}
.doubtful{color:#9b1c1c}.notice{background:#f4f1e6;padding:.5rem .8rem}
@media (prefers-color-scheme:dark){body{background:#14181c;color:#e3e7eb}th,td{border-color:#343b42}
.bar rect{fill:#62aacb}svg text,figcaption,code,summary{fill:#a9b3bd;color:#a9b3bd}.doubtful{color:#ff9b9b}
.notice{background:#2b2a22}}
"""


def write_page(manifest: Manifest, folder: Path, *, cautions: Sequence[Message] = ()) -> None:
    """Write cohort.html, which needs nothing but itself, with `cautions` on top. Raises `OutputError`."""
    items = review_items(manifest, folder, most=_MOST_LISTED)
    parts = (
        f"<h1>Cohort {escape(folder.resolve().name)}</h1>",
        f'<p class="notice">{escape(NOTICE)} Every number is the model’s own unless a reader’s result says '
        "otherwise.</p>",
        *(f'<p class="notice">{escape(str(caution))}</p>' for caution in cautions),
        _counted(manifest),
        _spread(manifest),
        _failures(manifest),
        _list(items, total=sum(1 for _, study in manifest.studies() if study and study.facts)),
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Cohort {escape(folder.resolve().name)}</title><style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )
    replace_file(folder / PAGE_NAME, page.encode("utf-8", "backslashreplace"))


def _counted(manifest: Manifest) -> str:
    counts = manifest.counts()
    words = {
        State.DONE: "done",
        State.FAILED: "failed",
        State.SET_ASIDE: "set aside: the process that worked on it ended, twice",
        State.WITHOUT_IMAGE: "folders with files, but no image",
        State.CLAIMED: "being worked on when the run ended",
        State.WAITING: "waiting",
    }
    rows = "".join(
        f'<tr><td>{words[state]}</td><td class="number">{counts[state]}</td></tr>'
        for state in words
        if counts.get(state)
    )
    return f'<h2>Inputs</h2><table><tr><th>what became of them</th><th class="number">inputs</th></tr>{rows}</table>'


def _spread(manifest: Manifest) -> str:
    values: dict[tuple[Ventricle, str], list[float]] = {
        (ventricle, one.field): []
        for ventricle in Ventricle
        for one in QUANTITIES
        if one.headline and ventricle in one.codes
    }
    of_one_phase = 0
    for _, study in manifest.studies():
        if study is not None and study.facts is not None:
            of_one_phase += bool(study.facts.lone_phase_ml)
            for (ventricle, field), found in values.items():
                number = study.facts.numbers.get(f"{ventricle.value}_{field}")
                if number is not None:
                    found.append(number)
    pictures = "".join(
        histogram_svg(found, title=f"{ventricle.message} {quantity(field).name}", unit=quantity(field).unit)
        for (ventricle, field), found in values.items()
    )
    lone = (
        f"<p>Without those of one phase only ({of_one_phase}), which have volumes (in cohort.csv) and no EF.</p>"
        if of_one_phase
        else ""
    )
    return f'<h2>Distributions</h2>{lone}<div class="spread">{pictures}</div>'


def _failures(manifest: Manifest) -> str:
    reasons = manifest.failures()
    if not reasons:
        return "<h2>Failures</h2><p>None.</p>"
    by_reason = "".join(
        f'<tr><td class="number">{number}</td><td>{escape(message)} <code>{escape(code)}</code></td></tr>'
        for code, number, message in reasons
    )
    failed = list(_failed(manifest))
    each = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(message)} <code>{escape(code)}</code></td></tr>"
        for name, code, message in failed[:_MOST_FAILURES]
    )
    more = f"<p>{len(failed) - _MOST_FAILURES} more are in cohort.csv.</p>" if len(failed) > _MOST_FAILURES else ""
    return (
        '<h2>Failures by reason</h2><table><tr><th class="number">studies</th>'
        "<th>why, for example (and its code in cohort.csv)</th></tr>"
        f"{by_reason}</table><details><summary>each of them</summary><table><tr><th>study</th>"
        f"<th>what and what to do</th></tr>{each}</table>{more}</details>"
    )


def _failed(manifest: Manifest) -> Iterator[tuple[str, str, str]]:
    for row, study in manifest.studies():
        code, message = _reason(row, study)
        if code:
            yield row.name, code, message


def _reason(row: InputRow, study: StudyRow | None) -> tuple[str, str]:
    return (row.code, row.message) if study is None or row.code else (study.code, study.message)


def _list(items: tuple[ReviewItem, ...], *, total: int) -> str:
    if not items:
        return ""
    rows = "".join(map(_item, items))
    told = (
        f"The {len(items)} most in need of a reader, of {total}; cohort.csv and the desktop have all."
        if total > len(items)
        else "Those most in need of a reader come first: more numbers in doubt, more doubtful findings, "
        "less confidence."
    )
    return (
        f"<h2>What to look at first</h2><p>{told} A number with ? is in doubt until a reader has looked: the desktop "
        "opens these studies, corrects and signs them.</p>"
        "<table><tr><th>study</th><th>in doubt</th><th>why</th>"
        '<th class="number">LV EDV</th><th class="number">LV EF</th><th class="number">RV EDV</th>'
        f'<th class="number">RV EF</th></tr>{rows}</table>'
    )


def _item(item: ReviewItem) -> str:
    numbers = "".join(
        f'<td class="number">{_number(item.facts, ventricle, quantity(field))}</td>'
        for ventricle in Ventricle
        for field in ("edv_ml", "ef_percent")
    )
    in_doubt = escape(", ".join(_CONCERNS.get(one, one) for one in item.facts.doubtful))
    link = f"{quote(item.name)}/results.json"
    return (
        f'<tr><td><a href="{link}">{escape(item.name)}</a></td><td class="doubtful">{in_doubt}</td>'
        f"<td>{_why(item)}</td>{numbers}</tr>"
    )


def _why(item: ReviewItem) -> str:
    """Return what makes a number doubtful as sentences, and what else is worth a look below, folded."""
    told = finding_sentences(item)
    doubts = "".join(f'<p class="doubtful">{escape(text)}</p>' for text, grave in told if grave)
    others = "".join(f"<p>{escape(text)}</p>" for text, grave in told if not grave)
    count = sum(not grave for _, grave in told)
    folded = f"<details><summary>{count} more to look at</summary>{others}</details>" if others else ""
    return doubts + folded


def _number(facts: StudyFacts, ventricle: Ventricle, one: Quantity) -> str:
    name = number_name(ventricle, one)
    value = facts.numbers.get(name)
    if value is None:
        return "–"
    return f"{value:.{one.decimals}f}" + (' <span class="doubtful">?</span>' if name in facts.doubtful_numbers else "")
