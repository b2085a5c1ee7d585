"""Rules of the archive: the same bytes whoever builds it, and an entry in the menu that names any folder."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="for Linux")

LINUX = Path(__file__).parents[3] / "installer" / "linux"


@pytest.mark.parametrize("folder", ["plain", "Mes programmes é", 'a $HOME `x` "y" %f'])
def test_that_the_menu_entry_starts_the_program_of_its_folder(folder: str, tmp_path: Path) -> None:
    place = tmp_path / folder
    shutil.copytree(LINUX, place / "share")
    shutil.copy(LINUX / "add-to-menu.sh", place)
    environment = {"PATH": os.environ["PATH"], "XDG_DATA_HOME": str(tmp_path / "data"), "HOME": "/nowhere"}
    command = ["sh", str(place / "add-to-menu.sh")]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    entry = Path(said.strip())
    lines = entry.read_text().splitlines()
    start = next(line.removeprefix("Exec=") for line in lines if line.startswith("Exec="))
    assert _unquoted(start.removesuffix(" open %F")) == str(place / "cinecor")
    assert f"Icon={place}/share/cinecor.svg" in lines
    subprocess.run([*command, "--remove"], env=environment, check=True)
    assert not entry.exists()


def _unquoted(argument: str) -> str:
    """Read an argument of an Exec line as the specification says: the string first, then quotes, then field codes."""
    string = argument.replace("\\\\", "\\")
    assert string[0] == string[-1] == '"'
    text = ""
    rest = iter(string[1:-1])
    for character in rest:
        text += next(rest) if character == "\\" else character
    return text.replace("%%", "%")


def test_that_an_archive_does_not_tell_who_packed_it_and_when(tmp_path: Path) -> None:
    from archive import pack
    from payload import settle
    from release import Release

    digests = []
    for name, mode, time in (("one", 0o600, 1), ("two", 0o666, 1_900_000_000)):
        folder = tmp_path / name / "cinecor"
        (folder / "_internal").mkdir(parents=True)
        for file in ("cinecor", "_internal/b", "_internal/a"):
            path = folder / file
            path.write_text(file)
            path.chmod(mode)
            os.utime(path, (time, time))
        release = Release("1.0", 1_700_000_000)
        settle(folder, executables=frozenset({"cinecor"}), epoch=release.epoch)
        pack(folder, tmp_path / f"{name}.tar.gz", release)
        digests.append(hashlib.sha256((tmp_path / f"{name}.tar.gz").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
