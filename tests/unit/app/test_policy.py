"""The policy of a machine: it holds whatever a user chose, and where it cannot be read nothing is kept."""

from pathlib import Path

import pytest

from cinecor.app.policy import policy_path, read_policy
from cinecor.app.settings import Settings


def test_that_a_policy_holds_over_what_a_user_chose_and_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("# of the department\nkeep_studies = false\nkeep_days = 30\n")
    policy = read_policy(path)
    assert policy.fault is None
    file = tmp_path / "settings.json"
    settings = Settings(file, fixed=policy.fixed)
    settings.change("keep_studies", True)
    settings.change("keep_days", 7)
    assert not settings.flag("keep_studies")
    assert settings.number("keep_days") == 30
    assert settings.is_fixed("keep_days")
    assert not settings.is_fixed("theme")
    settings.change("theme", "light")
    again = Settings(file)
    assert (again.flag("keep_studies"), again.number("keep_days"), again.text("theme")) == (True, 0, "light")


def test_that_a_machine_without_a_policy_fixes_nothing(tmp_path: Path) -> None:
    policy = read_policy(tmp_path / "policy.toml")
    assert dict(policy.fixed) == {}
    assert policy.fault is None


@pytest.mark.parametrize(
    "text",
    [b"keep_studies = no", b"keep_studies = 1", b"keep_everything = true", b"keep_days = 99999", b"\xff\xfe"],
)
def test_that_a_policy_that_cannot_be_understood_keeps_nothing_and_says_so(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(text + b"\nshow_patient = false\n")
    policy = read_policy(path)
    assert policy.fixed["keep_studies"] is False
    assert policy.fault is not None
    assert str(path) in str(policy.fault)


def test_that_a_policy_that_is_a_folder_keeps_nothing(tmp_path: Path) -> None:
    assert read_policy(tmp_path).fixed["keep_studies"] is False


def test_that_no_variable_of_a_user_moves_the_policy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = policy_path()
    for name in ("HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "CINECOR_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert policy_path() == before
    assert before.is_absolute()
