"""One network from several runs of one recipe: the mean of their weights ("model soup", Wortsman et al., ICML 2022).

usage: python training/average_runs.py RUN RUN … --out RUN

The runs must have begun at the same weights ("start" in their config) and differ in their seed or augmentation: then
their mean lies in the same valley, costs nothing more to run, and is usually better than each of them. The run they
began with may be among them. OUT is a run folder like theirs, for cinecor-evaluate and export-onnx.
"""

import argparse
import sys
from pathlib import Path

from cinecor import console
from cinecor.failure import DONE

with console.extras_needed("average_runs"):
    from cinecor_training.soup import average_runs


def main() -> int:
    """Average the runs; gives the exit code: 0 done, 1 bad input, 2 wrong usage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="folders of finished runs")
    parser.add_argument("--out", type=Path, required=True, help="the new run folder")
    options = parser.parse_args()
    return console.run(lambda: _average(options.runs, options.out), program="average_runs")


def _average(runs: list[Path], out: Path) -> int:
    console.say(f"weights: {average_runs(runs, out)}\n")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
