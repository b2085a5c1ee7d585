"""Settings: one table, a file written whole or not at all, and values from outside are judged."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cinecor.app.policy import user_settings
from cinecor.app.recent import RecentStudies
from cinecor.app.settings import (
    LONGEST_TEXT,
    SETTINGS,
    Settings,
    replace_file,
    settings_path,
    usual_settings_path,
)
from cinecor.app.signer import remember_signer, signer
from cinecor.errors import OutputError


def test_that_a_changed_value_is_there_after_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "settings.json"
    Settings(path).change("fps", 33)
    assert Settings(path).number("fps") == 33
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"settings": 3}', "\x00"])
def test_that_a_damaged_file_gives_the_defaults(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    own = Settings(path)
    assert all(own[setting.name] == setting.default for setting in SETTINGS)


def test_that_values_that_are_none_are_not_taken_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"settings": {"fps": 1000, "theme": "pink", "rulers": 1, "gone": True}}))
    own = Settings(path)
    assert (own.number("fps"), own.text("theme"), own.flag("rulers")) == (20, "dark", True)


def test_that_a_value_outside_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no value of fps"):
        Settings().change("fps", 0)


def test_that_a_text_is_one_line(tmp_path: Path) -> None:
    own = Settings(tmp_path / "settings.json")
    own.change("department", "Cœur & Vaisseaux, étage 3")
    assert Settings(tmp_path / "settings.json").text("department") == "Cœur & Vaisseaux, étage 3"
    for wrong in ("two\nlines", "x" * (LONGEST_TEXT + 1), 3, True):
        with pytest.raises(ValueError, match="no value of department"):
            own.change("department", wrong)


def test_that_every_default_is_a_value_of_its_setting() -> None:
    assert all(setting.accepts(setting.default) for setting in SETTINGS)


def test_that_listeners_hear_of_changes_only() -> None:
    own, heard = Settings(), []
    own.listen(heard.append)
    own.change("fps", 20)
    own.change("fps", 21)
    own.forget(heard.append)
    assert heard == ["fps"]


def test_that_a_file_that_cannot_be_written_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="choose another folder"):
        replace_file(tmp_path / "file" / "inside", b"x")


def test_that_recent_studies_are_the_latest_first_without_doubles(tmp_path: Path) -> None:
    recent = RecentStudies(Settings(tmp_path / "settings.json"))
    for name in ("a", "b", "a"):
        recent.add(tmp_path / name)
    again = RecentStudies(Settings(tmp_path / "settings.json"))
    assert [path.name for path in again.paths()] == ["a", "b"]
    again.clear()
    assert again.paths() == ()


def _written(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({"format": 1, "settings": {"fps": 33}, "state": {"recent": "[]"}} | changes))


def test_that_what_a_newer_version_added_is_still_there_after_this_one_wrote(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    _written(
        path,
        settings={"fps": 33, "theme": "contrast", "pen_px": 3},
        state={"recent": "[]", "layout": {"columns": 3}},
        profile="cardiac",
    )
    own = Settings(path)
    own.change("fps", 34)
    kept = json.loads(path.read_bytes())
    assert (kept["settings"]["fps"], kept["settings"]["theme"], kept["settings"]["pen_px"]) == (34, "contrast", 3)
    assert kept["state"]["layout"] == {"columns": 3}
    assert kept["profile"] == "cardiac"
    own.change("theme", "light")  # now it is this user's wish
    assert json.loads(path.read_bytes())["settings"]["theme"] == "light"


def test_that_a_file_of_a_newer_format_is_read_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    _written(path, format=2, written_by="9.1")
    before = path.read_bytes()
    own = Settings(path)
    assert (own.number("fps"), own.newer) == (33, "9.1")
    own.change("fps", 40)
    RecentStudies(own).add(tmp_path)
    assert own.number("fps") == 40  # for this session
    assert path.read_bytes() == before


def test_that_a_file_says_which_version_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings(path).change("fps", 33)
    kept = json.loads(path.read_bytes())
    assert (kept["format"], kept["written_by"]) == (1, version("cinecor"))
    assert Settings(path).newer is None


def test_that_what_is_remembered_of_people_and_studies_lies_in_the_home_that_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CINECOR_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = Settings(settings_path())
    RecentStudies(own).add(tmp_path / "study")
    remember_signer(own, name="Dr. Example", organisation="Heart Centre")
    kept = (home / "settings.json").read_text()
    assert "Dr. Example" in kept
    assert str(tmp_path / "study") in kept
    assert not (tmp_path / "config").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there the environment names the folder")
def test_that_a_named_home_takes_over_once_what_was_set_before_settings_lay_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CINECOR_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    before = Settings(usual_settings_path())
    before.change("fps", 33)
    RecentStudies(before).add(tmp_path / "study")
    remember_signer(before, name="Dr. Example", organisation="Heart Centre")
    own = user_settings()
    assert own.number("fps") == 33
    assert RecentStudies(own).paths() == (tmp_path / "study",)
    assert signer(own).name == "Dr. Example"
    own.change("fps", 40)
    assert "Dr. Example" in (home / "settings.json").read_text()
    before.change("fps", 12)
    assert user_settings().number("fps") == 40
    (home / "settings.json").write_text("{")
    assert user_settings().number("fps") == 20, "a damaged file gives the defaults, not what was set long ago"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners are told by number here alone")
def test_that_a_home_that_belongs_to_somebody_else_holds_nobodys_settings_but_theirs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "settings.json"
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert tmp_path not in settings_path().parents


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there the environment names the folder")
def test_that_without_a_named_home_settings_lie_where_the_system_keeps_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CINECOR_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "cinecor" / "settings.json"
