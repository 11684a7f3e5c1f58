"""The provider's register, in a file or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepass.adapters import json_files
from gatepass.domain.listed_role import ListedRole
from gatepass.ports.register import RegisterBook

if TYPE_CHECKING:
    from gatepass.adapters.yaml_source import KeyPath


def register_book(path: Path) -> RegisterBook:
    """Return the provider's register that is kept in that file or folder; nothing is read yet."""
    from gatepass.adapters.register_book import FileRegisterBook

    return FileRegisterBook(path)


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
    from gatepass.adapters.customer_lists import parse_list

    return parse_list(json_files.read_text(path), str(path))
