"""The reference tables of a workstation: a site's own, and which one each value uses."""

from pathlib import Path

import pytest

from cinecor.app.reference import ReferenceShelf
from cinecor.cli.main import main
from cinecor.errors import InputError, UsageError
from cinecor.measure.reference.comparison import Verdict
from cinecor.measure.reference.table import Measure, Papillary, Person, Sex
from cinecor.measure.reference.table_file import COLUMNS
from cinecor.measure.ventricle import Ventricle

EF = Measure(Ventricle.LV, "ef_percent")
MAN = Person(Sex.MALE, 60)
ROW = "LV,ef_percent,no,all,,,,,55,75,own,cavity,,1.5 T,40,Our hospital 2026"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "Our Table.csv"
    path.write_text(",".join(COLUMNS) + f"\n{ROW}\n", encoding="utf-8")
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> ReferenceShelf:
    return ReferenceShelf(tmp_path / "reference")


def used(shelf: ReferenceShelf) -> str:
    found = shelf.book().compare(60.0, EF, person=MAN, papillary=Papillary.CAVITY)
    assert found is not None
    return found.table.id


def test_that_a_site_s_table_is_preferred_and_can_be_forgotten(shelf: ReferenceShelf, own: Path) -> None:
    assert used(shelf) == "petersen-2017"
    assert shelf.add(own).id == "our-table"
    assert used(shelf) == "our-table"
    shelf.remove("our-table")
    assert used(shelf) == "petersen-2017"


def test_that_a_table_can_be_chosen_for_one_value_or_for_all(shelf: ReferenceShelf, own: Path) -> None:
    shelf.add(own)
    shelf.choose("lv.ef_percent", "molnar-2025")
    assert used(shelf) == "molnar-2025"
    shelf.choose("lv.ef_percent", "automatic")
    assert used(shelf) == "our-table"
    assert EF in shelf.choose_everywhere("petersen-2017")
    assert used(shelf) == "petersen-2017"
    shelf.choose("lv.ef_percent", "none")
    assert shelf.book().compare(60.0, EF, person=MAN, papillary=Papillary.CAVITY) is None


@pytest.mark.parametrize(
    ("key", "table", "said"),
    [
        ("lv.colour", "petersen-2017", "is none of"),
        ("rv.ef_percent", "petersen-2017", "has no range of"),
        ("lv.ef_percent", "nowhere", "has no range of"),
    ],
)
def test_that_a_choice_which_makes_no_sense_is_refused(shelf: ReferenceShelf, key: str, table: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        shelf.choose(key, table)


def test_that_a_table_cannot_take_the_name_of_one_that_ships(shelf: ReferenceShelf, own: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        shelf.add(own, name="SCMR 2025")
    with pytest.raises(UsageError, match="no site's table"):
        shelf.remove("scmr-2025")


def test_that_a_broken_table_is_not_kept(shelf: ReferenceShelf, own: Path) -> None:
    own.write_text(own.read_text().replace("all", "both"))
    with pytest.raises(InputError, match="line 2: sex is “both”"):
        shelf.add(own)
    assert shelf.own() == ((), ())


def test_that_a_kept_table_which_was_damaged_is_left_out_and_told(
    shelf: ReferenceShelf, own: Path, tmp_path: Path
) -> None:
    shelf.add(own)
    (tmp_path / "reference" / "our-table.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "reference" / "choices.json").write_text("[broken")
    tables, told = shelf.own()
    assert tables == ()
    assert [message.code for message in told] == ["reference_not_read"]
    assert used(shelf) == "petersen-2017"


def test_that_a_site_s_table_of_another_convention_is_not_taken_by_itself(shelf: ReferenceShelf, own: Path) -> None:
    own.write_text(own.read_text().replace("cavity", "mass"))
    shelf.add(own)
    assert used(shelf) == "petersen-2017"
    shelf.choose("lv.ef_percent", "our-table")
    found = shelf.book().compare(60.0, EF, person=MAN, papillary=Papillary.CAVITY)
    assert found is not None
    assert found.verdict is Verdict.REFUSED


def test_that_the_command_adds_lists_and_names_faulty_lines(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    assert main(["reference", "add", str(own)]) == 0
    assert main(["reference", "use", "molnar-2025", "--for", "rv.ef_percent"]) == 0
    assert main(["reference", "list"]) == 0
    listed = capsys.readouterr().out
    assert "our-table" in listed
    assert "rv.ef_percent: molnar-2025" in listed
    own.write_text(own.read_text().replace("55", "85"))
    assert main(["reference", "add", str(own)]) == 1
    assert "line 2: lower 85 is larger than upper 75" in capsys.readouterr().err


def test_that_the_command_tells_a_fault_a_line(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    own.write_text(own.read_text().replace(",all,,,,,55,75,own,", ",both,,,60,5,10,x,mean ± 2 SD,"), encoding="utf-8")
    assert main(["reference", "add", str(own)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line.startswith("cinecor: Our Table.csv: line 2: ") for line in told] == [True, True]


def test_that_a_mean_outside_its_limits_is_refused_with_its_line(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    own.write_text(own.read_text().replace(",,55,75,own,", "60,5,10,20,mean ± 2 SD,"), encoding="utf-8")
    assert main(["reference", "add", str(own)]) == 1
    assert "line 2: the mean 60 lies outside lower and upper" in capsys.readouterr().err


def test_that_a_file_in_latin_1_is_told_what_to_do(shelf: ReferenceShelf, own: Path) -> None:
    own.write_bytes(own.read_text().replace("own,", "mean ± 2 SD,").encode("latin-1"))
    with pytest.raises(InputError, match="save it as UTF-8"):
        shelf.add(own)
