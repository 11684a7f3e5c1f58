"""What stands for a word that is not written out yet: customers, grants, teams, resources, Regions.

Nothing here asks AWS, and nothing fails: where no names are to be had, none are offered.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from gatepass.domain.errors import GatepassError
from gatepass.domain.region_name import RegionName

# More than these nobody reads; the next letter narrows them.
_MOST = 1000
_REGISTER = "customers.yml"
_ACCESS = "access.yml"
_WORKSPACE = "workspace.yml"
# Those that an account has without asking for them, and the separate worlds'.
_REGIONS = ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
    "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2",
)  # fmt: skip

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


class Regions(click.ParamType[RegionName]):
    """The name of a Region."""

    name = "region"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> RegionName:
        """Return the name."""
        del param, ctx
        return value if isinstance(value, RegionName) else RegionName(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the Regions that begin so, of those every account has."""
        del ctx, param
        return _items(_REGIONS, incomplete)


def customers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the customers of the register that begin so; with their grants where these have to be named."""
    del param
    return _quietly(lambda: _items(_ways(_register(ctx), incomplete), incomplete))


def customer_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the customers of the register that begin so, without their grants."""
    del param
    return _quietly(lambda: _items(_names(_register(ctx)), incomplete))


def first_of_exec(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return customers for the first word, and files for those of the command behind it."""
    if ctx.params.get("words"):
        return [CompletionItem(incomplete, type="file")]
    return customers(ctx, param, incomplete)


def teams(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the teams of the register that begin so."""
    del param
    from gatepass.wiring import registers

    return _quietly(
        lambda: _items((str(name) for name in registers.register_book(_register(ctx)).load().teams), incomplete)
    )


def grants(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the grants of the customer's file that begin so."""
    del param
    from gatepass.wiring import file_access

    file = Path(ctx.params.get("file") or _ACCESS)
    return _quietly(
        lambda: _items((str(each.name) for each in file_access.load_customer_file(file).declaration.grants), incomplete)
    )


def workspace_grants(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the grants that begin so, of the access file that the workspace's file names."""
    del param
    from gatepass.wiring import workspaces

    named = ctx.params.get("file") or next(iter(ctx.params.get("files") or ()), _WORKSPACE)
    return _quietly(
        lambda: _items((str(each.name) for each in workspaces.load_setup(Path(named)).declaration.grants), incomplete)
    )


def resources(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the names of the catalogue that begin so, with their service."""
    del ctx, param
    from gatepass.wiring import listing

    return _quietly(
        lambda: [
            CompletionItem(name, help=kind.service)
            for kind in listing.resource_kinds()
            for name in (kind.name, f"{kind.name}-detailed")
            if name.startswith(incomplete) and (name == kind.name or incomplete.startswith(kind.name))
        ]
    )


def commands(table: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """Return the commands that begin so, without importing them.

    Args:
        table: each command's name and its line of help.
        incomplete: what is written so far.
    """
    return [CompletionItem(name, help=line) for name, line in table if name.startswith(incomplete)]


def _ways(register: Path, begun: str) -> list[str]:
    """Return ``CUSTOMER``, or ``CUSTOMER/GRANT`` once a slash is written or one customer with several is left."""
    from gatepass.wiring import registers

    ways = [each for each in registers.customer_names(register) if each.startswith(begun)]
    if "/" in begun:
        return ways
    names = list(dict.fromkeys(each.partition("/")[0] for each in ways))
    return ways if len(names) == 1 and len(ways) > 1 else names


def _names(register: Path) -> list[str]:
    from gatepass.wiring import registers

    return [each.partition("/")[0] for each in registers.customer_names(register)]


def _register(ctx: click.Context) -> Path:
    """Return the register that the command would use."""
    return Path(ctx.params.get("register") or os.environ.get("GATEPASS_REGISTER") or _REGISTER)


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    found = sorted({name for name in names if name.startswith(incomplete)})
    return [CompletionItem(name) for name in found[:_MOST]]


def _quietly(find: Callable[[], list[CompletionItem[str]]]) -> list[CompletionItem[str]]:
    try:
        return find()
    except (GatepassError, OSError):
        # Nobody waits for a message behind the Tab key; the command itself tells what is wrong.
        return []
