"""The run's figures while it runs: a plain CSV file, and the same for TensorBoard."""

import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cinecor.durable_file import replace_file

STRUCTURE_NAMES: Final = ("rv", "myo", "lv")
_COLUMNS: Final = ("step", "loss", *(f"dice_{name}" for name in STRUCTURE_NAMES), "learning_rate")


@dataclass(frozen=True, slots=True)
class StepReport:
    """Where the run is; `dice` holds RV, MYO, LV of the averaged weights at evaluation steps."""

    step: int  # steps done
    steps: int
    loss: float  # mean since the last recorded step
    learning_rate: float
    seconds_left: float
    dice: tuple[float, float, float] | None
    recorded: bool  # whether this step has a row in the metrics


class MetricsFile:
    """`metrics.csv`; a resumed run goes on as if it had never stopped."""

    def __init__(self, path: Path, *, step: int) -> None:
        """Keep the rows up to `step`: later ones were written after the checkpoint, and will be written again."""
        self._path = path
        rows = []
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as stream:
                rows = [row for row in csv.reader(stream) if row and row[0].isdigit() and int(row[0]) <= step]
        text = io.StringIO()
        csv.writer(text).writerows([_COLUMNS, *rows])
        replace_file(path, text.getvalue().encode())

    def add(self, report: StepReport) -> None:
        """Write one row."""
        dice = ("", "", "") if report.dice is None else tuple(f"{value:.4f}" for value in report.dice)
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            row = (report.step, f"{report.loss:.5f}", *dice, f"{report.learning_rate:.6g}")
            csv.writer(stream).writerow(row)


class TensorBoardLog:
    """The same figures for `tensorboard --logdir`; silent where TensorBoard is not installed."""

    def __init__(self, folder: Path, *, step: int) -> None:
        """Hide events after `step` of an earlier, killed run from the reader."""
        self._writer: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            sys.stderr.write("cinecor-train: TensorBoard is not installed; the figures go to metrics.csv alone.\n")
            return
        self._writer = SummaryWriter(str(folder), purge_step=step + 1)

    def add(self, report: StepReport) -> None:
        """Write one point a curve."""
        if self._writer is None:
            return
        self._writer.add_scalar("loss", report.loss, report.step)
        self._writer.add_scalar("learning rate", report.learning_rate, report.step)
        for name, value in zip(STRUCTURE_NAMES, report.dice or (), strict=False):
            self._writer.add_scalar(f"dice/{name}", value, report.step)
        self._writer.flush()

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()
