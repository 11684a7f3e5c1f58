"""The command that takes a role made by hand into the customer's file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gatepass.cli.options import Grant, file_option, json_option
from gatepass.cli.output import ExitCode, bullet_list, json_result, note, result
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.identifiers import AccountId, GrantName, RoleName
from gatepass.render.declaration_data import grant_data
from gatepass.usecases.adopt_role import Adoption, adopt_role
from gatepass.wiring import file_access, own_account


@click.command()
@click.argument("role")
@click.option("--grant", type=Grant(), help="The name of the grant; by default the role's, as far as it can be one.")
@click.option("--provider", metavar="ACCOUNT", help="Who shall enter, where the role does not name one account.")
@file_option
@json_option
def adopt(role: str, *, grant: GrantName | None, provider: str | None, file: Path, as_json: bool) -> int:
    """Write ROLE, which somebody made by hand, into the file, so that plan shows only what would change.

    Nothing in AWS is changed. The role keeps its name, its ARN and its external ID.
    """
    name = RoleName(role.rsplit("/", 1)[-1])
    owner = AccountId(provider) if provider is not None else None
    adoption = adopt_role(name, grant or _grant_name(name), own_account.own_roles(), owner)
    entry = grant_data(adoption.grant)
    policy_file = _write_policy(adoption, file)
    if policy_file is not None:
        entry["custom_policy"] = policy_file
    try:
        file_access.add_grant(file, adoption.account, adoption.grant.name, entry)
    except GatepassError:
        if policy_file is not None:
            (file.parent / policy_file).unlink()
        raise
    if as_json:
        json_result({"file": str(file), "grant": str(adoption.grant.name), "left_out": list(adoption.leftovers)})
        return ExitCode.DONE
    result(f"written: grant {adoption.grant.name} in {file}")
    if policy_file is not None:
        result(f"written: {file.parent / policy_file}, the role's inline policies")
    if adoption.leftovers:
        note("the file has no words for these, and the plan takes them away:")
        note(bullet_list(adoption.leftovers))
    if not adoption.grant.needs_second_factor:
        note("the role opens without an external ID that AWS enforces; once it is adopted, set second_factor: required")
    note(f"nothing in AWS has changed; next: gatepass plan {file}")
    return ExitCode.DONE


def _grant_name(role: RoleName) -> GrantName:
    """Return the role's name without what a grant's name cannot have."""
    kept = "".join(character if character.isalnum() or character == "-" else "-" for character in str(role))
    return GrantName(kept.lstrip("-0123456789")[:32] or "adopted")


def _write_policy(adoption: Adoption, file: Path) -> str | None:
    """Write the custom policy beside the file and return its path from there, or None when there is none."""
    custom = adoption.grant.custom_policy
    if custom is None:
        return None
    name = f"policies/{adoption.grant.name}.json"
    path = file.parent / name
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as written:
            written.write(_readable(custom))
    except FileExistsError:
        raise Conflict(
            f"{path} is there already",
            why="it would hold the role's inline policies, and nothing is overwritten",
            next_step="move it away, or give the grant another name with --grant",
        ) from None
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="it would hold the role's inline policies",
            next_step="name another file with --file",
        ) from None
    return name


def _readable(document: Document) -> str:
    return json.dumps(document.data, indent=2, ensure_ascii=False) + "\n"
