"""Commands for those who write code or package it: laws, completion, man."""

from __future__ import annotations

import argparse
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from timeline.cli.common import BROKEN, OK, import_name, note
from timeline.cli.parser import command_parser
from timeline.errors import LawError

__all__ = ["completion", "laws", "man"]


def laws(options: Namespace) -> int:
    """Try the laws of projections on one; ends with 1 if one is broken."""
    # The kit needs an extra, and no other command may ask for it: hence no import at the top.
    kit = import_module("timeline.testing.laws")
    make = import_name(options.projection, "P")
    if not callable(make):
        raise LawError(
            f"{options.projection} is {make!r}; name a class derived from Projection, or a "
            "function that makes one"
        )
    for name in options.only or ():
        if name not in {law.name for law in kit.LAWS}:
            known = ", ".join(law.name for law in kit.LAWS)
            raise LawError(f"no law is called {name!r}; they are {known}")
    if options.write is not None:
        source = import_module("timeline.testing.laws.module_writer")
        return _write(options.write, source.source(make, only=options.only))
    report = kit.verify(
        make,
        examples=options.examples,
        seed=options.seed,
        only=options.only,
        smoke=options.smoke,
    )
    print(report)
    return OK if report.ok else BROKEN


def _write(name: str, text: str) -> int:
    if name == "-":
        print(text, end="")
        return OK
    try:
        with Path(name).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise LawError(f"{name} is there already; name another file") from None
    except OSError as error:
        raise LawError(f"{name} can't be written: {error.strerror}") from error
    note(f"wrote {name}; run it: pytest {name}")
    return OK


def completion(options: Namespace) -> int:
    """Print a completion script, made from the commands as they are."""
    commands = _commands()
    names = " ".join(commands)
    cases = {
        name: " ".join(option for action in sub._actions for option in action.option_strings)  # noqa: SLF001 - argparse has no other door
        for name, sub in commands.items()
    }
    if options.shell == "fish":
        for name, sub in commands.items():
            print(
                f"complete -c timeline -n __fish_use_subcommand -a {name} "
                f"-d {_quoted(str(sub.description).split('. ')[0])}"
            )
            for option in cases[name].split():
                if option.startswith("--"):
                    seen = f"'__fish_seen_subcommand_from {name}'"
                    print(f"complete -c timeline -n {seen} -l {option[2:]}")
        return OK
    if options.shell == "zsh":
        print("autoload -U +X bashcompinit && bashcompinit")
    print("_timeline() {")
    print('    local word="${COMP_WORDS[COMP_CWORD]}" options=""')
    print('    case "${COMP_WORDS[1]}" in')
    for name, words in cases.items():
        print(f'        {name}) options="{words}" ;;')
    print("    esac")
    print(f'    [ "$COMP_CWORD" = 1 ] && options="{names}"')
    print('    case "$word" in')
    print('        -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;')
    print(
        '        *) if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "$options" -- "$word"))'
    )
    print('           else COMPREPLY=($(compgen -f -- "$word")); fi ;;')
    print("    esac")
    print("}")
    print("complete -o filenames -F _timeline timeline")
    return OK


def man(_: Namespace) -> int:
    """Print a manual page of all commands, made from the commands as they are."""
    lines = [
        '.TH TIMELINE 1 "" "" "timeline"',
        ".SH NAME",
        "timeline \\- what is reported about a conflict, and what can be known of it",
        ".SH SYNOPSIS",
        ".B timeline",
        ".I command",
        "\\&...",
        ".SH DESCRIPTION",
        _roff(command_parser().description),
        ".SH COMMANDS",
    ]
    for name, command in _commands().items():
        usage = command.format_usage().removeprefix("usage: ")
        lines += [f".SS {_roff(name)}", _roff(usage), ".PP", _roff(command.description)]
        for action in command._actions:  # noqa: SLF001 - argparse has no other door
            takes = "" if action.nargs == 0 else action.metavar or ""
            words = takes if isinstance(takes, str) else " ".join(takes)
            label = f"{', '.join(action.option_strings)} {words}".strip() or action.dest
            lines += [".TP", f".B {_roff(label)}", _roff(action.help)]
    lines += [
        ".SH EXIT STATUS",
        "0 if all is well, 1 if what was looked at is not, 2 if it couldn't",
    ]
    lines += ["be run as it was put."]
    print("\n".join(lines))
    return OK


def _roff(text: str | None) -> str:
    """A text as a line of the typesetter's, none of its letters a request."""
    line = " ".join((text or "").replace("%%", "%").split())
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{line}" if line.startswith((".", "'")) else line


def _commands() -> dict[str, argparse.ArgumentParser]:
    """The commands by name."""
    for action in command_parser()._actions:  # noqa: SLF001 - argparse has no other door
        if isinstance(action.choices, dict):
            return dict(action.choices)
    raise AssertionError("the parser has commands")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
