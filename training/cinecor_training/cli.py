"""`cinecor-train`: from labelled studies to weights."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from cinecor import console
from cinecor.errors import UsageError
from cinecor.failure import DONE
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor_training.config import TrainingConfig
    from cinecor_training.data.case import BadCase
    from cinecor_training.data.settings import AnySettings
    from cinecor_training.display import Display

_BAD_CASES_SHOWN = 5
_DATA_HELP = (
    "ACDC's training folder (patient001, …), or KIND=FOLDER with KIND one of acdc, mnms, mnms2, sunnybrook, kaggle, "
    "sunnybrook-frames, myops, corrected, store, or “store” alone (the signed studies of this user), or phantom=COUNT; "
    "may be given more than once, and replaces what the config names"
)


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code of `cinecor-train`: 0 done, 1 bad input, 2 wrong usage, 130 stopped."""
    parser = argparse.ArgumentParser(prog="cinecor-train", description="Train the segmentation network.")
    parser.add_argument("--data", action="append", default=[], metavar="DATA", help=_DATA_HELP)
    parser.add_argument("--consent", default="", metavar="TEXT", help="on what ground a site's studies are learnt from")
    parser.add_argument("--licence", default="", metavar="TEXT", help="terms that a site's studies put on the weights")
    parser.add_argument("--out", type=Path, help="run folder; an interrupted run there goes on")
    parser.add_argument("--config", type=Path, help="JSON file with settings that differ from the defaults")
    parser.add_argument("--store", type=Path, help="where prepared frames are kept (default: store/ in the run folder)")
    parser.add_argument("--fold", metavar="K/N", help="validate on part K of N of the patients, K from 0")
    parser.add_argument("--until", type=int, metavar="STEP", help="stop after this step; the run can go on later")
    parser.add_argument(
        "--time-step",
        action="store_true",
        help="only time a training step of the config in float32 and in bfloat16 here, and say which a run would take",
    )
    options = parser.parse_args(arguments)
    if options.out is None and not options.time_step:
        parser.error("the following arguments are required: --out")

    return console.run(lambda: _run(options), program="cinecor-train", stopped=lambda: _stopped(options.out))


def _stopped(out: Path | None) -> Message:
    """Return what a run that was stopped leaves behind."""
    if out is not None and any(out.glob("checkpoint-*.safetensors")):
        return Message("training_stopped", "stopped; the same command goes on from the last checkpoint.")
    return Message(
        "training_stopped_early", "stopped before the first checkpoint; the same command begins training anew."
    )


def _run(options: argparse.Namespace) -> int:
    from cinecor_training.config import config_problems
    from cinecor_training.data.settings import settings_from_argument
    from cinecor_training.display import Display

    try:
        if options.time_step:
            _time_step(_recipe(options.config))
            return DONE
        data = tuple(
            settings_from_argument(text, consent=options.consent, licence=options.licence) for text in options.data
        )
        config = _config(options.config, data=data, fold=options.fold)
    except ValidationError as error:
        raise UsageError(
            Message(
                "config_wrong",
                "{where}: {problems}.",
                where=options.config or "--fold",
                problems="; ".join(config_problems(error)),
            )
        ) from error
    if options.until is not None and options.until < 1:
        raise UsageError(Message("until_not_positive", "--until {until}: give a step from 1 on.", until=options.until))
    with Display() as display:
        _train(config, out=options.out, store=options.store, until=options.until, display=display)
    return DONE


def _config(path: Path | None, *, data: "Sequence[AnySettings]", fold: str | None) -> "TrainingConfig":
    """Return the config with what the command line says in place of it."""
    from cinecor_training.data.settings import SplitSettings

    config = _recipe(path)
    if data:
        config = config.model_copy(update={"data": tuple(data)})
    if fold is not None:
        part, slash, parts = fold.partition("/")
        if not (slash and part.isdigit() and parts.isdigit()):
            raise UsageError(
                Message(
                    "fold_malformed",
                    "--fold {fold}: give part and number of parts, such as 0/5 for the first of five.",
                    fold=fold,
                )
            )
        kept = config.split.model_dump(exclude={"fold", "folds"})
        split = SplitSettings.model_validate({**kept, "fold": int(part), "folds": int(parts)})
        config = config.model_copy(update={"split": split})
    if not config.data:
        raise UsageError(Message("no_data_named", "No data: give --data, or name “data” in the config."))
    return config


def _recipe(path: Path | None) -> "TrainingConfig":
    from cinecor_training.config import TrainingConfig

    if path is not None and not path.is_file():
        raise UsageError(Message("config_missing", "--config {path}: there is no such file.", path=path))
    return TrainingConfig.from_file(path) if path else TrainingConfig()


def _time_step(config: "TrainingConfig") -> None:
    """Print what a training step takes here in either arithmetic, and which a run would take."""
    import torch

    from cinecor_training.arithmetic import choose_arithmetic, step_times_ms

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    times_ms = step_times_ms(config, device=device)
    sys.stdout.writelines(f"{arithmetic:9s} {ms:8.1f} ms a frame\n" for arithmetic, ms in times_ms.items())
    choice = choose_arithmetic(config, device=device, times_ms=times_ms)
    sys.stdout.write(f"taken: {choice.arithmetic} ({choice.reason})\n")


def _train(config: "TrainingConfig", *, out: Path, store: Path | None, until: int | None, display: "Display") -> None:
    """Find, check and prepare the data, then train."""
    import torch

    from cinecor_training.arithmetic import native_bfloat16, settle_arithmetic
    from cinecor_training.capacity import TYPICAL_SLICES, available_memory, estimate, require_disk, require_memory
    from cinecor_training.data.canvas import Canvas
    from cinecor_training.data.case import write_bad_cases
    from cinecor_training.data.run_data import find_data, keep_provenance, prepare
    from cinecor_training.data.settings import open_sources
    from cinecor_training.loop import train
    from cinecor_training.run_folder import RunFolder
    from cinecor_training.start import start_file

    if config.start is not None:
        start_file(config.start)
    run = RunFolder(out)
    frames_folder = store or run.store
    cuda = torch.cuda.is_available()
    display.say("preparing: looking for labelled studies, then reading them")
    found = find_data(open_sources(config.data))
    able = native_bfloat16() or cuda  # what is settled below may be the other one: timed steps decide
    need = estimate(config, frames=TYPICAL_SLICES * len(found.cases), arithmetic="bfloat16" if able else "float32")
    require_memory(
        needed=need.memory,
        available=torch.cuda.mem_get_info()[0] if cuda else available_memory(),
        device="GPU" if cuda else "main",
    )
    require_disk(frames_folder, needed=need.store_disk, what="Keeping the frames")
    require_disk(out, needed=need.run_disk, what="Keeping the checkpoints")
    run.claim(config)
    data = prepare(
        found,
        split=config.split,
        canvas=Canvas(config.spacing_mm, config.canvas_px),
        folder=frames_folder,
        progress=display.reading,
    )
    run.keep_split(data.split)
    write_bad_cases(data.bad, run.bad_cases)
    keep_provenance(found, config.data, run.provenance)
    _tell_bad_cases(data.bad, run.bad_cases, display)
    frames = len(data.training.drawn) + len(data.validation.drawn)
    device = torch.cuda.get_device_name() if cuda else "CPU"
    sides = f"{len(data.split.training)} train, {len(data.split.validation)} validate"
    display.say(f"patients: {sides}; {frames} frames; on {device}")
    chosen = settle_arithmetic(config, run, device=torch.device("cuda" if cuda else "cpu"))
    display.say(f"arithmetic: {chosen.arithmetic} ({chosen.reason})")
    weights = train(
        config,
        training=data.training,
        validation=data.validation,
        folder=out,
        listener=display.step,
        until=until,
        chosen=chosen,
    )
    display.say(f"weights: {weights}")


def _tell_bad_cases(bad: Sequence["BadCase"], listed: Path, display: "Display") -> None:
    for case in bad[:_BAD_CASES_SHOWN]:
        who = " ".join(part for part in (f"{case.source}/{case.patient}", case.moment) if part)
        display.say(f"left out: {who}: {case.reason}")
    if bad:
        display.say(f"{len(bad)} left out in all, listed in {listed}")
