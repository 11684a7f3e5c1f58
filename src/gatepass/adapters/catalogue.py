"""The catalogue of what can be listed: ours, with the person's own entries over it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from gatepass.adapters.catalogue_form import entry_problems, known_columns
from gatepass.domain.errors import InvalidFile, Problem
from gatepass.domain.listing import ResourceKind

_OWN_FILE = "catalogue.toml"


@dataclass(frozen=True, slots=True)
class ForEach:
    """Ask once for each item of another entry.

    Attributes:
        parameters: what the operation is given, as JMESPath in that item.
        carry: what each item that comes of it is given, as JMESPath in that item.
    """

    entry: str
    parameters: Mapping[str, str]
    carry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Describe:
    """Ask for more about what was listed.

    Attributes:
        parameter: the one that takes the IDs, or a single one.
        batch: how many IDs it takes at once; None for a single one.
        id: JMESPath of the ID in a listed item.
        keep: the parameters of ``for_each`` that go along.
        only_detailed: whether the plain columns do without.
    """

    action: str
    operation: str
    items: str
    parameter: str
    batch: int | None
    id: str
    keep: tuple[str, ...]
    only_detailed: bool


@dataclass(frozen=True, slots=True)
class Explode:
    """Make one item of each element of a list in an item."""

    path: str
    carry: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Join:
    """Put the item of another entry that shares a key into each item, under ``key``."""

    entry: str
    on: str
    key: str


@dataclass(frozen=True, slots=True)
class Entry:
    """How one kind of resource is listed; the data file's head explains each part."""

    kind: ResourceKind
    action: str
    operation: str
    items: str
    paths: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None
    for_each: ForEach | None = None
    describe: Describe | None = None
    explode: Explode | None = None
    join: Join | None = None
    enrich: Mapping[str, str] = field(default_factory=dict)
    hide: tuple[str, ...] = ()
    is_pairs: bool = False
    none_is_empty: bool = False

    def columns(self, *, detailed: bool) -> tuple[str, ...]:
        """Return the names of the columns."""
        return (*self.kind.columns, *self.kind.detailed) if detailed else self.kind.columns


def catalogue() -> Mapping[str, Entry]:
    """Return every entry by its name; one of the person's own takes the place of ours.

    Raises:
        InvalidFile: the person's own file has mistakes.
    """
    return _catalogue(own_catalogue_file())


def own_catalogue_file() -> Path:
    """Return where a person's own entries are read from: ``$XDG_CONFIG_HOME/gatepass/catalogue.toml``."""
    given = os.environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification has relative paths ignored.
    folder = Path(given) if Path(given).is_absolute() else Path.home() / ".config"
    return folder / "gatepass" / _OWN_FILE


@cache
def _catalogue(own_file: Path) -> Mapping[str, Entry]:
    ours = tomllib.loads(files("gatepass.adapters").joinpath(_OWN_FILE).read_text(encoding="utf-8"))
    own = _own_entries(own_file)
    tables = ours | own
    problems = tuple(
        Problem((name,), f"[{name}] {what}", why, next_step, f"{own_file}")
        for name in own
        for what, why, next_step in entry_problems(name, tables)
    )
    if problems:
        raise InvalidFile(problems)
    return {name: _entry(name, table) for name, table in sorted(tables.items())}


def _own_entries(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except tomllib.TOMLDecodeError as error:
        what, why = "it is not TOML", str(error)
    except UnicodeDecodeError:
        what, why = "it is not text in UTF-8", "TOML is written in UTF-8"
    except OSError as error:
        what, why = "it cannot be read", error.strerror or "the system does not say why"
    raise InvalidFile(
        (Problem((), what, why, "mend it, or move it away: gatepass list knows much without", f"{path}"),)
    )


def _entry(name: str, table: Mapping[str, Any]) -> Entry:
    for_each, explode, join = table.get("for_each"), table.get("explode"), table.get("join")
    plain, detailed = known_columns(table)
    sort = table.get("sort", ())
    return Entry(
        kind=ResourceKind(
            name=name,
            service=table["service"],
            columns=tuple(plain),
            detailed=tuple(detailed),
            sort=(sort,) if isinstance(sort, str) else tuple(sort),
            type=table.get("type", ""),
            is_global=table.get("global", False),
        ),
        action=table["action"],
        operation=table["operation"],
        items=table["items"],
        paths=plain | detailed,
        parameters=table.get("parameters", {}),
        token=table.get("token"),
        for_each=ForEach(for_each["entry"], for_each["with"], for_each.get("carry", {})) if for_each else None,
        describe=_describe(table["describe"]) if "describe" in table else None,
        explode=Explode(explode["path"], explode.get("carry", {})) if explode else None,
        join=Join(join["entry"], join["on"], join["key"]) if join else None,
        enrich=table.get("enrich", {}),
        hide=tuple(table.get("hide", ())),
        is_pairs=table.get("pairs", False),
        none_is_empty=table.get("none_is_empty", False),
    )


def _describe(table: Mapping[str, Any]) -> Describe:
    return Describe(
        action=table["action"],
        operation=table["operation"],
        items=table["items"],
        parameter=table["many"] if "many" in table else table["one"],
        batch=table.get("batch", 10) if "many" in table else None,
        id=table.get("id", "@"),
        keep=tuple(table.get("keep", ())),
        only_detailed=table.get("detailed", False),
    )
