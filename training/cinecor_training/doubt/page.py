"""`doubt_page`: the figures of doubt as a page of Markdown."""

from collections.abc import Sequence

from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.inference.package.reliability import Reliability
from cinecor.measure.findings.confidence import LEAST_CONFIDENCE
from cinecor_training.doubt.figures import DoubtFigures, exact_interval
from cinecor_training.evaluation.table import Table


def doubt_page(figures: Sequence[DoubtFigures], reliability: Reliability, *, identity: ModelIdentity) -> str:
    """Return the tables with what their columns mean."""
    note = (
        "Frames at ED and ES. Marked: by a check of shape or continuity, or because of frames like it a share was "
        f"wrong ({_limits(reliability)}). Good: Dice of 0.7 or more. Empty: neither model nor reader drew anything. "
        f"Unsure: confidence below {LEAST_CONFIDENCE}, which marks where a model brings no constants. "
        "Error: sum of |model − reader|; in the worst tenth: its share in the tenth of frames with the largest "
        "expected error; at best: if the errors were known beforehand; by the rim: ranked by what is uncertain alone. "
        f"Fitted on {reliability.data}."
    )
    header = (
        "frames of",
        "ventricle",
        "patients",
        "outlined frames",
        "Dice < 0.7",
        "of these marked",
        "of these, of what the model drew",
        "good ones marked",
        "empty ones marked",
        "good and empty ones",
        "unsure, of wrong outlines",
        "of good ones",
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
            "Of 90 %, model error only: what experts find who see the whole cine. Scale from "
            f"{interval.fitted} patients, quantiles from {interval.calibrated} others ({interval.data}); nobody of "
            "them is in the table. What readers drew on two given frames is told for comparison and is no promise of "
            "the interval's.",
        )
        for chamber, interval in reliability.ef.items()
    ]


def _limits(reliability: Reliability) -> str:
    return ", ".join(
        f"{chamber.upper()}: {100 * one.outlined:.1f} % or more, of empty ones {100 * one.empty:.0f} %"
        for chamber, one in reliability.limits.items()
    )


def _row(one: DoubtFigures) -> tuple[str, ...]:
    return (
        one.data,
        one.ventricle.upper(),
        str(one.patients),
        str(one.outlined),
        str(one.wrong),
        _percent(one.wrong_marked),
        _percent(one.outlined_wrong_marked),
        _percent(one.good_marked),
        _percent(one.empty_marked),
        _percent(one.right_marked),
        _percent(one.outlined_wrong_unsure),
        _percent(one.good_unsure),
        f"{one.error_ml:.0f}",
        f"{one.expected_ml:.0f}",
        _percent(one.error_in_worst),
        _percent(one.error_in_worst_at_best),
        _percent(one.error_in_worst_by_rim),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
