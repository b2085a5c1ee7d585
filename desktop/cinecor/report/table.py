"""The result as a table for a terminal."""

import shutil
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

from cinecor.measure.ef_interval import interval_message
from cinecor.measure.quantity import QUANTITIES, quantity
from cinecor.measure.reference.comparison import IN_DOUBT, Verdict
from cinecor.measure.reference.table import MID_WALL
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message
from cinecor.report.results import ReferenceFact, ReferenceFacts, Results

_WIDEST, _NARROWEST = 100, 50
# Without the first a lower bound would look like the volume, without the second two volumes as sure of each other.
_TOLD_THOUGH_INFO: Final = ("reaches_stack_end", "stroke_volume_mismatch")
_UNKNOWN = "-"
_DOUBTS: Final = Message("doubts", "? = doubtful until a reader has looked:")
_RANGES: Final = Message("reference_ranges", "Beside reference ranges:")
_MID_WALL: Final = Message("mid_wall", "LV mid wall at ED")
_VOLUME: Final = Message("volume", "Volume")


def result_table(results: Results, *, folder: Path | None = None) -> str:
    """Return the numbers of both ventricles with their units, what puts them in doubt, and where the files lie.

    Plain text without a newline at the end. A number that a doubtful finding bears on carries `?`; one that
    cannot be known is `-`, and the reasons follow. Sentences are wrapped to the terminal, at most 100 columns.
    """
    findings = [finding for finding in results.quality.findings if finding.severity != "info"]
    facts = [finding.fact for finding in findings]
    lines = [results.input, *_paragraph(_stack_line(results))]
    choice = results.quality.phase_choice_facts
    # Without a choice its sentence is the reason why, and follows below the numbers.
    if results.stack.phases > 1 and not any(fact in (*facts, *results.audit.warning_facts) for fact in choice):
        lines.extend(_paragraph(results.quality.phase_choice))
    lines.append("")
    lines.extend(_numbers(results))
    lines.extend(_intervals(results))
    lines.append("")
    if results.reference is not None and (results.reference.comparisons or results.reference.cautions):
        lines.extend(_reference(results.reference))
        lines.append("")
    if results.quality.doubtful:
        lines.extend(_paragraph(str(_DOUBTS)))
    for finding in findings:
        lines.extend(_paragraph(_marked(finding.severity, finding.message)))
    for finding in results.quality.findings:
        if finding.severity == "info" and finding.code in _TOLD_THOUGH_INFO:
            lines.extend(_paragraph(_marked("info", finding.message)))
    for fact, warning in zip_longest(results.audit.warning_facts, results.audit.warnings):  # older results: no facts
        if fact not in facts:
            lines.extend(_paragraph(_marked("info", warning)))
    for convention in ("volume", "base", "papillary", "mass"):
        if convention in results.conventions:  # a whole base needs no word
            lines.extend(_paragraph(results.conventions[convention]))
    if folder is not None:
        lines.append(f"  {Message('files_at', 'Files: {folder}', folder=folder)}")
    lines.extend(_paragraph(results.notice))
    return "\n".join(lines)


def _numbers(results: Results) -> list[str]:
    lone_phase = results.stack.phases == 1
    lv_name, rv_name = (str(ventricle.message) for ventricle in Ventricle)
    lines = [f"  {'':12}{lv_name:>9}{rv_name:>11}{'MYO' if lone_phase else '':>11}".rstrip()]
    if lone_phase:
        volume, volumes = quantity("edv_ml"), results.volumes_ml
        lv, rv, myo = (
            _cell(curve[0], volume.decimals, doubted=what in results.quality.doubtful)
            for curve, what in ((volumes.lv, Concern.LV), (volumes.rv, Concern.RV), (volumes.myo, Concern.MASS))
        )
        lines.append(f"  {_VOLUME!s:<7}{volume.unit:<5}{lv:>10}{rv:>11}{myo:>11}".rstrip())
    for one in QUANTITIES:
        cells = {
            ventricle: _cell(
                one.of(results.lv if ventricle is Ventricle.LV else results.rv),
                one.decimals,
                doubted=results.quality.doubts(one, ventricle),
            )
            for ventricle in one.codes
        }
        lv, rv = cells.get(Ventricle.LV, ""), cells.get(Ventricle.RV, "")
        lines.append(f"  {one.name!s:<5}{one.unit:<7}{lv:>10}{rv:>11}".rstrip())
    return lines


def _intervals(results: Results) -> Iterator[str]:
    for ventricle in Ventricle:
        facts = results.ef_interval.lv if ventricle is Ventricle.LV else results.ef_interval.rv
        if facts is not None:
            message = interval_message(
                ventricle,
                low_percent=facts.low_percent,
                high_percent=facts.high_percent,
                patients=facts.calibrated,
            )
            yield from _paragraph(str(message))


def _reference(reference: ReferenceFacts) -> list[str]:
    """Return a line for each value that has a reference range, and what to mind about them."""
    lines = [f"  {_RANGES}"]
    untold: dict[str, list[ReferenceFact]] = {}
    for one in reference.comparisons:
        name = _measure_name(one.measure)
        if one.why is not None:
            untold.setdefault(one.why, []).append(one)
            continue
        limits, place = _limits(one.lower, one.upper), IN_DOUBT if one.withheld else Verdict(one.verdict).message
        lines.extend(_paragraph(f"{name:20}{one.value:7.1f}  {limits:>8}  {place!s:8} {one.table}"))
    for why, alike in untold.items():
        names = ", ".join(_measure_name(one.measure) for one in alike)
        lines.extend(_paragraph(f"{names}: {why}{_remedy(alike[0])}"))
    for code, caution in reference.cautions.items():
        tables = ", ".join(dict.fromkeys(one.table for one in reference.comparisons if code in one.cautions))
        lines.extend(_paragraph(_marked("info", f"{tables}: {caution}" if tables else caution)))
    return lines


def _remedy(one: ReferenceFact) -> str:
    """Return which options tell what a verdict depends on; nothing where it depends on nothing."""
    if not one.depends_on:
        return ""
    options = ", ".join(f"--{what}" for what in one.depends_on)
    remedy = Message("reference_give", "If it is known, give {options}.", options=options)
    return f" {remedy}"


def _measure_name(key: str) -> str:
    """Return what a measure's key stands for, with its unit: "LV EDV mL/m²"."""
    side, field, *indexed = key.split(".")
    if field == MID_WALL:
        return f"{_MID_WALL} mm"
    one = quantity(field)
    return f"{Ventricle(side).message} {one.name} {one.unit}{'/m²' if indexed else ''}"


def _limits(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return f"≤ {upper:g}" if lower is None else f"≥ {lower:g}"
    return f"{lower:g}-{upper:g}"


def slices_told(n: int) -> Message:
    """Return a number of slices in words."""
    return Message.counted("slices", "{n} slice", "{n} slices", n=n)


def phases_told(n: int) -> Message:
    """Return a number of phases in words."""
    return Message.counted("phases", "{n} phase", "{n} phases", n=n)


def _stack_line(results: Results) -> str:
    stack = results.stack
    told = [
        Message(
            "stack_size",
            "{slices} x {phases}",
            slices=slices_told(stack.slices),
            phases=phases_told(stack.phases),
        )
    ]
    if stack.slices > 1:
        told.append(Message("slices_apart", "{mm:.1f} mm apart", mm=stack.slice_spacing_mm))
    if stack.heart_rate_bpm is not None:
        told.append(Message("heart_rate", "heart rate {bpm:.0f} /min", bpm=stack.heart_rate_bpm))
    model = f"{results.model.id} {results.model.version} {results.model.precision}"
    return f"{', '.join(map(str, told))}; {model} on {results.runtime.provider_used}"


def _marked(severity: str, text: str) -> str:
    match severity:
        case "doubtful":
            message = Message("marked_doubtful", "doubtful: {text}", text=text)
        case "warning":
            message = Message("marked_warning", "warning: {text}", text=text)
        case _:
            message = Message("marked_note", "note: {text}", text=text)
    return str(message)


def _cell(value: float | None, decimals: int, *, doubted: bool) -> str:
    if value is None:
        return f"{_UNKNOWN} "
    return f"{value:.{decimals}f}{'?' if doubted else ' '}"


def _paragraph(text: str) -> list[str]:
    width = min(max(shutil.get_terminal_size(fallback=(_WIDEST, 24)).columns, _NARROWEST), _WIDEST)
    return textwrap.wrap(text, width=width, initial_indent="  ", subsequent_indent="    ", break_long_words=False)
