"""The provider's register, in a file or a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.domain.register import Register

if TYPE_CHECKING:
    from gatepass.adapters.register_index import Found as Found  # noqa: PLC0414 - exported
    from gatepass.adapters.register_index import RegisterIndex
    from gatepass.adapters.yaml_source import KeyPath
    from gatepass.domain.listed_role import ListedRole
    from gatepass.ports.register import RegisterBook


def register_book(path: Path) -> RegisterBook:
    """Return the provider's register that is kept in that file or folder; nothing is read yet."""
    from gatepass.adapters.register_book import FileRegisterBook

    return FileRegisterBook(path)


def remembered_book(path: Path) -> RegisterBook:
    """Return the register for a run of thousands, which reads the files again only when they have changed."""
    from gatepass.adapters.remembered_register import RememberedBook

    return RememberedBook(path)


def customers_called(path: Path, name: str) -> Found:
    """Return those who may be meant by a customer's or a company's name; everybody where it is nobody's.

    Raises:
        NotThere: there is no such register.
        InvalidFile: every problem in it.
    """
    return _found(path, lambda index: index.customers_called(name))


def owner_of(path: Path, role: RoleArn) -> Found:
    """Return the customer whose role it is, or nobody; raises as ``customers_called``."""
    return _found(path, lambda index: index.owner_of(role))


def customer_names(path: Path) -> Sequence[str]:
    """Return ``customer/grant`` for every grant of the register, in order; raises as ``customers_called``."""
    from gatepass.adapters.register_index import open_index

    index = open_index(str(path))
    if index is not None and index.is_whole():
        return index.ways()
    known = _indexed(path).customers.values()
    return sorted(f"{customer.name}/{grant}" for customer in known for grant in customer.roles)


def _found(path: Path, ask: Callable[[RegisterIndex], Found | None]) -> Found:
    """Return what the index says, made anew if it is not of the files as they are; without one the whole register."""
    from gatepass.adapters.register_index import Found, open_index

    register = Register(AccountId("0" * 12))
    for is_new in (False, True):
        if is_new:
            register = _indexed(path)
        index = open_index(str(path))
        found = ask(index) if index is not None else None
        if found is not None:
            return found
    return Found(register)


def _indexed(path: Path) -> Register:
    from gatepass.adapters.register_indexer import load_and_index

    return load_and_index(path)


def register_place(path: Path, keys: KeyPath) -> str:
    """Return ``file:line:column`` of what the keys lead to in the provider's files."""
    from gatepass.adapters.provider_file import load_register

    return load_register(path).place(keys)


def is_register(path: Path) -> bool:
    """Say whether that is a provider's file, or a folder of such files, by how it begins."""
    from gatepass.adapters.file_kinds import is_register as says

    return says(path)


def provider_schema() -> dict[str, Any]:
    """Return the JSON Schema of the provider's file."""
    from gatepass.adapters.provider_file import provider_schema as schema

    return schema()


def written_customers(path: Path) -> tuple[ListedRole, ...]:
    """Return the lines of a list of customers or role ARNs.

    Raises:
        GatepassError: it cannot be read.
        InvalidFile: it is no such list.
    """
    from gatepass.adapters import json_files
    from gatepass.adapters.customer_lists import parse_list

    return parse_list(json_files.read_text(path), str(path))
