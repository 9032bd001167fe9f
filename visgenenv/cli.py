"""`visgen`: one command line, whose sub-commands each package contributes through the group `visgenenv.commands`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, Protocol

from visgenenv import __version__, plugins
from visgenenv.commands import Once
from visgenenv.errors import ConfigError, PluginError, ShadowedPackage, TaskFileError, VisGenError


class Command(Protocol):
    """One sub-command: a function that adds its arguments and sets `run` as default."""

    def __call__(self, parser: argparse.ArgumentParser, /) -> None:
        """Add arguments and `parser.set_defaults(run=function_of_namespace_returning_exit_code)`."""
        ...


class _Lazy(argparse.ArgumentParser):
    """A sub-parser that loads its command only when it is the one chosen."""

    command = ""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._given: list[str] = []
        self.register("action", None, Once)
        self.register("action", "store", Once)

    def error(self, message: str) -> NoReturn:
        """As argparse, with what to do about a value that looks like an option."""
        value = next((one for one in self._given if len(one) > 2 and one[0] == "-" != one[1]), None)
        hint = f'; write a value that begins with "-" after "=": --reward={value}' if value and "expected one argument" in message else ""
        super().error(message + hint)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._given = list(args or ())
        if self.command:
            command, self.command = self.command, ""
            add = plugins.load("commands", command)
            self.description = (add.__doc__ or "").strip()
            self.epilog = "exit status: 0 done, 1 the thing itself failed, 2 wrong arguments"
            add(self)
        return super().parse_known_args(args, namespace)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 (done), 1 (the thing itself failed) or 2 (wrong arguments)."""
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())  # "module:attribute" may name a file of the folder the command is run in
    parser = argparse.ArgumentParser(prog="visgen", description="Train and measure agents that create images and videos by calling tools.")
    parser.add_argument("--version", action="version", version=f"visgen {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Lazy)
    for name in plugins.names("commands"):
        commands.add_parser(name, allow_abbrev=False).command = name
    name = "visgen"
    try:
        namespace = parser.parse_args(arguments)
        name = f"visgen {namespace.command}"
        if not hasattr(namespace, "run"):
            parser.error(f"{name}: say what to do; see {name} --help")
        return int(namespace.run(namespace) or 0)
    except (ConfigError, TaskFileError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except PluginError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1 if isinstance(error, ShadowedPackage) else 2
    except ModuleNotFoundError as error:
        missing = plugins.missing_extra(error)
        if missing is None:
            raise
        print(f"{name}: {missing}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); what Python would flush at exit has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (VisGenError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{name}: interrupted{'; run it again to go on' if getattr(namespace, 'resumes', False) else ''}", file=sys.stderr)
        return 1
