"""`curve_csv`: the volume curves as a table for a spreadsheet."""

import csv
import io

from cinecor.app.measures import Measures
from cinecor.measure.conventions import NOTICE


def curve_csv(found: Measures, phase_times_ms: tuple[float, ...] | None) -> str:
    """Give one row a phase: phase, time in ms (empty where unknown), LV, RV and MYO volume in ml, ED or ES."""
    stream = io.StringIO()
    stream.write(f"# {NOTICE}\n")
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(("phase", "time_ms", "lv_ml", "rv_ml", "myo_ml", "moment"))
    moments = {found.measurements.es_phase: "ES", found.measurements.ed_phase: "ED"}
    for phase, volumes in enumerate(zip(found.curves.lv_ml, found.curves.rv_ml, found.curves.myo_ml, strict=True)):
        time_ms = "" if phase_times_ms is None else f"{phase_times_ms[phase]:.1f}"
        table.writerow((phase, time_ms, *(f"{value:.2f}" for value in volumes), moments.get(phase, "")))
    return stream.getvalue()
