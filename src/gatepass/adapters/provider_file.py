"""The provider's register as files: YAML to a register, with the place of every mistake.

A register is one file, or a folder. In a folder the head stands in ``provider.yml``: account and teams, and customers
too if one likes. Every other ``.yml`` or ``.yaml`` file right in the folder, hidden ones aside, begins in the same way
(``gatepass: provider``, ``version: 1``) and holds ``customers:`` with one customer or more; its name is free, and
Gatepass itself names it after the customer. Customers come in the order of the files by name, ``provider.yml`` first.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from gatepass.adapters.form_problems import FormWords, form_problems
from gatepass.adapters.provider_form import CustomerForm, CustomersForm, HeadForm, PartForm, RegisterForm, TeamForm
from gatepass.adapters.quick_yaml import read_register_yaml
from gatepass.adapters.yaml_source import KeyPath, YamlSource
from gatepass.domain.errors import Conflict, GatepassError, InvalidFile, InvalidInput, NotThere, Problem
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.register import Access, Customer, CustomerName, Register, Team, TeamName
from gatepass.domain.register_rules import contradictions, team_contradictions

HEAD_FILE = "provider.yml"


@dataclass(frozen=True)
class RegisterFiles:
    """What the provider's files say, and where they do so.

    Attributes:
        head: the file with account and teams.
        files: the file of each customer.
    """

    register: Register
    head: Path
    files: Mapping[CustomerName, Path]
    _sources: Mapping[Path, YamlSource] = field(repr=False)

    def source(self, file: Path) -> YamlSource:
        """Return what one of the files says."""
        return self._sources[file]

    def place(self, path: KeyPath) -> str:
        """Return ``file:line:column`` of what the keys lead to, such as ``("customers", "acme-prod", "key")``."""
        name = CustomerName(str(path[1])) if len(path) > 1 and path[0] == "customers" else None
        return self._sources[self.files.get(name, self.head) if name is not None else self.head].place(path)


@dataclass
class _Reading:
    """What is gathered while the files are read, until all of it is right."""

    head: Path
    problems: list[Problem] = field(default_factory=list)
    sources: dict[Path, YamlSource] = field(default_factory=dict)
    account: AccountId | None = None
    teams: dict[TeamName, Team] = field(default_factory=dict)
    named_teams: frozenset[str] = frozenset()
    customers: dict[CustomerName, Customer] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    def place(self, path: KeyPath) -> str:
        """Return the place of what the keys lead to, in the file where it stands."""
        file = self.files.get(str(path[1]), self.head) if len(path) > 1 and path[0] == "customers" else self.head
        return self.sources[file].place(path) if file in self.sources else str(file)


def load_register(path: Path, instead: Mapping[Path, str | None] | None = None) -> RegisterFiles:
    """Return what the file, or the folder of files, says.

    Args:
        path: the file or the folder.
        instead: texts to read in place of what some of the files say; None for a file that is to go.

    Raises:
        NotThere: there is no such file.
        Conflict: it is one file of a folder.
        GatepassError: one cannot be read.
        InvalidFile: every problem in all of them, in the order of the files.
    """
    with _uncollected():
        return _load(path, instead or {})


def _load(path: Path, instead: Mapping[Path, str | None]) -> RegisterFiles:
    head, *others = _files(path, instead)
    reading = _Reading(head)
    for file in (head, *others):
        try:
            source = read_register_yaml(file, instead.get(file))
        except InvalidFile as error:
            reading.problems += error.problems
            continue
        if file == path and _is_part(file, source):
            raise Conflict(
                f"{file} is one file of the register in {file.parent}",
                why="only all of its files together say who may use what",
                next_step=f"name the folder: {file.parent}",
            )
        reading.sources[file] = source
        reading.problems += source.problems
        _read_head(reading, source) if file == head else _read_part(reading, source)
        _read_customers(reading, file, source)
    reading.problems += _contradictions(reading)
    if reading.problems or reading.account is None:
        raise InvalidFile(tuple(reading.problems))
    register = Register(reading.account, reading.teams, reading.customers)
    files = {name: reading.files[str(name)] for name in reading.customers}
    return RegisterFiles(register, head, files, reading.sources)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python's collector from walking over a million new values again and again: none of them is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def provider_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the provider's file."""
    schema = TypeAdapter(RegisterForm | CustomersForm).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _files(path: Path, instead: Mapping[Path, str | None]) -> list[Path]:
    """Return the files of the register, the head first."""
    try:
        if not path.is_dir():
            if not path.exists() and path not in instead:
                raise _no_register(path)
            return [path]
        found = {file for file in path.iterdir() if file.suffix in (".yml", ".yaml") and not file.name.startswith(".")}
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be read: {error.strerror}",
            why="it must be a folder that you may read",
            next_step="name the register with --file",
        ) from None
    head = path / HEAD_FILE
    if head not in found:
        raise NotThere(
            f"{head} is not there",
            why="in a folder of files that one holds the provider's account and teams",
            next_step=f"gatepass init provider {head}",
        )
    found = (found | {file for file, text in instead.items() if text is not None}) - {
        file for file, text in instead.items() if text is None
    }
    return [head, *sorted(found - {head})]


def _is_part(file: Path, source: YamlSource) -> bool:
    """Say whether a file that somebody named alone belongs to a folder."""
    written = source.data if isinstance(source.data, dict) else {}
    return "account" not in written and file.name != HEAD_FILE and (file.parent / HEAD_FILE).exists()


def _no_register(path: Path) -> NotThere:
    return NotThere(
        f"there is no register {path}",
        why="it is the provider's file of teams and customers, or a folder of such files",
        next_step=f"name it with --file or GATEPASS_REGISTER, or begin one: gatepass init provider {path}",
    )


def _read_head(reading: _Reading, source: YamlSource) -> None:
    written = source.data if isinstance(source.data, dict) else {}
    teams = written.get("teams")
    reading.named_teams = frozenset(teams) if isinstance(teams, dict) else frozenset()
    form = _checked(reading, source, HeadForm)
    if isinstance(form, HeadForm):
        reading.account = AccountId(form.account)
        reading.teams = {TeamName(name): _team(TeamName(name), team) for name, team in (form.teams or {}).items()}


def _read_part(reading: _Reading, source: YamlSource) -> None:
    data = source.data
    _checked(reading, source, PartForm)
    if isinstance(data, dict) and not data.get("customers"):
        what, why = "this file holds no customers", f"beside {HEAD_FILE} files hold customers"
        reading.problems.append(Problem((), what, why, "add customers:, or take the file away", source.place(())))


def _checked(reading: _Reading, source: YamlSource, form: type[PartForm]) -> BaseModel | None:
    """Return the head of the file; what is wrong with it becomes problems."""
    data = source.data
    above = {key: value for key, value in data.items() if key != "customers"} if isinstance(data, dict) else data
    try:
        return form.model_validate(above)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        reading.problems += form_problems(source, details, _words(form))
        return None


def _read_customers(reading: _Reading, file: Path, source: YamlSource) -> None:
    written = source.data.get("customers") if isinstance(source.data, dict) else None
    if written is not None and not isinstance(written, dict):
        what, next_step = "customers is not a mapping", "write each customer's name below it, indented"
        reading.problems.append(
            Problem(("customers",), what, "it holds customers by name", next_step, source.place(("customers",)))
        )
        return
    for name, entry in (written or {}).items():
        path = ("customers", name)
        here = source.place(path, of_key=True)
        if name in reading.files:
            other = reading.sources[reading.files[name]].place(path, of_key=True)
            why = f"a customer has one entry; the other stands at {other}"
            reading.problems.append(Problem(path, f"{name} stands twice", why, "join the two", here))
            continue
        reading.files[name] = file
        try:
            customer = _customer(CustomerName(name), CustomerForm.model_validate(entry))
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            reading.problems += form_problems(source, details, _words(CustomerForm), path)
        except InvalidInput as error:
            reading.problems.append(Problem(path, error.what, error.why, error.next_step, here))
        else:
            reading.customers[customer.name] = customer


def _contradictions(reading: _Reading) -> Iterator[Problem]:
    of_customers = contradictions(reading.account, reading.named_teams, reading.customers.values())
    for found in (*team_contradictions(reading.teams.values()), *of_customers):
        why = found.why
        if found.other is not None:
            why += f"; the other stands at {reading.place(found.other)}"
        yield Problem(found.path, found.what, why, found.next_step, reading.place(found.path))


def _team(name: TeamName, form: TeamForm) -> Team:
    return Team(
        name,
        tuple(form.iam_roles),
        tuple(form.iam_groups),
        form.identity_center_group,
        policy=form.policy,
        arns_only=form.arns_only,
    )


def _customer(name: CustomerName, form: CustomerForm) -> Customer:
    return Customer(
        name=name,
        company=form.company if form.company is not None else name.text,
        account=AccountId(form.account),
        key=form.key,
        roles={GrantName(grant): arn for grant, arn in form.roles.items()},
        teams={GrantName(grant): tuple(map(TeamName, teams)) for grant, teams in form.teams.items()},
        access=Access(form.access) if form.access is not None else None,
        signed_by=form.signed_by,
        last_pass={GrantName(grant): instant for grant, instant in form.last_pass.items()},
    )


def _words(form: type[BaseModel]) -> FormWords:
    def known_keys(path: KeyPath) -> list[str]:
        if form is HeadForm and len(path) == 3:
            return list(TeamForm.model_fields)
        return [*form.model_fields, *(["customers"] if form is not CustomerForm else [])]

    unread = "an unread key would be an access that you think you set"
    if form is PartForm:
        unread += f"; account and teams stand in {HEAD_FILE}"
    return FormWords(known_keys, unread, "gatepass schema provider", ("teams", "customers"))
