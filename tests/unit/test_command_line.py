"""What the command line answers to a slip of the keyboard, before any work."""

import subprocess
import sys

import pytest

from cinecor.cli.main import main
from cinecor.failure import WRONG_USAGE


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "there is no command, file or folder nowhere"),
        (["./study", "--out", "results"], "cinecor segment"),
        (["open", "nowhere"], "nowhere does not exist"),
    ],
)
def test_that_a_slip_is_named_with_its_remedy(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main(arguments) == WRONG_USAGE
    assert told in capsys.readouterr().err


def test_that_the_main_job_loads_neither_what_corrections_need_nor_plugins() -> None:
    """Half of a short run is loading: what draws lines, tells muscle from blood or proves models waits until asked."""
    asked = (
        "import sys\n"
        "from cinecor.cli.main import main\n"
        "import cinecor.cli.segment, cinecor.app.batch, cinecor.app.session\n"
        "from pydantic.plugin import _loader\n"
        "print([one for one in ('scipy', 'contourpy', 'multiprocessing.connection', 'pydicom', 'nibabel') "
        "if one in sys.modules], _loader._plugins)"
    )
    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout
    assert said == "[] None\n"
