"""Rules of a list of inputs: it is read before any work, and each input has a name that tells it from the others."""

from contextlib import closing
from pathlib import Path

import pytest

from cinecor.app.cohort.input_list import listed_inputs
from cinecor.cohort.manifest import Manifest
from cinecor.errors import UsageError


def _list(folder: Path, *lines: str, columns: str = "input,name,series") -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join((columns, *lines)) + "\n")
    return path


def test_that_inputs_without_names_are_called_by_what_tells_their_paths_apart(tmp_path: Path) -> None:
    path = _list(tmp_path, "p7/DICOM", "p8/DICOM", "a/p8/dicom", "alone/x", "p9/DICOM,nine", columns="input,name")
    found = listed_inputs(path)
    assert [one.name for one in found] == ["p7_DICOM", f"{tmp_path.name}_p8_DICOM", "a_p8_dicom", "x", "nine"]
    assert found[0].path == tmp_path / "p7" / "DICOM"


def test_that_an_input_is_taken_once_however_its_path_is_spelt_and_refused_under_two_names(tmp_path: Path) -> None:
    assert len(listed_inputs(_list(tmp_path, "a/x,one,", "a/../a/x,one,", "a/x,one,1.2.3"))) == 2
    with pytest.raises(UsageError) as refused:
        listed_inputs(_list(tmp_path, "a/x,one,", "b,other,", "./a/x,two,"))
    assert refused.value.message.code == "input_listed_twice"
    assert "line 4" in str(refused.value)


def test_that_a_list_that_is_damaged_in_its_middle_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = _list(tmp_path, *(f"s{number},," for number in range(5)))
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n")
    with pytest.raises(UsageError) as refused:
        listed_inputs(path)
    assert refused.value.message.code == "list_unreadable"


def test_that_a_thousand_inputs_of_one_name_are_named_by_few_questions(tmp_path: Path) -> None:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        asked: list[str] = []
        manifest._connection.set_trace_callback(asked.append)
        for number in range(1000):
            manifest.add(tmp_path / str(number) / "DICOM", name="DICOM")
        assert len(asked) < 12 * 1000
        names = [row.name for row in manifest.inputs()]
    assert names == ["DICOM", *(f"DICOM-{number}" for number in range(2, 1001))]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_that_columns_may_be_separated_as_a_spreadsheet_does(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xef\xbb\xbf" + separator.join(("input", "name")).encode() + b"\r\n")
    with path.open("a") as file:
        file.write(separator.join(("p7", "seven")) + "\r\n")
    assert [(one.path, one.name) for one in listed_inputs(path)] == [(tmp_path / "p7", "seven")]
