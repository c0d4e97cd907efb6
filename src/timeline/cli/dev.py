"""Commands for those who write code: laws, completion."""

from __future__ import annotations

import argparse
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from timeline.cli.common import BROKEN, OK, import_name, note
from timeline.cli.parser import command_parser
from timeline.errors import LawError

__all__ = ["completion", "laws"]


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
        source = import_module("timeline.testing.laws.template_source")
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


def _commands() -> dict[str, argparse.ArgumentParser]:
    """The commands by name."""
    for action in command_parser()._actions:  # noqa: SLF001 - argparse has no other door
        if isinstance(action.choices, dict):
            return dict(action.choices)
    raise AssertionError("the parser has commands")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
