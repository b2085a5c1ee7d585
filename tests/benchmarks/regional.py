"""Time of the regional function of a whole study (a phantom of 12 slices × 25 phases); prints the median in ms.

usage: regional.py [--rounds 9]
"""

import argparse
import sys
from statistics import median

from timing import repeated

from cinecor.measure.moment import ByMoment
from cinecor.measure.regional.function import regional_function
from cinecor_phantom import Acquisition, make_phantom


def regional_s(*, rounds: int) -> list[float]:
    """Return the seconds of each round: final labels to thickness, motion and times of sixteen segments."""
    phantom = make_phantom(None, Acquisition(slices=12, phases=25), pictures=False)
    moments = ByMoment(phantom.truth.ed_phase, phantom.truth.es_phase)

    def measured() -> object:
        return regional_function(
            phantom.labels,
            geometry=phantom.geometry,
            moments=moments,
            phase_times_ms=phantom.phase_times_ms,
            rr_ms=phantom.shape.rr_ms,
        )

    return repeated(measured, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    taken = [1e3 * one for one in regional_s(rounds=parser.parse_args().rounds)]
    sys.stdout.write(f"{median(taken):.0f} ms ({min(taken):.0f}–{max(taken):.0f}); wanted: ≤ 300\n")
