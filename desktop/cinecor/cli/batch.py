"""`cinecor batch`: many studies, found by searching folders; it can be stopped at any moment and goes on."""

import argparse
import json
import os
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cinecor.cli.arguments import add_model_options, add_report_look, path, require_place
from cinecor.cli.batch_progress import Progress, tell_end
from cinecor.cli.open import require_input
from cinecor.console import complain, say
from cinecor.errors import UsageError
from cinecor.failure import DONE, SOME_FAILED
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.app.cohort.cohort_run import Settled
    from cinecor.app.cohort.workers import Workers
    from cinecor.app.report_study import ReportOptions

_EVERY_S: Final = 30.0
_TIME_LIMIT_MIN: Final = 60.0
_GIB: Final = 1024**3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cinecor batch` to a parser."""
    parser.add_argument("inputs", nargs="*", type=path, metavar="INPUT", help="folder to search, or one input")
    parser.add_argument("--out", type=path, required=True, metavar="DIR", help="where results, tables and page go")
    parser.add_argument(
        "--from-list", type=path, action="append", default=[], metavar="CSV",
        help="take the inputs that this file names in its column “input”",
    )  # fmt: skip
    parser.add_argument("--report", choices=("pdf",), help="also make the report of each study")
    parser.add_argument("--match", metavar="PATTERN", help="only inputs whose path ends so, for example '*_4d.nii.gz'")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="work on the cluster of this dask scheduler (tcp://… or tls://…)"
    )
    parser.add_argument(
        "--wait-for-workers", type=float, metavar="MIN", help="with --dask: how long none may be ready (default: 10)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the cohort that lies in DIR")
    parser.add_argument("--retry-failed", action="store_true", help="with --resume: work on what failed again")
    parser.add_argument(
        "--limit-memory", nargs="?", type=float, const=0.0, metavar="GIB",
        help="each process may use no more (without a number: its share of this machine)",
    )  # fmt: skip
    parser.add_argument(
        "--time-limit", type=float, metavar="MIN", help=f"for one input; 0: none (default: {_TIME_LIMIT_MIN:g})"
    )
    parser.add_argument("--json-lines", action="store_true", help="print a line of JSON for each input as it ends")
    parser.add_argument(
        "--progress-every",
        type=float,
        default=_EVERY_S,
        metavar="S",
        help="seconds between lines of progress in a pipe",
    )
    add_report_look(parser)  # no impression: one for every patient would be wrong
    add_model_options(parser)


def run(options: argparse.Namespace) -> int:
    """Return the exit code: 0 everything is done, 1 something failed or was set aside, or nothing fits `--match`."""
    _require_sense(options)
    from cinecor.app.cohort.batch import Batch
    from cinecor.app.cohort.cohort_run import Settled

    batch = Batch(
        inputs=options.inputs,
        out_dir=options.out,
        lists=options.from_list,
        pattern=options.match,
        resume=options.resume or options.retry_failed,
        retry_failed=options.retry_failed,
        report=_report(options),
    )
    try:
        with (
            closing(Progress(options.progress_every)) as progress,
            closing(batch.run(model=options.model, start=lambda: _workers(options))) as run,
        ):
            for told in run:
                if isinstance(told, Message):
                    complain(told)
                elif isinstance(told, Settled):
                    if options.json_lines:
                        say(json.dumps(_as_json(told)) + "\n")
                    progress.settled(told)
                else:
                    progress.stands(told)
    finally:
        if batch.counts:  # also of a run that was stopped
            tell_end(batch)
    return SOME_FAILED if batch.failures or batch.matched_none else DONE


def _require_sense(options: argparse.Namespace) -> None:
    """Raise `UsageError` for a request that makes none, before any work."""
    if not options.inputs and not options.from_list:
        raise UsageError(Message("nothing_to_batch", "Name a folder to search, or a list by --from-list."))
    require_input(options.inputs)
    require_place(options.out)
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(Message("jobs_not_positive", "--jobs {jobs}: give 1 or more.", jobs=options.jobs))
    for name, value in (("--limit-memory", options.limit_memory), ("--time-limit", options.time_limit)):
        if value is not None and not value >= 0:
            raise UsageError(
                Message("limit_negative", "{name} {value:g}: give no less than 0.", name=name, value=value)
            )
    if options.wait_for_workers is not None and (options.dask is None or not options.wait_for_workers > 0):
        raise UsageError(
            Message(
                "wait_without_dask",
                "--wait-for-workers belongs to --dask, and takes minutes; leave it out, or give some.",
            )
        )
    if options.dask is not None and (
        options.jobs is not None or options.time_limit is not None or options.limit_memory == 0.0
    ):
        raise UsageError(
            Message(
                "local_options_with_dask",
                "--jobs, --time-limit and --limit-memory without a number are of processes on this machine: with "
                "--dask leave them out, or give --limit-memory a number.",
            )
        )


def _report(options: argparse.Namespace) -> "ReportOptions | None":
    """Return how reports look, as `cinecor report` makes them; None where none are wanted.

    Raises `UsageError` for how they look without `--report`, `InputError` for a logo that is none: before any work.
    """
    if options.report is None:
        if (options.language, options.department, options.logo) != ("en", None, None):
            raise UsageError(
                Message("report_options_alone", "--language, --department and --logo belong to --report pdf; add it.")
            )
        return None
    from cinecor.app.policy import user_settings
    from cinecor.app.report_study import read_logo, report_options

    wanted = report_options(
        user_settings(), language=options.language, department=options.department, logo=options.logo
    )
    if wanted.logo is None:
        return wanted
    read_logo(wanted.logo)
    return replace(wanted, logo=wanted.logo.absolute())  # workers may run elsewhere


def _workers(options: argparse.Namespace) -> "Workers":
    from cinecor.app.cohort.memory_limit import memory_share, require_memory_limit
    from cinecor.app.cohort.worker_messages import WorkerSettings
    from cinecor.inference.device.hardware import usable_cores

    if options.dask is not None:
        return _cluster(options)
    from cinecor.app.cohort.local_workers import LocalWorkers

    cores = usable_cores() or max(1, (os.cpu_count() or 2) // 2)
    jobs = options.jobs or cores
    memory_bytes = None
    if options.limit_memory is not None:
        require_memory_limit()
        memory_bytes = int(options.limit_memory * _GIB) or memory_share(jobs)
    settings = WorkerSettings(options.model, options.device, max(1, cores // jobs), memory_bytes)
    limit_min = _TIME_LIMIT_MIN if options.time_limit is None else options.time_limit
    workers = LocalWorkers(jobs, settings, time_limit_s=60 * limit_min or None)
    workers.start()
    return workers


def _cluster(options: argparse.Namespace) -> "Workers":
    """Connect to a cluster; each of its threads works on one input, with one core."""
    from cinecor.app.cohort.cluster_workers import WAIT_MIN, ClusterWorkers, in_the_clear
    from cinecor.app.cohort.memory_limit import require_memory_limit
    from cinecor.app.cohort.worker_messages import WorkerSettings

    if options.limit_memory is not None:
        require_memory_limit()
    memory_bytes = int((options.limit_memory or 0) * _GIB) or None
    model = None if options.model is None else options.model.absolute()
    caution = in_the_clear(options.dask)
    if caution is not None:
        complain(caution)
    seen = [options.out, *options.inputs, *options.from_list]
    return ClusterWorkers(
        options.dask,
        WorkerSettings(model, options.device, 1, memory_bytes),
        seen=[one.absolute() for one in seen],
        wait_s=60 * (WAIT_MIN if options.wait_for_workers is None else options.wait_for_workers),
        tell=complain,
    )


def _as_json(told: "Settled") -> dict[str, Any]:
    row = told.row
    return {
        "input": str(row.path),
        "state": row.state.value,
        "again": "" if told.again is None else told.again.value,
        "code": row.code,
        "error": row.message,
        "seconds": round(told.outcome.seconds, 3),
        "studies": [
            {
                "folder": study.folder,
                "code": study.code,
                "error": study.message,
                **({} if study.facts is None else study.facts.to_keep()),
            }
            for study in told.outcome.studies
        ],
    }
