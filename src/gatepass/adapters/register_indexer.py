"""Makes the index of a register: after everything in it was loaded and checked, and only of files that kept still."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from gatepass.adapters.provider_file import RegisterFiles, load_register
from gatepass.adapters.register_index import (
    COMPANY,
    FILE,
    FIRST,
    FORM,
    LAST,
    NAME,
    ROLE,
    company_key,
    customer_entry,
    folder_of,
    index_path,
    register_files,
    register_marks,
)
from gatepass.adapters.warm_answers import mark
from gatepass.domain.errors import Conflict
from gatepass.domain.register import Register
from gatepass.private_files import make_private_folder, write_private

# A file that was written so short a time ago may change again without a sign.
_SETTLED_SECONDS = 0.02


def load_and_index(path: Path) -> Register:
    """Return what the register says, checked as a whole, and keep an index of it where that is possible.

    Raises:
        NotThere: there is no register.
        InvalidFile: every problem in it.
    """
    begun = time.time()
    before = _marks(str(path))
    found = load_register(path)
    if before == _marks(str(path)) and all(_changed_at(each) < begun - _SETTLED_SECONDS for each in before):
        try:
            place = Path(index_path(str(path)))
            make_private_folder(place.parent)
            write_private(place, _text(found, str(path), before).encode("utf-8", "surrogateescape"))
        except (OSError, Conflict):
            # Without an index the register is read each time.
            pass
    return found.register


def _marks(register: str) -> tuple[str, ...]:
    folder = folder_of(register)
    files = sorted(register_files(folder)) if folder else []
    return (*register_marks(register), *map(mark, files))


def _changed_at(file_mark: str) -> float:
    modified, changed, *_ = file_mark.split(" ")
    return max(int(modified), int(changed)) / 1e9 if modified.isdigit() and changed.isdigit() else 0.0


def _text(found: RegisterFiles, register: str, marks: tuple[str, ...]) -> str:
    first = f"{FIRST}\t{json.dumps([FORM, str(found.register.account), *register_marks(register)])}\n"
    by_file = {Path(each).name: each for each in marks} if folder_of(register) else {}
    return first + "".join(sorted(_lines(found, by_file))) + LAST


def _lines(found: RegisterFiles, by_file: dict[str, str]) -> Iterator[str]:
    companies: dict[str, list[str]] = {}
    for name, customer in found.register.customers.items():
        file = found.files[name].name if by_file else ""
        yield f"{NAME}{name}\t{customer_entry(customer, file)}\n"
        companies.setdefault(company_key(customer.company), []).append(str(name))
        for role in customer.roles.values():
            yield f"{ROLE}{role}\t{name}\n"
    for key, names in companies.items():
        yield f"{COMPANY}{key}\t{json.dumps(names)}\n"
    for path_end, each in by_file.items():
        if path_end.endswith((".yml", ".yaml")):
            yield f"{FILE}{path_end}\t{each}\n"
