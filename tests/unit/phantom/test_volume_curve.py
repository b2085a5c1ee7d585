import numpy as np
import pytest

from cinecor_phantom.volume_curve import contraction, snapped_end_systole


def curve(kick: float = 0.2) -> np.ndarray:
    return contraction(np.linspace(0.0, 1.0, 1001)[:-1], end_systole=0.38, atrial_kick=kick)


def test_that_the_heart_contracts_until_end_systole_and_relaxes_after_it() -> None:
    values = curve()
    assert values[0] == 0.0
    assert values[380] == pytest.approx(1.0)
    assert (np.diff(values[:381]) >= 0.0).all()
    assert (np.diff(values[380:]) <= 1e-12).all()


def test_that_filling_is_fast_then_slow_then_helped_by_the_atrium() -> None:
    rates = -np.diff(curve())
    rapid, diastasis, kick = rates[470:580].max(), rates[680:800].max(), rates[850:960].max()
    assert rapid > 5 * diastasis
    assert kick > 3 * diastasis


def test_that_without_an_atrial_kick_the_heart_is_full_at_diastasis() -> None:
    assert curve(0.0)[860] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("phases", [2, 7, 10, 25])
def test_that_snapped_end_systole_is_a_phase(phases: int) -> None:
    snapped = snapped_end_systole(0.371, phases=phases) * phases
    assert snapped == pytest.approx(round(snapped))
    assert 1 <= round(snapped) < phases
