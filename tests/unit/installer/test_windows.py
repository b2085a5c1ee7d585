"""Rules of the Windows installer, tried around a stand-in payload: it compiles, and where wine is, it runs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMPILE = Path(__file__).parents[3] / "installer" / "windows" / "compile.py"
KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Cinecor"
VERB = r"HKCU\Software\Classes\Directory\shell\Cinecor\command"


def _compile(*options: str, out: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("makensis") is None:
        pytest.skip("makensis (NSIS) is not installed here")
    command = [sys.executable, str(COMPILE), *options, "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three versions of a stand-in, for 64-bit Windows."""
    out, made = tmp_path_factory.mktemp("setup"), {}
    for version in ("1.9.0", "1.10.0rc1", "1.10.0"):
        done = _compile("--stand-in", "--target", "amd64-unicode", "--version", version, out=out)
        assert done.returncode == 0, done.stdout + done.stderr
        made[version] = Path(done.stdout.splitlines()[-1])
    return made


def test_that_the_installer_holds_the_payload_and_an_uninstaller(installers: dict[str, Path]) -> None:
    lister = shutil.which("7zz") or shutil.which("7z")
    if lister is None:
        pytest.skip("7-Zip is not installed here")
    listing = subprocess.run([lister, "l", str(installers["1.9.0"])], capture_output=True, text=True, check=True).stdout
    for name in ("cinecor.exe", "_internal/msvcp140.dll", "_internal/Données/é.txt", "uninstall.exe"):
        assert name in listing


def test_that_it_compiles_with_nsis_for_windows_own_stubs(tmp_path: Path) -> None:
    done = _compile("--stand-in", out=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert next(tmp_path.iterdir()).read_bytes()[:2] == b"MZ"


@pytest.mark.parametrize("lacking", ["cinecor.exe", "_internal/msvcp140.dll"])
def test_that_a_payload_that_cannot_run_on_windows_is_refused_with_the_remedy(tmp_path: Path, lacking: str) -> None:
    payload = tmp_path / "payload"
    (payload / "_internal").mkdir(parents=True)
    files = ["cinecor.exe", *(f"_internal/{name}.dll" for name in ("vcruntime140", "vcruntime140_1", "msvcp140"))]
    for name in files:
        if name != lacking:
            (payload / name).touch()
    done = _compile("--payload", str(payload), out=tmp_path / "out")
    assert done.returncode == 1
    assert ("build.ps1" if lacking == "cinecor.exe" else "--redistributable") in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs a Windows program with a home of its own."""
    program = shutil.which("wine")
    if program is None:
        pytest.skip("wine is not installed here")
    home = tmp_path_factory.mktemp("wine")
    environment = os.environ | {
        "HOME": str(home),
        "WINEPREFIX": str(home / "prefix"),
        "WINEDEBUG": "-all",
        "LC_ALL": "C.UTF-8",
    }

    def run(*command: object) -> subprocess.CompletedProcess[str]:
        words = [program, *map(str, command)]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)

    if run("wineboot", "-i").returncode != 0:
        pytest.skip("wine does not start here")
    return run


def _spelled(folder: Path) -> str:
    """A folder as Windows programs under wine see it."""
    return f"Z:{str(folder).replace('/', chr(92))}"


def test_that_a_newer_version_of_all_users_is_not_hidden_by_an_older_one_of_this_user(
    wine: Callable[..., subprocess.CompletedProcess[str]], installers: dict[str, Path], tmp_path: Path
) -> None:
    shared, own = tmp_path / "shared", tmp_path / "own"
    assert wine(installers["1.10.0rc1"], "/S", "/AllUsers", f"/D={_spelled(shared)}").returncode == 0
    try:
        refused = wine(installers["1.9.0"], "/S", "/CurrentUser", f"/D={_spelled(own)}")
        assert refused.returncode == 3
        assert "1.10.0rc1 is installed for all users and newer than 1.9.0" in refused.stdout
        assert not own.exists()

        beside = wine(installers["1.10.0"], "/S", "/CurrentUser", f"/D={_spelled(own)}")
        assert beside.returncode == 0
        assert "1.10.0rc1 is also installed for all users" in beside.stdout
        wine(own / "uninstall.exe", "/S", "/CurrentUser", f"_?={_spelled(own)}")
    finally:
        wine(shared / "uninstall.exe", "/S", "/AllUsers", f"_?={_spelled(shared)}")


def test_that_a_folder_with_other_things_is_refused_and_untouched(
    wine: Callable[..., subprocess.CompletedProcess[str]], installers: dict[str, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "_internal" / "thesis.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    refused = wine(installers["1.9.0"], "/S", "/CurrentUser", f"/D={_spelled(tmp_path)}")
    assert refused.returncode == 6
    assert "holds other things than Cinecor" in refused.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["_internal"]
    assert kept.read_text() == "mine"


def test_that_the_licence_page_holds_the_programs_and_the_models_licence() -> None:
    from windows.compile import licence_page

    text = licence_page()
    assert "Apache License" in text
    assert "Attribution-NonCommercial-ShareAlike 4.0 International" in text
    assert "Research use only. Not for diagnosis." in text


def test_that_install_upgrade_and_uninstall_keep_what_is_the_users(
    wine: Callable[..., subprocess.CompletedProcess[str]], installers: dict[str, Path], tmp_path: Path
) -> None:
    def known(name: str, key: str = KEY) -> str:
        found = wine("reg", "query", key, "/v", name, "/reg:64").stdout
        return found.split("REG_SZ")[-1].strip() if "REG_SZ" in found else ""

    older, newer = installers["1.9.0"], installers["1.10.0"]
    program = tmp_path / "Logiciel"
    assert wine(older, "/S", "/CurrentUser", f"/D=Z:{str(program).replace('/', chr(92))}").returncode == 0
    assert (program / "cinecor.exe").is_file()
    assert known("DisplayVersion") == "1.9.0"
    assert 'cinecor.exe" open "%1"' in wine("reg", "query", VERB, "/reg:64").stdout
    (program / "mine.txt").touch()
    (program / "_internal" / "of-1.9.0.dll").touch()

    assert wine(installers["1.10.0rc1"], "/S", "/CurrentUser").returncode == 0
    assert wine(newer, "/S", "/CurrentUser").returncode == 0  # over its own candidate
    assert known("DisplayVersion") == "1.10.0"
    assert (program / "cinecor.exe").is_file()  # in the same folder
    assert not (program / "_internal" / "of-1.9.0.dll").exists()

    refused = wine(older, "/S", "/CurrentUser")
    assert refused.returncode == 3
    assert "1.10.0 is installed for this user and newer than 1.9.0" in refused.stdout
    assert known("DisplayVersion") == "1.10.0"

    removed = wine(program / "uninstall.exe", "/S", "/CurrentUser", f"_?=Z:{str(program).replace('/', chr(92))}")
    assert removed.returncode == 0
    assert "Settings and installed models stay in" in removed.stdout
    left = {path.name for path in program.iterdir()}
    assert left - {"uninstall.exe"} == {"mine.txt"}  # started with `_?=` it waits, and cannot remove itself
    assert known("DisplayVersion") == ""
    assert wine("reg", "query", VERB, "/reg:64").returncode != 0
