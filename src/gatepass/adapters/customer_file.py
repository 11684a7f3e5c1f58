"""The customer's file: YAML to grants, with the place of every mistake, and the JSON Schema of its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gatepass.adapters.customer_form import CustomerForm, GrantForm, NamingForm, WindowForm
from gatepass.adapters.form_problems import FormWords, form_problems
from gatepass.adapters.written_channels import EmailForm, NotifyForm
from gatepass.adapters.yaml_source import KeyPath, YamlSource, read_yaml
from gatepass.domain.errors import InvalidFile, InvalidInput, Problem
from gatepass.domain.grant import Declaration, Grant, Naming, Window, role_name
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn, RoleName


@dataclass(frozen=True)
class CustomerFile:
    """What a customer's file declares, and where in the file it does so."""

    declaration: Declaration
    source: YamlSource


def load_customer_file(path: Path) -> CustomerFile:
    """Return what the file declares.

    Raises:
        GatepassError: the file cannot be read.
        InvalidFile: every problem in it, in the order of the file.
    """
    return _loaded(read_yaml(path), path.parent)


def declared(data: object, folder: Path) -> Declaration:
    """Return what the data of a customer's file declare, where they stand inside another file.

    Raises:
        InvalidFile: every problem in it, without places.
    """
    return _loaded(YamlSource("the customer's file in it", data), folder).declaration


def _loaded(source: YamlSource, folder: Path) -> CustomerFile:
    problems = [*source.problems, *_contradictions(source)]
    try:
        form = CustomerForm.model_validate(source.data, context={"folder": folder})
    except ValidationError as error:
        problems += form_problems(source, error.errors(include_url=False, include_input=False), _words())
        raise InvalidFile(tuple(problems)) from None
    grants = tuple(_grant(name, entry) for name, entry in form.grants.items())
    declaration = Declaration(AccountId(form.account), grants, _naming(form), dict(form.tags))
    declaration = replace(declaration, second_factor_store=form.second_factor_store)
    if form.notify is not None:
        declaration = replace(declaration, notify=form.notify.channels())
    problems += _names_too_long(source, declaration)
    if problems:
        raise InvalidFile(tuple(problems))
    return CustomerFile(declaration, source)


def written_policies(path: Path) -> tuple[dict[KeyPath, str], YamlSource]:
    """Return the managed policies that the file names, and the places in it, whatever else is wrong with it.

    So that a file with other mistakes can be told all of them at once.

    Raises:
        GatepassError: the file cannot be read.
        InvalidFile: it is not YAML.
    """
    source = read_yaml(path)
    found: dict[KeyPath, str] = {}
    for name, entry in _mapping(_mapping(source.data).get("grants")).items():
        permissions = _mapping(entry).get("permissions")
        if isinstance(permissions, list):
            path_here = ("grants", name, "permissions")
            found |= {(*path_here, index): text for index, text in enumerate(permissions) if isinstance(text, str)}
    return found, source


def customer_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the customer's file."""
    schema = CustomerForm.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _grant(name: str, entry: GrantForm) -> Grant:
    return Grant(
        name=GrantName(name),
        provider=AccountId(entry.provider),
        permissions=tuple(entry.permissions),
        custom_policy=entry.custom_policy,
        boundary=PolicyArn(entry.boundary) if entry.boundary else None,
        needs_second_factor=entry.second_factor == "required",
        principals=tuple(entry.principals),
        window=Window(entry.window.from_, entry.window.until) if entry.window else Window(),
        session_limit=entry.session,
        source_networks=tuple(entry.source_ips),
        requires_source_identity=entry.require_source_identity,
        adopted=RoleName(entry.role) if entry.role else None,
        customer_key=entry.customer_key,
        seal_to=entry.seal_to,
        offer=entry.offer,
        keeps_roles=entry.keeps_roles,
    )


def _naming(form: CustomerForm) -> Naming:
    written = form.naming.model_dump() if form.naming else {}
    return Naming(**{token: text for token, text in written.items() if text})


def _contradictions(source: YamlSource) -> Iterator[Problem]:
    """Yield what is wrong with the grants taken together, as far as they can be read."""
    account = _mapping(source.data).get("account")
    seen: dict[str, str] = {}
    kept: dict[str, str] = {}
    for name, entry in _mapping(_mapping(source.data).get("grants")).items():
        path = ("grants", name)
        if name.lower() in seen:
            what = f"grant {name} overlaps with {seen[name.lower()]}"
            why = "IAM does not tell role names apart by case, so both would be one role"
            yield Problem(path, what, why, "give one of them another name", source.place(path, of_key=True))
        seen.setdefault(name.lower(), name)
        role = _mapping(entry).get("role")
        if isinstance(role, str) and role.lower() in kept:
            what = f"{name} keeps the role of {kept[role.lower()]}"
            why = "a role has one trust policy and one switch, so it is for one grant"
            yield Problem((*path, "role"), what, why, "name another role", source.place((*path, "role")))
        elif isinstance(role, str):
            kept[role.lower()] = name
        yield from _of_grant(source, path, _mapping(entry), account)
    yield from _topic_of_another(source, account)


def _topic_of_another(source: YamlSource, account: object) -> Iterator[Problem]:
    topic = _mapping(_mapping(source.data).get("notify")).get("sns")
    if isinstance(topic, str) and topic.count(":") == 5 and topic.split(":")[4] != account:
        path = ("notify", "sns")
        what = "the topic stands in another account"
        why = "notices tell who enters your account, and when; they stay in it until you pass them on yourself"
        yield Problem(path, what, why, "name a topic of this account", source.place(path))


def _of_grant(source: YamlSource, path: KeyPath, entry: dict[str, object], account: object) -> Iterator[Problem]:
    if isinstance(account, str) and entry.get("provider") == account:
        place = source.place((*path, "provider"))
        what, why = f"the provider of {path[-1]} is this account itself", "a provider acts from an account of its own"
        yield Problem(path, what, why, "write the provider's account number", place)
    boundary = entry.get("boundary")
    if isinstance(boundary, str) and boundary.count(":") >= 5 and boundary.split(":")[4] not in ("aws", account):
        place = source.place((*path, "boundary"))
        what = f"the boundary of {path[-1]} stands in another account"
        yield Problem(path, what, "a boundary is a policy of this account or of AWS", "name one of this account", place)


def _names_too_long(source: YamlSource, declaration: Declaration) -> Iterator[Problem]:
    for grant in declaration.grants:
        path = ("grants", str(grant.name))
        try:
            role_name(grant, declaration.naming)
        except InvalidInput as error:
            yield Problem(path, error.what, error.why, error.next_step, source.place(path, of_key=True))


def _mapping(value: object) -> dict[str, object]:
    """Return the mapping, or an empty one for what should be a mapping and is not."""
    return value if isinstance(value, dict) else {}


def _words() -> FormWords:
    unread = "an unread key would be a permission you think you set"
    return FormWords(_known_keys, unread, "gatepass schema customer", entries=("grants",))


def _known_keys(path: KeyPath) -> Iterator[str]:
    return (field.alias or name for name, field in _form_around(path).model_fields.items())


def _form_around(path: KeyPath) -> type[BaseModel]:
    match path:
        case ("grants", _, "window", _):
            return WindowForm
        case ("grants", _, _):
            return GrantForm
        case ("naming", _):
            return NamingForm
        case ("notify", "email", _):
            return EmailForm
        case ("notify", _):
            return NotifyForm
        case _:
            return CustomerForm
