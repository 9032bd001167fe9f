"""`visgen`: one command line, whose sub-commands each package contributes through the group `visgenenv.commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from visgenenv import plugins
from visgenenv.errors import ConfigError, VisGenError


class Command(Protocol):
    """One sub-command: a function that adds its arguments and sets `run` as default."""

    def __call__(self, parser: argparse.ArgumentParser, /) -> None:
        """Add arguments and `parser.set_defaults(run=function_of_namespace_returning_exit_code)`."""
        ...


class _Lazy(argparse.ArgumentParser):
    """A sub-parser that loads its command only when it is the one chosen."""

    command = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.command:
            command, self.command = self.command, ""
            add = plugins.load("commands", command)
            self.description = (add.__doc__ or "").strip()
            self.epilog = "exit status: 0 done, 1 the thing itself failed, 2 wrong arguments"
            add(self)
        return super().parse_known_args(args, namespace)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 (done), 1 (the thing itself failed) or 2 (wrong arguments)."""
    parser = argparse.ArgumentParser(prog="visgen", description="Train and measure agents that create images and videos by calling tools.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Lazy)
    for name in plugins.names("commands"):
        commands.add_parser(name).command = name
    namespace = parser.parse_args(arguments)
    if not hasattr(namespace, "run"):
        parser.error(f"visgen {namespace.command}: say what to do; see --help")
    try:
        return int(namespace.run(namespace) or 0)
    except ConfigError as error:
        print(f"visgen {namespace.command}: {error}", file=sys.stderr)
        return 2
    except VisGenError as error:
        print(f"visgen {namespace.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"visgen {namespace.command}: interrupted; run it again to go on", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
