"""A whole kind of things in one line."""

from custom_components.local_assist.agent.state_groups import Member, group_line

WINDOWS = {
    "closed": [Member(f"c{n}", f"Window {n}", "Hall" if n % 2 else "Attic") for n in range(6)],
    "open": [Member("o", "Roof hatch", "")],
}


def test_by_state_and_area_the_rare_state_first() -> None:
    """While it fits, everything is named."""
    told = group_line("Windows: ", WINDOWS, max_tokens=1000, count=len)

    assert told.text == (
        "Windows: open (1): elsewhere: Roof hatch · "
        "closed (6): Attic: Window 0, Window 2, Window 4; Hall: Window 1, Window 3, Window 5"
    )
    assert told.named == {"o", *(f"c{n}" for n in range(6))}


def test_the_commonest_state_is_shortened_first() -> None:
    """The one open window keeps its name longest."""
    told = group_line("Windows: ", WINDOWS, max_tokens=80, count=len)
    assert told.text == ("Windows: open (1): elsewhere: Roof hatch · closed (6): Attic 3, Hall 3")
    assert told.named == {"o"}

    told = group_line("Windows: ", WINDOWS, max_tokens=60, count=len)
    assert told.text == "Windows: open (1): elsewhere: Roof hatch · closed (6)"

    told = group_line("Windows: ", WINDOWS, max_tokens=50, count=len)
    assert told.text == "Windows: open (1): elsewhere 1 · closed (6)"

    told = group_line("Windows: ", WINDOWS, max_tokens=1, count=len)
    assert told.text == "Windows: open (1) · closed (6)"
    assert not told.named


def test_what_each_has_for_itself_is_halved_until_it_fits() -> None:
    """The first are told, and how many are left out."""
    readings = {"": [Member(str(n), f"S{n} {n} °C", "Hall") for n in range(5)]}

    told = group_line("Every sensor: ", readings, max_tokens=60, count=len)
    assert told.text == "Every sensor: Hall: S0 0 °C, S1 1 °C; and 3 more"
    assert told.named == {"0", "1"}

    told = group_line("Every sensor: ", readings, max_tokens=0, count=len)
    assert told.text == "Every sensor: and 5 more"
