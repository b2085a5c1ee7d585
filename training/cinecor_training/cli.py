"""`cinecor-train`: from labelled studies to weights."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from cinecor.errors import CinecorError


def main(arguments: list[str] | None = None) -> int:
    """Run `cinecor-train`; gives the exit code: 0 done, 1 bad input, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="cinecor-train", description="Train the segmentation network.")
    parser.add_argument("--data", type=Path, required=True, help="ACDC training folder (patient001, …)")
    parser.add_argument("--out", type=Path, required=True, help="run folder; an interrupted run there goes on")
    parser.add_argument("--config", type=Path, help="JSON file with settings that differ from the defaults")
    options = parser.parse_args(arguments)

    from cinecor_training.acdc import find_cases, is_validation
    from cinecor_training.config import TrainingConfig
    from cinecor_training.loop import StepReport, train
    from cinecor_training.store import cached_store

    def tell(report: StepReport) -> None:
        dice = "" if report.dice is None else "  dice rv {:.3f} myo {:.3f} lv {:.3f}".format(*report.dice)
        left = f"{report.seconds_left / 60:.0f} min left"
        sys.stdout.write(f"step {report.step}/{report.steps}  loss {report.loss:.4f}  {left}{dice}\n")
        sys.stdout.flush()

    try:
        config = TrainingConfig.from_file(options.config) if options.config else TrainingConfig()
        cases = find_cases(options.data)
        stores = [
            cached_store(
                [case for case in cases if is_validation(case.patient) is held_out],
                spacing_mm=config.spacing_mm,
                canvas_px=config.canvas_px,
                folder=options.out / "store",
            )
            for held_out in (False, True)
        ]
        weights = train(config, training=stores[0], validation=stores[1], folder=options.out, listener=tell)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        sys.stderr.write(f"cinecor-train: {options.config}: '{where}': {first['msg']}\n")
        return 2
    except (CinecorError, OSError) as error:
        sys.stderr.write(f"cinecor-train: {error}\n")
        return 1
    sys.stdout.write(f"weights: {weights}\n")
    return 0
