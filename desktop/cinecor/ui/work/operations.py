"""`Operations`: the one owner of running operations: started, heard, cancelled and waited for."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.work import Call, Operation, Report, State
from cinecor.ui.look.failure import Failure, failure_of

T = TypeVar("T")


class Operations(QObject):
    """Operations of one owner (a study, the window's saving, the desktop), kept until their threads have ended.

    What an operation tells reaches the functions given to `start` on the thread of this object, each bound to the
    request that it answers: who asks again tells an old answer by the request it closes over.
    """

    changed = Signal()  # one began, ended, or told of its progress
    failed = Signal(Failure)  # work for whose failure nobody gave a function
    gone = Signal()  # retired, and no thread is left
    _posted = Signal(object)  # Call, from an operation's thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.report: Report | None = None
        self.retired = False
        self._running: list[Operation[object]] = []
        self._posted.connect(self._call)

    def start(
        self,
        name: str,
        work: Callable[[Operation[T]], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        quiet: bool = False,
    ) -> Operation[T]:
        """Start work in the background, and call one of the three functions when it has ended.

        A failure for which no function is given is told by the signal `failed`, unless the owner is retired. The
        progress of `quiet` work is not told: nobody waits for it.
        """

        def ended(operation: Operation[T]) -> None:
            self._end(operation)
            try:
                answer(operation)
            finally:
                self._tell()

        def answer(operation: Operation[T]) -> None:
            if operation.state is State.DONE and done is not None:
                done(operation.result)  # type: ignore[arg-type]  # a result that may be None is one of type T
            elif operation.state is State.FAILED and operation.error is not None:
                if failed is not None:
                    failed(operation.error)
                elif not self.retired:
                    self.failed.emit(failure_of(operation.error))
            elif operation.state is State.CANCELLED and cancelled is not None:
                cancelled()

        if not quiet:
            self.report = None  # what was told of other work would be taken for this one's
        operation = Operation(name, work, heard=None if quiet else self._hear, ended=ended, post=self._posted.emit)
        self._running.append(operation)  # type: ignore[arg-type]  # its result is read by `ended` alone
        operation.start()
        self.changed.emit()
        return operation

    @property
    def busy(self) -> bool:
        """Whether any operation runs."""
        return bool(self._running)

    def runs(self, operation: Operation[T] | None) -> bool:
        """Return whether an operation runs, or has not been heard to its end."""
        return any(one is operation for one in self._running)

    def cancel(self) -> None:
        """Stop everything; what is there already stays."""
        for operation in self._running:
            operation.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for all threads; False when one still runs. What they told is heard with the next events."""
        return not [one for one in list(self._running) if not one.wait(timeout_s)]  # each gets its time

    def retire(self) -> None:
        """Stop all work without waiting; `gone` is told when the last thread has ended."""
        self.retired = True
        self.cancel()
        if not self._running:
            self.gone.emit()

    @Slot(object)
    def _call(self, call: Call) -> None:
        call()

    def _hear(self, report: Report) -> None:
        self.report = report
        self.changed.emit()

    def _end(self, operation: Operation[T]) -> None:
        operation.wait()
        self._running = [one for one in self._running if one is not operation]
        if not self._running:
            self.report = None

    def _tell(self) -> None:
        self.changed.emit()
        if self.retired and not self._running:
            self.gone.emit()
