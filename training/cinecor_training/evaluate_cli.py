"""`cinecor-evaluate`: a model against labelled patients that it was never trained on."""

import argparse
import json
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run `cinecor-evaluate`; gives the exit code: 0 done, 1 bad input, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="cinecor-evaluate", description="Compare a model with the labels of the held-out patients."
    )
    parser.add_argument("--model", type=Path, help="ONNX model (default: the bundled one)")
    parser.add_argument("--data", type=Path, required=True, help="ACDC training folder (patient001, …)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)

    from cinecor.errors import CinecorError
    from cinecor.inference.model import open_model
    from cinecor_resources import bundled_model
    from cinecor_training.acdc import find_cases, is_validation
    from cinecor_training.evaluation import CaseResult, evaluate

    def tell(case: CaseResult) -> None:
        figures = "  ".join(f"{name} {value:.3f}" for name, value in case.dice.items())
        sys.stdout.write(f"{case.patient} {case.moment} {case.group:5s} {figures}\n")
        sys.stdout.flush()

    try:
        session = open_model(options.model or bundled_model(), device=options.device)
        held_out = [case for case in find_cases(options.data) if is_validation(case.patient)]
        evaluation = evaluate(held_out, session, listener=tell)
        if options.out:
            options.out.write_text(json.dumps(evaluation.as_json(), indent=1) + "\n")
    except (CinecorError, OSError) as error:
        sys.stderr.write(f"cinecor-evaluate: {error}\n")
        return 1
    sys.stdout.writelines(f"{name:24s} {value:9.4f}\n" for name, value in evaluation.summary.items())
    return 0
