"""The command that takes a role made by hand into the customer's file."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.adopt_terraform import adopt_terraform
from gatepass.cli.options import Grant, file_option, json_option
from gatepass.cli.output import ExitCode, bullet_list, json_result, note, result
from gatepass.cli.written_adoption import write_adoption
from gatepass.domain.identifiers import AccountId, GrantName, RoleName
from gatepass.usecases.adopt_role import adopt_role
from gatepass.wiring import own_account


@click.command()
@click.argument("role", required=False)
@click.option("--grant", type=Grant(), help="The name of the grant; by default the role's, as far as it can be one.")
@click.option("--provider", metavar="ACCOUNT", help="Who shall enter, where the role does not name one account.")
@click.option(
    "--from-terraform", "terraform", metavar="FILE", type=click.Path(path_type=Path),
    help="Read the roles from a state or a plan, as terraform show -json prints it; - is standard input.",
)  # fmt: skip
@file_option
@json_option
def adopt(  # noqa: PLR0913 - one for each option
    role: str | None,
    *,
    grant: GrantName | None,
    provider: str | None,
    terraform: Path | None,
    file: Path,
    as_json: bool,
) -> int:
    """Write ROLE, which somebody made by hand, into the file, so that plan shows only what would change.

    Nothing in AWS is changed. The role keeps its name, its ARN and its external ID.
    With --from-terraform the roles that Terraform keeps are written, and how to take them over without closing a door;
    for roles that Terraform shall keep from now on, how it imports them.
    """
    if (role is None) == (terraform is None):
        raise click.UsageError("name a ROLE that somebody made by hand, or a file --from-terraform")
    if terraform is not None and provider is not None:
        raise click.UsageError("--provider is for a ROLE; roles --from-terraform say whom they are for")
    if terraform is not None:
        return adopt_terraform(terraform, file, grant, as_json=as_json)
    return _adopt_one(RoleName(str(role).rsplit("/", 1)[-1]), grant, provider, file, as_json=as_json)


def _adopt_one(name: RoleName, grant: GrantName | None, provider: str | None, file: Path, *, as_json: bool) -> int:
    owner = AccountId(provider) if provider is not None else None
    adoption = adopt_role(name, grant or _grant_name(name), own_account.own_roles(), owner)
    policy_file = write_adoption(adoption, file)
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
