"""Write the manual's pages again, one for each command, from what the commands themselves say of their options."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cinecor.cli.main import COMMANDS, parser_of
from cinecor.measure.conventions import NOTICE

PAGES = Path(__file__).resolve().parents[1] / "installer" / "linux" / "man"
_EXIT = (
    ("0", "all inputs done"),
    ("1", "some inputs failed, or something of the work could not be made; the rest is written"),
    ("2", "wrong usage"),
    ("3", "nothing that can be outlined was found"),
    ("4", "the model was refused"),
)


def main() -> None:
    """Write every page, and remove those of commands that are gone."""
    PAGES.mkdir(exist_ok=True)
    pages = manual()
    for path in PAGES.glob("*.1"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (PAGES / name).write_text(text, encoding="utf-8")


def manual() -> dict[str, str]:
    """Return the text of each page by its file's name; `@VERSION@` stands for the version."""
    return {f"cinecor-{name}.1": _page(name) for name in COMMANDS}


def _page(name: str) -> str:
    purpose, parser = parser_of(name)
    lines = [
        f'.TH CINECOR-{name.upper()} 1 "" "Cinecor @VERSION@" "User commands"',
        ".SH NAME",
        f"cinecor\\-{name} \\- {_plain(purpose)}",
        ".SH SYNOPSIS",
    ]
    commands = _commands(parser)
    if commands:
        for number, (called, _, inner) in enumerate(commands):
            lines += [".br"] if number else []
            lines += _synopsis(f"{name} {called}", inner)
        for called, told, inner in commands:
            lines += [f".SH {_plain(called.upper())}", _plain(_sentence(told)), *_options(inner)]
    else:
        lines += [*_synopsis(name, parser), ".SH DESCRIPTION", _plain(_sentence(purpose)), ".PP", _plain(NOTICE)]
        lines += [".SH OPTIONS", *_options(parser)]
    lines += [".SH EXIT STATUS", *(line for code, told in _EXIT for line in (".TP", f".B {code}", _plain(told)))]
    lines += [".SH SEE ALSO", ".BR cinecor (1)"]
    return "\n".join(lines) + "\n"


def _commands(parser: argparse.ArgumentParser) -> list[tuple[str, str, argparse.ArgumentParser]]:
    """Return a command's own commands: name, purpose, options."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            purposes = {one.dest: one.help or "" for one in action._choices_actions}
            return [(name, purposes.get(name, ""), inner) for name, inner in action.choices.items()]
    return []


def _synopsis(command: str, parser: argparse.ArgumentParser) -> list[str]:
    needed = [action for action in parser._actions if action.option_strings and action.required]
    given = [action for action in parser._actions if not action.option_strings]
    told = " ".join(_argument(action) for action in given)
    told += "".join(f" {_bold(action.option_strings[-1])} {_argument(action)}" for action in needed)
    return [f"\\fBcinecor {_plain(command)}\\fR {told} [\\fIOPTION\\fR ...]".replace("  ", " ")]


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._HelpAction):
            continue
        names = ", ".join(_bold(one) for one in action.option_strings)
        value = "" if action.nargs == 0 else _argument(action)
        yield ".TP"
        yield f"{names} {value}".strip()
        yield _plain(_sentence(_help(action)))


def _help(action: argparse.Action) -> str:
    values: dict[str, Any] = {**vars(action), "prog": "cinecor"}
    return (action.help or "") % values if "%" in (action.help or "") else (action.help or "")


def _argument(action: argparse.Action) -> str:
    """Return what stands for a value: as the command's own help calls it."""
    name: Any = action.metavar
    if name is None:
        choices = action.choices
        name = f"{{{','.join(map(str, choices))}}}" if choices else action.dest.upper()
    if isinstance(name, tuple):
        name = " ".join(name)
    one = f"\\fI{_plain(str(name))}\\fR"
    return {"*": f"[{one} ...]", "+": f"{one} ...", "?": f"[{one}]"}.get(str(action.nargs), one)


def _bold(text: str) -> str:
    return f"\\fB{_plain(text)}\\fR"


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if not text or text.endswith((".", "!", "?")) else ".")


def _plain(text: str) -> str:
    """Return a text that roff takes as it is."""
    text = re.sub(r"\s+", " ", text).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    main()
