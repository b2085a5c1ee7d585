"""How long a process may take is counted anew with each study of an input of several."""

import multiprocessing
import time
from types import SimpleNamespace

from cinecor.app.cohort.local_workers import LocalWorkers, _Worker
from cinecor.app.cohort.worker_messages import GoesOn, WorkerSettings


def test_that_the_time_of_one_study_does_not_count_for_the_next() -> None:
    workers = LocalWorkers(1, WorkerSettings(None, "cpu", 1), time_limit_s=600.0)
    line, told = multiprocessing.Pipe(duplex=False)
    ended: list[bool] = []
    process = SimpleNamespace(kill=lambda: ended.append(True), join=lambda: None)
    worker = _Worker(process, told, line, ready=True, given=[1], since=time.monotonic() - 599.0)  # type: ignore[arg-type]
    workers._workers.append(worker)
    told.send(GoesOn(1))
    assert workers.heard(wait_s=1.0) == []
    assert time.monotonic() - worker.since < 300.0
    worker.since -= 700.0
    workers.heard(wait_s=0.0)
    assert worker.late
    assert ended == [True]
