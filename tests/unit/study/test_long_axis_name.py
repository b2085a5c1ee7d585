"""How many chambers a long-axis view shows, by the name of its series."""

import pytest

from cinecor.study.series.long_axis_name import chambers_named, is_of_rv, is_rvot


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("cine_trufi_retro 4CH", 4),
        ("cine_trufi_retro 2CH", 2),
        ("CINE_segmented_LAX_3CHB", None),
        ("LAX 3ch", 3),
        ("b-TFE 4 Chamber BH", 4),
        ("Vierkammerblick", 4),
        ("2-Kammer", 2),
        ("ciné 4 cavités", 4),
        ("quatre cavités", 4),
        ("FIESTA VLA", 2),
        ("hla_cine", 4),
        ("2ch and 4ch", None),
        ("14ch coil", None),
        ("RVOT", None),
        ("", None),
        (None, None),
    ],
)
def test_that_only_a_clear_name_tells_the_chambers_named(description: str | None, expected: int | None) -> None:
    assert chambers_named(description) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [("cine_trufi_retro RVOT", True), ("rvot_bh", True), ("LVOT", False), ("RV_4CH", False), (None, False)],
)
def test_that_a_name_tells_the_view_of_the_right_outflow(description: str | None, expected: bool) -> None:
    assert is_rvot(description) is expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("RV 2CH", True),
        ("cine_RV_3ch", True),
        ("2ch right ventricle", True),
        ("RVOT", False),
        ("2CH", False),
        (None, False),
    ],
)
def test_that_a_name_tells_a_view_of_the_right_ventricle(description: str | None, expected: bool) -> None:
    assert is_of_rv(description) is expected
