"""How much the figures of one recipe move by chance: mean and spread over seeds or folds.

usage: python training/spread_of_runs.py EVALUATION.json EVALUATION.json …
"""

import argparse
import sys
from pathlib import Path

from cinecor import console
from cinecor.failure import DONE

with console.extras_needed("spread_of_runs"):
    from cinecor_training.evaluation.record import EvaluationRecord
    from cinecor_training.evaluation.side_by_side import spread_table


def main() -> int:
    """Print the table; gives the exit code: 0 done, 1 bad input, 2 wrong usage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("evaluations", type=Path, nargs="+", help="evaluation.json of cinecor-evaluate, one a run")
    options = parser.parse_args()
    return console.run(lambda: _spread(options.evaluations), program="spread_of_runs")


def _spread(evaluations: list[Path]) -> int:
    console.say(spread_table([EvaluationRecord.from_file(path) for path in evaluations]).markdown())
    return DONE


if __name__ == "__main__":
    sys.exit(main())
