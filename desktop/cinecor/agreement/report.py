"""The comparison on disk: tables for statistics, a page for people; and its table for a terminal."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from cinecor.agreement.bland_altman_plot import bland_altman_svg
from cinecor.agreement.ef_category import EfCategory
from cinecor.agreement.estimate import Estimate
from cinecor.agreement.figures import (
    EVERYBODY,
    FEWEST_STUDIES,
    NUMBERS,
    STATISTICS,
    Agreement,
    Categories,
    NumberAgreement,
    OverlapFigures,
    changes,
)
from cinecor.durable_file import replace_file
from cinecor.measure.conventions import NOTICE
from cinecor.measure.quantity import quantity
from cinecor.message import Message

STUDIES, OVERLAP, FIGURES, PAGE = "studies.csv", "overlap.csv", "agreement.csv", "compare.html"
_PLOTTED: Final = ("lv_edv_ml", "lv_esv_ml", "lv_ef_percent", "lv_mass_g", "rv_edv_ml", "rv_ef_percent")
_STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c2127;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #d9dde2}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:1rem}figure{margin:0}svg{width:100%}
.point circle{fill:#2f6f8f;fill-opacity:.7}.line line{stroke:#8a949e;stroke-dasharray:4 3}
svg text,figcaption{font-size:11px;fill:#4a545e;color:#4a545e}.notice{background:#f4f1e6;padding:.5rem .8rem}
"""


def write_agreement(found: Agreement, folder: Path, *, first: str, second: str) -> None:
    """Write studies.csv, overlap.csv, agreement.csv and compare.html; `first` and `second` name the sides.

    Raises `OutputError`.
    """
    tables = {STUDIES: _study_rows(found), OVERLAP: _overlap_rows(found), FIGURES: _figure_rows(found)}
    for name, rows in tables.items():
        replace_file(folder / name, _csv(rows).encode())
    replace_file(folder / PAGE, _page(found, first=first, second=second).encode("utf-8", "backslashreplace"))


def agreement_table(found: Agreement) -> str:
    """Return the numbers of all studies as lines for a terminal."""
    lines = [f"  {'':12}{'n':>5}{'bias':>9}{'limits of agreement':>24}{'ICC':>8}"]
    for row in found.numbers:
        if not row.group and row.count:
            name = quantity(row.number[3:])
            low, high = (_text(row.statistics[code], name.decimals + 1) for code in ("loa_low", "loa_high"))
            lines.append(
                f"  {row.number[:2].upper() + ' ' + str(name.name):<12}{row.count:>5}"
                f"{_text(row.statistics['bias'], name.decimals + 1):>9}"
                f"{'too few to tell' if row.too_few else low + ' to ' + high:>24}"
                f"{_text(row.statistics['icc_agreement'], 3):>8}"
            )
    if any(row.too_few for row in found.numbers if not row.group):
        lines.append(f"  Limits of agreement and ICC are told of {FEWEST_STUDIES} studies or more.")
    lines.append("")
    lines.append(f"  {'Dice (n)':12}" + "".join(f"{structure.upper():>13}" for structure in ("lv", "myo", "rv")))
    for moment in ("ed", "es"):
        cells = [
            f"{_text(one.dice, 3)} ({0 if one.dice is None else one.dice.count})"
            for one in found.overlaps
            if not one.group and one.level is None and one.moment.value == moment
        ]
        lines.append(f"  {moment.upper():12}" + "".join(f"{cell:>13}" for cell in cells))
    categories = found.categories[EVERYBODY]
    lines.append(f"  LV EF in another category: {changes(categories)} of {categories.total()} studies")
    return "\n".join(lines)


def _study_rows(found: Agreement) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for study in found.studies:
        row: dict[str, object] = {"study": study.study, "group": study.group, "why_not_compared": ""}
        for name in NUMBERS:
            row[f"a_{name}"], row[f"b_{name}"] = _cell(study.first.get(name)), _cell(study.second.get(name))
        row["a_model"], row["b_model"] = study.models
        rows.append(row)
    rows += [{"study": one.study, "why_not_compared": str(one.reason)} for one in found.unpaired]
    return rows


def _overlap_rows(found: Agreement) -> list[dict[str, object]]:
    return [
        {
            "study": study.study,
            "group": study.group,
            "structure": one.structure,
            "moment": one.moment.value,
            "level": "all" if one.level is None else one.level.value,
            "dice": _cell(one.dice),
            "hd95_mm": _cell(one.hd95_mm),
        }
        for study in found.studies
        for one in study.overlaps
    ]


def _figure_rows(found: Agreement) -> list[dict[str, object]]:
    return [
        *(
            {"group": "all", "what": f"{side.lower()}_inputs_{state}", "studies": number}
            for side, rest in found.rests.items()
            for state, number in (("failed", rest.failed), ("waiting", rest.waiting))
        ),
        *map(_number_row, found.numbers),
        *(_category_row(group, categories) for group, categories in found.categories.items()),
        *(row for one in found.overlaps for row in _overlap_figures(one)),
    ]


def _number_row(row: NumberAgreement) -> dict[str, object]:
    values: dict[str, object] = {"group": row.group or "all", "what": row.number, "studies": row.count}
    for code in STATISTICS:
        values |= _estimate_cells(code, row.statistics[code])
    return {**values, "note": "too_few_studies" if row.too_few else ""}


def _category_row(group: str, categories: Categories) -> dict[str, object]:
    return {
        "group": group or "all",
        "what": "lv_ef_category",
        "studies": categories.total(),
        "changed": changes(categories),
    }


def _overlap_figures(row: OverlapFigures) -> list[dict[str, object]]:
    level = "all" if row.level is None else row.level.value
    what = f"{row.structure} {row.moment.value} {level}"
    figures = {"dice": row.dice, "hd95_mm": row.hd95_mm}
    return [
        {
            "group": row.group or "all",
            "what": f"{name} {what}",
            "studies": 0 if one is None else one.count,
            "drawn_by_one_side": row.missing,
            "drawn_by_neither": row.neither,
            **_estimate_cells("mean", one),
        }
        for name, one in figures.items()
    ]


def _estimate_cells(code: str, one: Estimate | None) -> dict[str, object]:
    return {
        code: _cell(None if one is None else one.value),
        f"{code}_low": _cell(None if one is None else one.low),
        f"{code}_high": _cell(None if one is None else one.high),
    }


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    columns: dict[str, None] = {}
    for row in rows:
        columns |= dict.fromkeys(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, "notice"], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "notice": NOTICE} for row in rows)
    return text.getvalue()


def _cell(value: float | None) -> object:
    """Return a number rounded for reading; empty where it is not known, and `inf` where one side drew nothing."""
    if value is None or math.isnan(value):
        return ""
    return "inf" if math.isinf(value) else round(value, 4)


def _page(found: Agreement, *, first: str, second: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(first)} against {escape(second)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(first)} (A) against {escape(second)} (B)</h1>"
        f'<p class="notice">{escape(NOTICE)}</p>'
        f"{_models(found)}<p>{len(found.studies)} studies compared, {len(found.unpaired)} not. Differences are A − B; "
        "intervals are 95 % bootstrap intervals over studies. ICC: two-way, single measurement, absolute agreement "
        "(McGraw and Wong 1996). Intervals, limits of agreement, r and ICC are told of "
        f"{FEWEST_STUDIES} studies or more.</p>"
        f"<h2>Numbers</h2>{_numbers_table(found.numbers)}"
        f'<h2>Bland and Altman</h2><div class="plots">{"".join(_plot(found, name) for name in _PLOTTED)}</div>'
        "<h2>Left ventricular EF by category (ESC 2021)</h2>"
        f"{''.join(_categories_table(group, one) for group, one in found.categories.items())}"
        "<h2>Outlines</h2><p>Where neither side drew a structure there is no Dice and no HD95 of it, and where one "
        "side alone did, no HD95.</p>"
        f"{_overlap_table(found.overlaps)}{_unpaired(found)}</html>\n"
    )


def _numbers_table(rows: Iterable[NumberAgreement]) -> str:
    body = "".join(
        f"<tr><td>{escape(row.group or 'all')}</td><td>{row.number[:2].upper()} {name.name} ({escape(name.unit)})</td>"
        f'<td class="number">{row.count}</td>'
        + "".join(
            f'<td class="number">{_figure(row, code, decimals)}</td>'
            for code, decimals in (
                ("bias", name.decimals + 1), ("loa_low", name.decimals + 1), ("loa_high", name.decimals + 1),
                ("mae", name.decimals + 1), ("r", 3), ("icc_agreement", 3),
            )
        )
        + "</tr>"
        for row in rows
        if row.count and (name := quantity(row.number[3:]))
    )  # fmt: skip
    heads = "".join(
        f'<th class="number">{head}</th>'
        for head in ("studies", "bias", "lower limit", "upper limit", "mean absolute", "r", "ICC")
    )
    return f"<table><tr><th>group</th><th>number</th>{heads}</tr>{body}</table>"


def _figure(row: NumberAgreement, code: str, decimals: int) -> str:
    one = row.statistics[code]
    return "too few to tell" if one is None and row.too_few else _interval(one, decimals)


def _plot(found: Agreement, name: str) -> str:
    both = [
        (one, other)
        for study in found.studies
        if (one := study.first.get(name)) is not None and (other := study.second.get(name)) is not None
    ]
    row = next(one for one in found.numbers if not one.group and one.number == name)
    drawn = [row.statistics[code] for code in ("loa_low", "bias", "loa_high")]
    lines = [line.value for line in drawn if line is not None]
    shown = quantity(name[3:])
    title = f"{name[:2].upper()} {shown.name} ({shown.unit})"
    return bland_altman_svg(
        [one for one, _ in both], [other for _, other in both], title=title, unit=shown.unit, lines=lines
    )


def _models(found: Agreement) -> str:
    """Return what outlined both sides, and below what cautions their figures are read."""
    rows = "".join(
        f"<tr><td>{side}</td><td>{escape(', '.join(models)) or '–'}</td></tr>"
        for side, models in zip("AB", found.models, strict=True)
    )
    cautioned = "".join(f'<p class="notice">{escape(str(one))}</p>' for one in cautions(found))
    return f"{cautioned}<table><tr><th>side</th><th>outlined by the model, or begun from it</th></tr>{rows}</table>"


def cautions(found: Agreement) -> tuple[Message, ...]:
    """Return what to know of the sides: one folder on both, inputs that are not done, and several models on one."""
    same = Message.counted(
        "one_folder_on_both_sides",
        "{n} study has the same folder of results on both sides: it agrees with itself.",
        "{n} studies have the same folder of results on both sides: they agree with themselves.",
        n=found.same_folders,
    )
    rests = (
        Message(
            "side_not_done",
            "Side {side} is a cohort that is not all done, and the rest is not compared: {failed} failed or set aside, "
            "{waiting} waiting.",
            side=side,
            failed=rest.failed,
            waiting=rest.waiting,
        )
        for side, rest in found.rests.items()
    )
    mixed = (
        Message(
            "side_of_several_models",
            "Side {side} holds outlines of several models ({models}): its figures are those of no one of them.",
            side=side,
            models=models,
        )
        for side, models in zip("AB", found.models, strict=True)
        if len(models) > 1
    )
    return (*([same] if found.same_folders else ()), *rests, *_copies(found), *mixed)


def _copies(found: Agreement) -> Iterator[Message]:
    """Yield how many studies there are where some are compared more than once, by their series."""
    known = [one.series for one in found.studies if one.series]
    repeated = len(known) - len(set(known))
    if repeated:
        yield Message(
            "studies_compared_twice",
            "The {pairs} pairs are of {studies} distinct studies: some lie there more than once and count as often, "
            "so that intervals and limits look surer than they are.",
            pairs=len(found.studies),
            studies=len(found.studies) - repeated,
        )


def _categories_table(group: str, categories: Categories) -> str:
    heads = "".join(f'<th class="number">B {_spoken(one)}</th>' for one in EfCategory)
    body = "".join(
        f"<tr><td>A {_spoken(one)}</td>"
        + "".join(f'<td class="number">{categories[one, other]}</td>' for other in EfCategory)
        + "</tr>"
        for one in EfCategory
    )
    return (
        f"<table><tr><th>{escape(group or 'all')}</th>{heads}</tr>{body}</table>"
        f"<p>{changes(categories)} of {categories.total()} change.</p>"
    )


def _overlap_table(rows: Iterable[OverlapFigures]) -> str:
    body = "".join(
        f"<tr><td>{escape(row.group or 'all')}</td><td>{row.structure.upper()}</td><td>{row.moment.value.upper()}</td>"
        f"<td>{'all' if row.level is None else row.level.value}</td>"
        f'<td class="number">{0 if row.dice is None else row.dice.count}</td>'
        f'<td class="number">{_interval(row.dice, 3)}</td><td class="number">{_interval(row.hd95_mm, 1)}</td>'
        f'<td class="number">{row.missing}</td><td class="number">{row.neither}</td></tr>'
        for row in rows
        if row.dice is not None or row.neither
    )
    return (
        "<table><tr><th>group</th><th>structure</th><th>moment</th><th>level</th>"
        '<th class="number">studies</th><th class="number">Dice</th><th class="number">HD95 (mm)</th>'
        '<th class="number">drawn by one side alone</th><th class="number">by neither</th></tr>'
        f"{body}</table>"
    )


def _unpaired(found: Agreement) -> str:
    if not found.unpaired:
        return ""
    rows = "".join(f"<tr><td>{escape(one.study)}</td><td>{escape(str(one.reason))}</td></tr>" for one in found.unpaired)
    return f"<h2>Not compared</h2><table>{rows}</table>"


def _interval(one: Estimate | None, decimals: int) -> str:
    if one is None:
        return "–"
    if one.low is None or one.high is None:
        return f"{one.value:.{decimals}f}"
    return f"{one.value:.{decimals}f} ({one.low:.{decimals}f} to {one.high:.{decimals}f})"


def _text(one: Estimate | None, decimals: int) -> str:
    return "-" if one is None else f"{one.value:.{decimals}f}"


def _spoken(category: EfCategory) -> str:
    return category.value.replace("_", " ")
