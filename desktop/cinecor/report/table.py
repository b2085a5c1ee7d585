"""The result as a table for a terminal."""

import shutil
import textwrap
from pathlib import Path

from cinecor.measure.quality import counted
from cinecor.report.results import Results

_WIDEST, _NARROWEST = 100, 50
# Without the first a lower bound would look like the volume, without the second two volumes as sure of each other.
_TOLD_THOUGH_INFO = ("reaches_stack_end", "stroke_volume_mismatch")
_UNKNOWN = "-"
# Title, unit, field, decimals, and which doubts bear on it in the left column.
_ROWS = (
    ("EDV", "ml", "edv_ml", 1, {"lv"}),
    ("ESV", "ml", "esv_ml", 1, {"lv"}),
    ("SV", "ml", "sv_ml", 1, {"lv"}),
    ("EF", "%", "ef_percent", 1, {"lv"}),
    ("CO", "L/min", "co_l_min", 2, {"lv", "co"}),
    ("Mass", "g", "mass_g", 1, {"mass"}),
)


def result_table(results: Results, *, folder: Path | None = None) -> str:
    """The numbers of both ventricles with their units, what puts them in doubt, and where the files lie.

    Plain text without a newline at the end. A number that a doubtful finding bears on carries `?`; one that
    cannot be known is `-`, and the reasons follow. Sentences are wrapped to the terminal, at most 100 columns.
    """
    doubtful = set(results.quality.doubtful)
    findings = results.quality.findings
    told = [finding.message for finding in findings if finding.severity != "info"]
    lines = [results.input, *_paragraph(_stack_line(results))]
    # Without a choice its sentence is the reason why, and follows below the numbers.
    if results.stack.phases > 1 and results.quality.phase_choice not in (*told, *results.audit.warnings):
        lines.extend(_paragraph(results.quality.phase_choice))
    lines.append("")
    lines.append(f"  {'':12}{'LV':>9}{'RV':>11}{'MYO' if results.stack.phases == 1 else '':>11}".rstrip())
    if results.stack.phases == 1:
        volumes = results.volumes_ml
        lv, rv, myo = (
            _cell(curve[0], 1, doubted=what in doubtful)
            for curve, what in ((volumes.lv, "lv"), (volumes.rv, "rv"), (volumes.myo, "mass"))
        )
        lines.append(f"  {'Volume':<7}{'ml':<5}{lv:>10}{rv:>11}{myo:>11}".rstrip())
    for title, unit, field, decimals, doubts in _ROWS:
        lv = _cell(getattr(results.lv, field), decimals, doubted=bool(doubts & doubtful))
        rv = ""
        if field != "mass_g":
            rv = _cell(getattr(results.rv, field), decimals, doubted=bool({"rv", *(doubts - {"lv"})} & doubtful))
        lines.append(f"  {title:<5}{unit:<7}{lv:>10}{rv:>11}".rstrip())
    lines.append("")
    if doubtful:
        lines.extend(_paragraph("? = doubtful until a reader has looked:"))
    for finding in findings:
        if finding.severity != "info":
            lines.extend(_paragraph(f"{finding.severity}: {finding.message}"))
    notes = [finding.message for finding in findings if finding.code in _TOLD_THOUGH_INFO]
    for note in (*notes, *results.audit.warnings):
        if note not in told:
            lines.extend(_paragraph(f"note: {note}"))
    for convention in ("volume", "papillary", "mass"):
        lines.extend(_paragraph(results.conventions[convention]))
    if folder is not None:
        lines.append(f"  Files: {folder}")
    lines.extend(_paragraph(results.notice))
    return "\n".join(lines)


def _stack_line(results: Results) -> str:
    stack = results.stack
    rate = "" if stack.heart_rate_bpm is None else f", heart rate {stack.heart_rate_bpm:.0f} /min"
    apart = f", {stack.slice_spacing_mm:.1f} mm apart" if stack.slices > 1 else ""
    return (
        f"{counted(stack.slices, 'slice')} x {counted(stack.phases, 'phase')}{apart}{rate}; "
        f"{results.model.id} {results.model.version} {results.model.precision} on {results.runtime.provider_used}"
    )


def _cell(value: float | None, decimals: int, *, doubted: bool) -> str:
    if value is None:
        return f"{_UNKNOWN} "
    return f"{value:.{decimals}f}{'?' if doubted else ' '}"


def _paragraph(text: str) -> list[str]:
    width = min(max(shutil.get_terminal_size(fallback=(_WIDEST, 24)).columns, _NARROWEST), _WIDEST)
    return textwrap.wrap(text, width=width, initial_indent="  ", subsequent_indent="    ", break_long_words=False)
