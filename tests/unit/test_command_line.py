"""What the command line answers to a slip of the keyboard, before any work."""

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
