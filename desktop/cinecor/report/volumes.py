"""The volume curves as `volumes.csv`: one row a phase, plain enough for any reader."""

import csv
import io

from cinecor.report.results import Results

COLUMNS = ("phase", "time_ms", "lv_ml", "rv_ml", "myo_ml", "is_ed", "is_es", "notice")


def volumes_csv(results: Results) -> str:
    """Return the text of `volumes.csv`: a header line, then one row a phase; UTF-8, comma, newline.

    `phase` counts from 0; `time_ms` is empty where the times are unknown; `is_ed` and `is_es` are 0 or 1. The
    notice is a column, because a comment line would break `csv.DictReader` and `pandas.read_csv`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    times_ms = results.stack.phase_times_ms
    for phase in range(results.stack.phases):
        writer.writerow(
            (
                phase,
                "" if times_ms is None else times_ms[phase],
                results.volumes_ml.lv[phase],
                results.volumes_ml.rv[phase],
                results.volumes_ml.myo[phase],
                int(phase == results.ed_phase),
                int(phase == results.es_phase),
                results.notice,
            )
        )
    return text.getvalue()
