"""How far a batch is: told while it goes on, and at its end."""

import sys
import time
from typing import TYPE_CHECKING, Any

from cinecor.console import complain
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.app.cohort.batch import Batch
    from cinecor.app.cohort.cohort_run import Headway, Settled


class Progress:
    """A bar on a terminal, a line now and then in a pipe."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._started = self._last = time.monotonic()
        self._done = self._failed = 0
        self._bar: Any = None
        if sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=0, unit="study", file=sys.stderr, dynamic_ncols=True)

    def settled(self, told: "Settled") -> None:
        """Count what ended."""
        self._done += 1
        self._failed += not told.outcome.done

    def stands(self, told: "Headway") -> None:
        """Show how far it is."""
        if self._bar is not None:
            if (told.found, told.settled) != (self._bar.total, self._bar.n):
                self._bar.total = told.found
                self._bar.update(told.settled - self._bar.n)
                self._bar.set_postfix_str(self._words(told), refresh=False)
            return
        now = time.monotonic()
        if now - self._last >= self._every_s:
            self._last = now
            an_hour = 3600 * self._done / (now - self._started)
            complain(
                Message(
                    "batch_progress",
                    "{settled} of {found}{more} done, {failed} failed; {an_hour:.0f} studies an hour",
                    settled=told.settled,
                    found=told.found,
                    more="" if told.search_ended else "+",
                    failed=self._failed,
                    an_hour=an_hour,
                )
            )

    def _words(self, told: "Headway") -> str:
        searching = "" if told.search_ended else ", searching"
        return f"{self._failed} failed{searching}"

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()


def tell_end(batch: "Batch") -> None:
    """Tell what was done again and why, what failed, and how much there is of each."""
    from cinecor.cohort.input_row import State

    redone = batch.redone
    for number, message in (
        (
            redone.changed,
            Message.counted(
                "redone_changed",
                "{n} input has changed since: it was done again.",
                "{n} inputs have changed since: they were done again.",
                n=redone.changed,
            ),
        ),
        (
            redone.other_model,
            Message.counted(
                "redone_model",
                "{n} input had been outlined with another model: it was done again.",
                "{n} inputs had been outlined with another model: they were done again.",
                n=redone.other_model,
            ),
        ),
        (
            redone.results_gone,
            Message.counted(
                "redone_gone",
                "Results of {n} input were no longer there: it was done again.",
                "Results of {n} inputs were no longer there: they were done again.",
                n=redone.results_gone,
            ),
        ),
        (
            redone.failed,
            Message.counted(
                "redone_failed",
                "{n} input that had failed was tried again.",
                "{n} inputs that had failed were tried again.",
                n=redone.failed,
            ),
        ),
        (
            redone.reports,
            Message.counted(
                "redone_reports",
                "{n} input that was done before got its report.",
                "{n} inputs that were done before got their reports.",
                n=redone.reports,
            ),
        ),
        (
            redone.beside_readings,
            Message.counted(
                "redone_beside_readings",
                "A person corrected or signed the results of {n} input: they stay, the new ones got a name of their "
                "own.",
                "A person corrected or signed the results of {n} inputs: they stay, the new ones got names of their "
                "own.",
                n=redone.beside_readings,
            ),
        ),
    ):
        if number:
            complain(message)
    for caution in (batch.left, batch.copies):
        if caution is not None:
            complain(caution)
    for code, number, example in batch.failures:
        complain(Message("batch_failure", "{n} × {code}, for example: {example}", n=number, code=code, example=example))
    counts = batch.counts
    complain(
        Message(
            "batch_ended",
            "{done} done, {failed} failed, {aside} set aside, {empty} folders without images; see {page}",
            done=counts.get(State.DONE, 0),
            failed=counts.get(State.FAILED, 0),
            aside=counts.get(State.SET_ASIDE, 0),
            empty=counts.get(State.WITHOUT_IMAGE, 0),
            page=batch.out_dir / "cohort.html",
        )
    )
