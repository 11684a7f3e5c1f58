"""What is looked up in a register of thousands of customers, in a private file that is searched and not read.

The register is loaded and checked as a whole once; then each customer, each company and each role has a line, and the
lines are in order. The index is used only while the files are as they were when they were checked:

* a register in one file: that file;
* a folder: the folder itself (a file came, went or was replaced), ``provider.yml``, and the file in which the customer
  stands. A file of somebody else that was edited in place is not seen then. That is safe: what is said about a customer
  is what his own file says, and what the other file says now is used by nobody before everything was checked again.

That somebody is not in the register is said only after every file was looked at.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Iterator, Sequence

from gatepass.adapters.warm_answers import cache_folder, mark, opened_own
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Access, Customer, CustomerName, Register, TeamName

FORM = "gatepass register 1"
HEAD_FILE = "provider.yml"
# How the lines of each kind begin; the first line says of which files this is the index, the last that it is whole.
FIRST, NAME, COMPANY, ROLE, FILE, LAST = "0", "1", "2", "3", "4", "9\n"


class Found:
    """Customers that may be meant, and marks of the files that say so."""

    def __init__(self, register: Register, rests_on: tuple[str, ...] = ()) -> None:
        self.register, self.rests_on = register, rests_on


class RegisterIndex:
    """The index of one register, open.

    Attributes:
        account: the provider's own.
        rests_on: marks of what every answer rests on: the head, and the folder if there is one.
    """

    def __init__(self, account: AccountId, rests_on: tuple[str, ...], folder: str, lines: mmap.mmap) -> None:
        self.account, self.rests_on = account, rests_on
        self._folder, self._lines = folder, lines

    def customers_called(self, name: str) -> Found | None:
        """Return the customers of that name or company, everybody where there is none, or None: read the register."""
        names = [name] if self._value(NAME, name) is not None else self._of_company(name)
        if names:
            return self._found(names)
        return Found(self._everybody()) if self.is_whole() else None

    def owner_of(self, role: RoleArn) -> Found | None:
        """Return the customer whose role it is, nobody where it is none's, or None: read the register."""
        owner = self._value(ROLE, str(role))
        if owner is not None:
            return self._found([owner])
        return Found(Register(self.account), self.rests_on) if self.is_whole() else None

    def ways(self) -> list[str]:
        """Return ``customer/grant`` for every grant, in order."""
        return sorted(f"{name}/{grant}" for name, entry in self._all(NAME) for grant in json.loads(entry)["roles"])

    def _of_company(self, name: str) -> list[str]:
        return list(json.loads(self._value(COMPANY, company_key(name)) or "[]"))

    def _everybody(self) -> Register:
        customers = (customer_of(name, entry)[0] for name, entry in self._all(NAME))
        return Register(self.account, {}, {each.name: each for each in customers})

    def is_whole(self) -> bool:
        """Say whether no file of the register has changed."""
        known = {f"{self._folder}/{name}": entry for name, entry in self._all(FILE)}
        if not self._folder:
            return True
        return set(known) == set(register_files(self._folder)) and all(mark(path) == known[path] for path in known)

    def _found(self, names: Sequence[str]) -> Found | None:
        rests_on = list(self.rests_on)
        customers: dict[CustomerName, Customer] = {}
        for name in names:
            customer, file = customer_of(name, self._value(NAME, name) or "")
            customers[customer.name] = customer
            if self._folder:
                as_checked = self._value(FILE, file)
                if as_checked is None or mark(f"{self._folder}/{file}") != as_checked:
                    return None
                rests_on.append(as_checked)
        return Found(Register(self.account, {}, customers), tuple(rests_on))

    def _value(self, kind: str, key: str) -> str | None:
        """Return what the line with this key says, by halving the file again and again."""
        wanted = f"{kind}{key}\t".encode("utf-8", "surrogateescape")
        low, high = 0, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            start = self._lines.rfind(b"\n", low, middle) + 1 or low
            end = self._lines.find(b"\n", middle)
            line = self._lines[start:end]
            if line.startswith(wanted):
                return line[len(wanted) :].decode("utf-8", "surrogateescape")
            low, high = (end + 1, high) if line < wanted else (low, start)
        return None

    def _all(self, kind: str) -> Iterator[tuple[str, str]]:
        for line in self._lines[:].decode("utf-8", "surrogateescape").split("\n"):
            if line.startswith(kind):
                key, _, entry = line[1:].partition("\t")
                yield key, entry


def open_index(register: str) -> RegisterIndex | None:
    """Return the index of the register, or None when there is none that may be used."""
    descriptor = opened_own(index_path(register))
    if descriptor is None:
        return None
    try:
        lines = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
        first, last = lines[: lines.find(b"\n")], lines[-len(LAST) :]
        form, account, *as_checked = json.loads(first.removeprefix(f"{FIRST}\t".encode()))
    except (OSError, ValueError):
        # Empty, cut off, or of another form.
        return None
    finally:
        os.close(descriptor)
    rests_on = register_marks(register)
    if form != FORM or last != LAST.encode() or list(rests_on) != as_checked:
        return None
    return RegisterIndex(AccountId(account), rests_on, folder_of(register), lines)


def index_path(register: str) -> str:
    """Return where the index of the register lies."""
    name = hashlib.sha256(os.path.realpath(register).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return f"{cache_folder()}/registers/{name}"


def folder_of(register: str) -> str:
    """Return the folder that the register is, or nothing for one in a file."""
    place = os.path.realpath(register)
    return place if os.path.isdir(place) else ""


def register_marks(register: str) -> tuple[str, ...]:
    """Return the marks of what every answer about the register rests on."""
    folder = folder_of(register)
    return (mark(f"{folder}/{HEAD_FILE}"), mark(folder)) if folder else (mark(os.path.realpath(register)),)


def register_files(folder: str) -> list[str]:
    """Return the files of a register in a folder, as the loader reads them."""
    return [f"{folder}/{name}" for name in os.listdir(folder) if name.endswith((".yml", ".yaml")) and name[:1] != "."]


def company_key(company: str) -> str:
    """Return the company's name as the index is searched for it: without regard to case, and on one line."""
    return json.dumps(company.lower())


def customer_entry(customer: Customer, file: str) -> str:
    """Return what the index says of a customer."""
    return json.dumps(
        {
            "company": customer.company,
            "account": str(customer.account),
            "key": customer.key,
            "roles": {str(grant): str(role) for grant, role in customer.roles.items()},
            "teams": {str(grant): [str(team) for team in teams] for grant, teams in customer.teams.items()},
            "access": customer.access.value if customer.access is not None else None,
            "file": file,
        }
    )


def customer_of(name: str, entry: str) -> tuple[Customer, str]:
    """Return the customer, and the name of the file that says so in a folder."""
    found = json.loads(entry)
    customer = Customer(
        CustomerName(name),
        found["company"],
        AccountId(found["account"]),
        found["key"],
        {GrantName(grant): RoleArn(role) for grant, role in found["roles"].items()},
        {GrantName(grant): tuple(map(TeamName, teams)) for grant, teams in found["teams"].items()},
        Access(found["access"]) if found["access"] is not None else None,
    )
    return customer, found["file"]
