"""The reference tables of a workstation: a site's own, and which one each value uses."""

from pathlib import Path

import pytest

from cinecor.app.reference import ReferenceShelf
from cinecor.cli.main import main
from cinecor.errors import InputError, UsageError
from cinecor.measure.reference.comparison import Verdict
from cinecor.measure.reference.shipped import shipped_tables
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
    assert shelf.add(own).table.id == "our-table"
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
    book = shelf.book()
    assert (book.tables, dict(book.told)) == (shipped_tables(), {})


def test_that_a_kept_table_which_was_damaged_is_left_out_and_told(
    shelf: ReferenceShelf, own: Path, tmp_path: Path
) -> None:
    shelf.add(own)
    (tmp_path / "reference" / "our-table.csv").write_bytes(b"\xff\xfe")
    book = shelf.book()
    assert book.tables == shipped_tables()
    assert {name: message.code for name, message in book.told.items()} == {"our-table.csv": "reference_not_read"}
    assert used(shelf) == "petersen-2017"


@pytest.mark.parametrize("content", ["[broken", "[]", '{"lv.ef_percent": 3}', "\xff"])
def test_that_damaged_choices_are_told(shelf: ReferenceShelf, tmp_path: Path, content: str) -> None:
    shelf.choose("lv.ef_percent", "molnar-2025")
    (tmp_path / "reference" / "choices.json").write_text(content, encoding="latin-1")
    assert {name: one.code for name, one in shelf.book().told.items()} == {"choices.json": "reference_choices_damaged"}
    assert used(shelf) == "petersen-2017"
    shelf.choose("lv.ef_percent", "molnar-2025")
    assert not shelf.book().told


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "is not there any more"), ("nonsense\n", "line 1: the columns must be"), ("\xff", "it is no UTF-8 text")],
)
def test_that_a_chosen_table_which_cannot_be_used_is_refused_with_the_reason(
    shelf: ReferenceShelf, own: Path, tmp_path: Path, content: str | None, reason: str
) -> None:
    shelf.add(own)
    shelf.choose("lv.ef_percent", "our-table")
    kept = tmp_path / "reference" / "our-table.csv"
    if content is None:
        kept.unlink()
    else:
        kept.write_text(content, encoding="latin-1")
    found = shelf.book().compare(60.0, EF, person=MAN, papillary=Papillary.CAVITY)
    assert found is not None
    assert (found.verdict, found.table.id, found.lower, found.upper) == (Verdict.REFUSED, "our-table", None, None)
    assert reason in str(found.why)
    assert reason in str(shelf.book().told["our-table.csv"])
    shelf.choose("lv.ef_percent", "automatic")
    assert used(shelf) == "petersen-2017"


def test_that_every_value_can_be_compared_with_nothing_or_as_before(shelf: ReferenceShelf) -> None:
    every = set(shelf.choose_everywhere("none"))
    assert every == {measure for table in shipped_tables() for measure in table.measures}
    book = shelf.book()
    assert all(book.compare(60.0, one, person=MAN, papillary=Papillary.CAVITY) is None for one in every)
    assert set(shelf.choose_everywhere("automatic")) == every
    assert not shelf.book().choices
    assert used(shelf) == "petersen-2017"
    with pytest.raises(UsageError, match="no table “nowhere”; use one of automatic, none, petersen-2017"):
        shelf.choose_everywhere("nowhere")


@pytest.mark.parametrize("name", ["None", "automatic", "Kawel 2012", "…"])
def test_that_a_table_is_not_called_like_a_choice(shelf: ReferenceShelf, own: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        shelf.add(own, name=name)


def test_that_letters_of_any_language_tell_tables_apart(shelf: ReferenceShelf, own: Path) -> None:
    names = ("Klinik Ä", "Klinik Ö", "Больница_1")
    added = [shelf.add(own, name=name) for name in names]
    assert [one.table.id for one in added] == ["klinik-ä", "klinik-ö", "больница-1"]
    assert not any(one.replaced for one in added)
    assert sum(table.own for table in shelf.book().tables) == len(names)


def test_that_a_table_of_the_same_name_is_replaced_and_said_to_be_where_it_is_another(
    shelf: ReferenceShelf, own: Path
) -> None:
    assert not shelf.add(own).replaced
    assert not shelf.add(own).replaced
    own.write_text(own.read_text().replace("55,75", "56,75"))
    assert shelf.add(own).replaced
    assert [table.rows[0].lower for table in shelf.book().tables if table.own] == [56.0]


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


def test_that_the_command_takes_none_and_automatic_for_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    assert main(["reference", "use", "none"]) == 0
    assert "lv.mid_wall_ed_mm: none" in capsys.readouterr().out
    assert main(["reference", "use", "automatic"]) == 0
    assert main(["reference", "list"]) == 0
    assert ": none" not in capsys.readouterr().out


def test_that_the_command_says_what_was_replaced_and_lists_what_is_damaged(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    assert main(["reference", "add", str(own)]) == 0
    assert "replaced" not in capsys.readouterr().out
    own.write_text(own.read_text().replace("55,75", "56,75"))
    assert main(["reference", "add", str(own)]) == 0
    assert "It replaced another table “our-table”, which is gone." in capsys.readouterr().out
    (tmp_path / "home" / "reference" / "choices.json").write_text("{")
    (tmp_path / "home" / "reference" / "our-table.csv").write_text("x")
    assert main(["reference", "list"]) == 0
    told = capsys.readouterr().err
    assert "choices.json is damaged" in told
    assert "our-table.csv, line 1" in told
