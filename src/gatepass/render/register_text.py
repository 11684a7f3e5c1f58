"""Parts of a register as the text of the provider's file; reading it again gives the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gatepass.domain.register import Customer, Register, Team
from gatepass.domain.trust import instant_text

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9./@+=_-]*(?::+[A-Za-z0-9./@+=_-]+)*", re.ASCII)
# What YAML, in one version or another, reads as something else than a word.
_MEANS_SOMETHING = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def register_text(register: Register) -> str:
    """Return a whole file."""
    teams = "".join(_team_text(team) for team in register.teams.values())
    customers = "".join(customer_text(customer, 2) for customer in register.customers.values())
    return (
        f'gatepass: provider\nversion: 1\naccount: "{register.account}"\n'
        f"teams:{'' if teams else ' {}'}\n{teams}customers:{'' if customers else ' {}'}\n{customers}"
    )


def customer_text(customer: Customer, indent: int) -> str:
    """Return the entry of one customer, indented so far; accounts and keys stand in quotes."""
    return "".join(f"{' ' * indent}{line}\n" for line in _customer_lines(customer))


def customers_file_text(customer: Customer) -> str:
    """Return a file that stands beside provider.yml and holds one customer."""
    return f"gatepass: provider\nversion: 1\ncustomers:\n{customer_text(customer, 2)}"


def _customer_lines(customer: Customer) -> Iterator[str]:
    yield f"{_word(str(customer.name))}:"
    yield f"  company: {_word(customer.company)}"
    yield f'  account: "{customer.account}"'
    yield f'  key: "{customer.key}"'
    if customer.roles:
        yield "  roles:"
        for grant, arn in customer.roles.items():
            yield f"    {_word(str(grant))}: {_word(str(arn))}"
    if customer.teams:
        yield "  teams:"
        for grant, teams in customer.teams.items():
            yield f"    {_word(str(grant))}: [{', '.join(_word(str(team)) for team in teams)}]"
    if customer.access is not None:
        yield f"  access: {customer.access.value}"
    if customer.signed_by is not None:
        yield f"  signed_by: {_word(str(customer.signed_by))}"
    if customer.last_pass:
        yield "  last_pass:"
        for grant, instant in customer.last_pass.items():
            # In quotes it is text to every reader of YAML, and read quickly.
            yield f'    {_word(str(grant))}: "{instant_text(instant)}"'


def _team_text(team: Team) -> str:
    parts = []
    if team.iam_roles:
        parts.append(f"iam_roles: [{', '.join(map(_word, team.iam_roles))}]")
    if team.iam_groups:
        parts.append(f"iam_groups: [{', '.join(map(_word, team.iam_groups))}]")
    if team.identity_center_group is not None:
        parts.append(f"identity_center_group: {_word(team.identity_center_group)}")
    if team.policy is not None:
        parts.append(f"policy: {_word(team.policy)}")
    if team.arns_only:
        parts.append("arns_only: true")
    return f"  {_word(str(team.name))}: {{{', '.join(parts)}}}\n"


def _word(text: str) -> str:
    """Return the text as it can stand anywhere, in quotes where it needs them; YAML reads JSON's quotes."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _MEANS_SOMETHING
    return text if is_plain else json.dumps(text, ensure_ascii=False)
