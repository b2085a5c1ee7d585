"""`doubt_page`: the figures of doubt as a page of Markdown."""

from collections.abc import Sequence

from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.inference.package.reliability import Reliability
from cinecor_training.doubt.figures import DoubtFigures, exact_interval
from cinecor_training.evaluation.table import Table


def doubt_page(figures: Sequence[DoubtFigures], reliability: Reliability, *, identity: ModelIdentity) -> str:
    """Return the tables with what their columns mean."""
    note = (
        "Frames at ED and ES. Marked: by a check of shape or continuity, or because of frames like it "
        f"{100 * reliability.mark_above:.1f} % or more were wrong. Good: Dice of 0.7 or more. Empty: neither model nor "
        "reader drew anything. Error: sum of |model − reader|; in the worst tenth: its share in the tenth of frames "
        "with the largest expected error; at best: if the errors were known beforehand; by the rim: ranked by what is "
        f"uncertain alone. Fitted on {reliability.data}."
    )
    header = (
        "frames of",
        "ventricle",
        "patients",
        "outlined frames",
        "Dice < 0.7",
        "of these marked",
        "good ones marked",
        "empty ones marked",
        "error, mL",
        "expected, mL",
        "in the worst tenth",
        "at best",
        "by the rim",
    )
    tables = [Table(f"Doubt of {identity.id} {identity.version}", header, tuple(map(_row, figures)), note)]
    tables += interval_tables(reliability)
    return "\n".join(table.markdown() for table in tables)


def interval_tables(reliability: Reliability) -> list[Table]:
    """Return for each interval on whom it was checked: part of the model card, too."""
    columns = ("checked on", "patients", "inside", "share", "exact 95 % interval", "mean width, points")
    return [
        Table(
            f"Interval of the {chamber.upper()} ejection fraction",
            columns,
            tuple(
                (
                    one.data,
                    str(one.patients),
                    str(one.inside),
                    _percent(one.inside / one.patients),
                    " to ".join(_percent(end) for end in exact_interval(one.inside, one.patients)),
                    f"{one.mean_width:.1f}",
                )
                for one in interval.reported
            ),
            f"Of 90 %, model error only. Scale from {interval.fitted} patients, quantiles from {interval.calibrated} "
            f"others ({interval.data}); nobody of them is in the table.",
        )
        for chamber, interval in reliability.ef.items()
    ]


def _row(one: DoubtFigures) -> tuple[str, ...]:
    return (
        one.data,
        one.ventricle.upper(),
        str(one.patients),
        str(one.outlined),
        str(one.wrong),
        _percent(one.wrong_marked),
        _percent(one.good_marked),
        _percent(one.empty_marked),
        f"{one.error_ml:.0f}",
        f"{one.expected_ml:.0f}",
        _percent(one.error_in_worst),
        _percent(one.error_in_worst_at_best),
        _percent(one.error_in_worst_by_rim),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
