import pytest

from cinecor_phantom import SMALL, Phantom, make_phantom


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    return make_phantom(acquisition=SMALL, seed=5)
