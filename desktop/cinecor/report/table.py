"""The result as a table for a terminal."""

from pathlib import Path

from cinecor.report.results import Results

_UNKNOWN = "-"
_ROWS = (
    ("EDV", "ml", "edv_ml", 1),
    ("ESV", "ml", "esv_ml", 1),
    ("SV", "ml", "sv_ml", 1),
    ("EF", "%", "ef_percent", 1),
    ("CO", "L/min", "co_l_min", 2),
    ("Mass", "g", "mass_g", 1),
)


def result_table(results: Results, *, folder: Path | None = None) -> str:
    """The numbers of both ventricles with their units, what puts them in doubt, and where the files lie.

    Plain text without a newline at the end. A number that a doubtful finding concerns carries `?`; one that
    cannot be known is `-`, and the reasons follow.
    """
    doubted = {what for f in results.quality.findings if f.severity == "doubtful" for what in f.concerns}
    stack = results.stack
    lines = [
        results.input,
        f"  {stack.slices} slices x {stack.phases} phases, {stack.slice_spacing_mm:.1f} mm apart",
        f"  {results.quality.phase_choice}",
        "",
        f"  {'':<12}{'LV':>9} {'RV':>10}",
    ]
    for title, unit, field, decimals in _ROWS:
        lv = _cell(getattr(results.lv, field), decimals, doubted=("mass" if field == "mass_g" else "lv") in doubted)
        rv = "" if field == "mass_g" else _cell(getattr(results.rv, field), decimals, doubted="rv" in doubted)
        lines.append(f"  {title:<5}{unit:<7}{lv:>10}{rv:>11}".rstrip())
    lines.append("")
    lines.extend(f"  {f.severity}: {f.message}" for f in results.quality.findings if f.severity != "info")
    lines.extend(f"  note: {warning}" for warning in results.audit.warnings)
    lines.append(f"  {results.conventions['papillary']} {results.conventions['mass']}")
    if folder is not None:
        lines.append(f"  Files: {folder}")
    lines.append(f"  {results.notice}")
    return "\n".join(lines)


def _cell(value: float | None, decimals: int, *, doubted: bool) -> str:
    if value is None:
        return f"{_UNKNOWN} "
    return f"{value:.{decimals}f}{'?' if doubted else ' '}"
