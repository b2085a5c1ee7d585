"""`ReviewSession`: an open review whose every step is counted, kept and entered in the ledger."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from cinecor.app.doubts import open_doubts
from cinecor.app.reference import reference_book
from cinecor.errors import InputError, UsageError
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.measurements import Measurements
from cinecor.measure.quantity import QUANTITIES, keys_in_doubt, number_key
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.binding import ef_beside_models, signed_part
from cinecor.report.composition import compose_results
from cinecor.review import Edit, History, Redraw, Review, review_result
from cinecor.review.base_rule import BaseRule
from cinecor.review.correction import Place
from cinecor.review.ledger import Act, Entry, Person
from cinecor.review.ledger.entry import digest
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.log.record import REDO, UNDO, Record, record_of
from cinecor.review.log.replay import replayed
from cinecor.review.standing import Standing, signature_facts
from cinecor.review.store.kept_study import KeptStudy, no_such_result
from cinecor.review.store.kept_values import KeptResult, Reading, Summary
from cinecor.review.store.worklist import Status

_DECIMALS: Final = 3


class ReviewSession:
    """A review with its history; with a store's study, what is done is on the disk before the method returns.

    Without one (the store is off, or could not be opened) everything works and nothing is kept or signed.
    """

    def __init__(self, history: History, *, kept: KeptStudy | None, person: Person) -> None:
        self.history = history
        self.person = person
        self._kept = kept
        self._live = LiveNumbers.of(history.present)
        self._impression = "" if kept is None else kept.impression

    @property
    def review(self) -> Review:
        """The review as it is now."""
        return self.history.present

    @property
    def live(self) -> LiveNumbers | None:
        """Counts of the review as it is now, to follow a drag with; None before the AI result."""
        return self._live

    @property
    def locked(self) -> bool:
        """Whether nothing can be changed: signed, or open in another window."""
        return self._kept is not None and (self._kept.read_only or self._kept.status is Status.SIGNED)

    @property
    def keeps(self) -> bool:
        """Whether what is done is on the disk when it is done; before the AI result it waits in memory for it."""
        return self._kept is not None and not self._kept.read_only and self._live is not None

    @property
    def status(self) -> Status:
        """How far the study has come."""
        if self._kept is not None:
            return self._kept.status
        if self.review.segmentation is None:
            return Status.NEW
        return Status.IN_REVIEW if self.history.edits else Status.OUTLINED

    @property
    def standing(self) -> Standing:
        """The version that is worked on, with its ledger."""
        kept = self._kept
        return Standing() if kept is None else Standing(kept.version, kept.ledger(), kept.ledger_belongs_to)

    @property
    def impression(self) -> str:
        """What the reader wrote for the report, on as many lines as it has."""
        return self._impression

    def keep_impression(self, text: str) -> None:
        """Keep what the reader wrote for the report, of a signed study too; without a store until the study is closed.

        Raises `OutputError` when it cannot be kept.
        """
        if text == self._impression:
            return
        self._impression = text
        if self._kept is not None and not self._kept.read_only:
            self._kept.keep_impression(text)

    def apply(self, edit: Edit) -> bool:
        """Make an edit and keep it; False when it changes nothing.

        Raises `UsageError` when the study is locked and `OutputError` when it cannot be kept: then it is not made.
        """
        self._require_unlocked()
        if not self.history.apply(edit):
            return False
        border = edit.border if isinstance(edit, Redraw) else None
        return self._kept_or(self.history.take_back, record_of(edit), edit.places, border)

    def undo(self) -> bool:
        """Go back one edit and keep that; False when there is none."""
        self._require_unlocked()
        edit = self.history.undo_edit
        if edit is None or not self.history.undo():
            return False
        return self._kept_or(self.history.redo, Record(UNDO), edit.places)

    def redo(self) -> bool:
        """Go forward one edit and keep that; False when there is none."""
        self._require_unlocked()
        edit = self.history.redo_edit
        if edit is None or not self.history.redo():
            return False
        return self._kept_or(self.history.undo, Record(REDO), edit.places)

    def outlined(
        self, segmentation: Segmentation, *, live: LiveNumbers | None = None, content: bytes | None = None
    ) -> bool:
        """Take the AI result that has just come under everything that was done meanwhile, and keep both.

        `live` and `content` are its counts under the present review and its `result_bytes`, where they are made.
        False where the doctor's work over an earlier result is kept: the new one lies beside it then (`use_result`).
        Raises `OutputError` when it cannot be kept; the session has a first one all the same.
        """
        kept, first = self._kept, self.review.segmentation is None
        if kept is not None and not kept.read_only and not first:
            number = kept.add_result(segmentation, use=False, content=content)
            if self.locked or self.history.edits:
                return False
            self.use_result(number)
            return True
        self.history.rebase(lambda review: replace(review, segmentation=segmentation))
        self._live = live or LiveNumbers.of(self.review)
        if kept is None or kept.read_only:
            return True
        kept.add_result(segmentation, content=content)
        undone = self.history.undone_edits
        for edit in (*self.history.edits, *undone):
            kept.keep(record_of(edit), Act(record_of(edit).kind, edit.places), person=self.person)
        for edit in reversed(undone):
            kept.keep(Record(UNDO), Act(UNDO, edit.places), person=self.person)
        self.keep_summary(())
        return True

    @property
    def results(self) -> tuple[KeptResult, ...]:
        """The AI results that are kept of the study, oldest first."""
        return () if self._kept is None else self._kept.results

    @property
    def result_in_use(self) -> int | None:
        """Which of them the review lies over; None where none is kept."""
        return None if self._kept is None else self._kept.result_in_use

    def use_result(self, number: int) -> None:
        """Lay the review over another kept AI result; what was done over it comes with it, the other stays kept.

        Raises `UsageError` when the study is locked or keeps no such result, `InputError` when it cannot be read.
        """
        if self._kept is None:
            raise UsageError(no_such_result(number))
        self._kept.require_writable()
        bare = Review(self.review.stack, self.review.audit, segmentation=self._kept.segmentation(number))
        bare = replace(bare, body=self.history.first.body)
        history = replayed(bare, self._kept.records(result=number))
        self._kept.use_result(number)
        self.history = history
        self._live = LiveNumbers.of(self.review)
        self.keep_summary(())

    def keep_summary(self, findings: Sequence[Finding]) -> None:
        """Keep for the worklist what the numbers are now, how many doubts are open, and the gravest of them."""
        now = None if self._live is None else _measured(self._live)
        if self._kept is None or self._kept.read_only or now is None:
            return
        left = open_doubts(self.review, findings)
        worst = left[0] if left else None
        self._kept.keep_summary(
            Summary(
                now.lv.ef_percent,
                now.rv.ef_percent,
                "" if worst is None else worst.code,
                len(left),
                None if worst is None else worst.message,
                keys_in_doubt(findings),
                _reading(now, self.review),
            )
        )

    def open_doubts(self, findings: Sequence[Finding]) -> tuple[str, ...]:
        """Return the keys of what needs an answer, or a reason, before the study is signed; gravest first."""
        left = open_doubts(self.review, findings)
        return tuple(doubt.key for doubt in left if doubt.severity is Severity.DOUBTFUL)

    def sign(self, *, comment: str, reasons: Mapping[str, str], input_path: Path) -> Entry:
        """Sign the present version: bind masks, numbers, choices, model and ledger, and lock the study.

        `reasons` tells for every open doubt (`open_doubts`) why it is signed all the same. Raises `UsageError` when
        one is missing, nobody's name is known, or nothing is kept.
        """
        kept, result = self._kept, review_result(self.review)
        if kept is None or result is None:
            raise UsageError(Message("nothing_kept_to_sign", "Only a study that is kept and outlined can be signed."))
        if not self.person.name.strip():
            raise UsageError(Message("signer_unnamed", "Give your name and organisation to sign."))
        missing = [key for key in self.open_doubts(result.quality.findings) if not reasons.get(key, "").strip()]
        if missing:
            raise UsageError(
                Message.counted(
                    "doubts_open",
                    "{n} doubt is still open: answer it, or give the reason why you sign all the same.",
                    "{n} doubts are still open: answer them, or give the reasons why you sign all the same.",
                    n=len(missing),
                )
            )
        results = compose_results(
            self.review, result, input_path=input_path, standing=self.standing, book=reference_book()
        )
        assert results.status is not None
        assert results.status.bound is not None
        facts = signature_facts(
            version=kept.version,
            comment=comment,
            reasons=reasons,
            bound=signed_part(results.status.bound),
            ef=ef_beside_models(results),
        )
        return kept.sign(facts, person=self.person)

    def amend(self, reason: str) -> Entry:
        """Begin the next version over the signed one, which stays. Raises `UsageError` when nothing is signed here."""
        if self._kept is None:
            raise UsageError(Message("nothing_kept_to_amend", "Only a study that is kept can be amended."))
        return self._kept.amend(reason, person=self.person)

    def _require_unlocked(self) -> None:
        if self._kept is not None:
            self._kept.require_writable()

    def _kept_or(
        self,
        take_back: Callable[[], object],
        record: Record,
        places: tuple[Place, ...],
        structure: str | None = None,
    ) -> bool:
        """Count and keep what the history has just done, or take it back."""
        before = self._live
        after = LiveNumbers.of(self.review) if before is None else before.after(self.review, places)
        if self._kept is not None and before is not None and after is not None:
            was, now = _measured(before), _measured(after)
            act = Act(
                record.kind,
                places,
                structure,
                {} if was is None or now is None else _change(was, now),
                record=digest([record.kind, record.facts, record.frames.hex()]),
            )
            summary = None
            if now is not None:
                reading = _reading(now, self.review)
                summary = Summary(now.lv.ef_percent, now.rv.ef_percent, reading=reading)
            try:
                self._kept.keep(record, act, person=self.person, summary=summary)
            except BaseException:
                take_back()
                raise
        self._live = after
        return True


def _measured(live: LiveNumbers) -> Measurements | None:
    """Return the numbers; None for a stack whose spacing gives none."""
    try:
        return live.measurements
    except InputError:
        return None


def _numbers(measurements: Measurements) -> dict[str, float]:
    """Return what is known of both ventricles: "lv.edv_ml" and the like."""
    found = {}
    for ventricle in Ventricle:
        for quantity in QUANTITIES:
            value = quantity.of(measurements.of(ventricle))
            if ventricle in quantity.codes and value is not None:
                found[number_key(ventricle, quantity)] = value
    return found


def _reading(measurements: Measurements, review: Review) -> Reading:
    base = BaseRule.FRACTIONAL if review.by_parts else BaseRule.WHOLE
    return Reading(_numbers(measurements), review.papillaries.convention.value, base.value)


def _change(before: Measurements, after: Measurements) -> dict[str, float]:
    """Return which numbers moved by how much."""
    was, now = _numbers(before), _numbers(after)
    moved = {name: round(value - was[name], _DECIMALS) for name, value in now.items() if name in was}
    return {name: by for name, by in moved.items() if by}
