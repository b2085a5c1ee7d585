"""Rules of the Debian package: what it depends on, and when it refuses to be installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dpkg-shlibdeps") is None, reason="needs dpkg-dev"
)

DEBIAN = Path(__file__).parents[3] / "installer" / "debian"


def _library(folder: Path, soname: str) -> Path:
    """A library of the system, copied as a payload brings it along."""
    listing = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    found = [line.split(" => ")[1] for line in listing.splitlines() if line.split()[0] == soname and "x86-64" in line]
    if not found:
        pytest.skip(f"{soname} is not on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(found[0], folder / soname))


def test_that_a_library_of_the_system_is_a_dependency_and_one_brought_along_is_none(tmp_path: Path) -> None:
    from deb import depends

    payload = tmp_path / "cinecor"
    _library(payload / "_internal", "libstdc++.so.6")  # itself needs libc, libm and libgcc
    told = depends(payload)
    assert "libc6 (>= " in told
    assert "libgcc-s1" in told
    assert "libstdc++" not in told


def test_that_a_library_which_nothing_brings_stops_the_build(tmp_path: Path) -> None:
    from deb import depends

    library = _library(tmp_path / "cinecor" / "_internal", "libstdc++.so.6")
    library.write_bytes(library.read_bytes().replace(b"libgcc_s.so.1\0", b"libgone.so.99\0"))
    with pytest.raises(SystemExit, match=r"libgone\.so\.99"):
        depends(tmp_path / "cinecor")


def test_that_a_package_whose_packing_was_broken_off_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else `make check-installer` would take half a package for the one that was built."""
    from deb import build
    from release import Release

    packer = tmp_path / "bin" / "dpkg-deb"
    packer.parent.mkdir()
    packer.write_text('#!/bin/sh\nfor last; do :; done\necho half > "$last"\nexit "$ENDS_WITH"\n')
    packer.chmod(0o755)
    monkeypatch.setenv("PATH", str(packer.parent), prepend=":")
    deb = tmp_path / "dist" / "cinecor.deb"
    monkeypatch.setenv("ENDS_WITH", "2")
    with pytest.raises(subprocess.CalledProcessError):
        build(tmp_path, deb, Release("0.1.0", 0))
    assert not deb.exists()
    monkeypatch.setenv("ENDS_WITH", "0")
    build(tmp_path, deb, Release("0.1.0", 0))
    assert deb.read_text() == "half\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["install"], 0),
        (["install", "0.3.0"], 0),  # removed before, its notes still there
        (["upgrade", "0.1.9"], 0),
        (["upgrade", "0.2.0"], 0),
        (["upgrade", "0.2.0rc1"], 0),
        (["upgrade", "0.2.0.dev7"], 0),
        (["upgrade", "0.2.1"], 1),
        (["upgrade", "0.10.0"], 1),
    ],
)
def test_that_only_an_older_version_over_a_newer_one_is_refused(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    from release import debian_version

    script = tmp_path / "preinst"
    script.write_text((DEBIAN / "preinst").read_text().replace("@VERSION@", debian_version("0.2.0")))
    installed = [debian_version(one) if one[0].isdigit() else one for one in arguments]
    run = subprocess.run(["sh", str(script), *installed], capture_output=True, text=True, check=False)
    assert run.returncode == code
    assert run.stderr.count("\n") == code
    if code:
        assert "remove cinecor first" in run.stderr


def test_that_removing_says_what_stays() -> None:
    run = subprocess.run(["sh", str(DEBIAN / "postrm"), "remove"], capture_output=True, text=True, check=True)
    assert "~/.config/cinecor" in run.stdout
    assert "~/.local/share/cinecor" in run.stdout
