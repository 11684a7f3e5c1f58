"""What the policy of ``doctor --policy`` is made from, and what is to be said beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from gatepass.cli.partition import chosen_partition
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.limits import VERIFIER
from gatepass.domain.needed_rights import Person
from gatepass.domain.register import TeamName
from gatepass.domain.store_calls import STORES
from gatepass.render.least_rights import FileLimits, Reach
from gatepass.usecases.file_limits import file_limits, has_names
from gatepass.wiring import own_account

if TYPE_CHECKING:
    from gatepass.wiring.file_access import CustomerFile


# No team can be named so: a policy with it lets nobody read anything.
_SOME_TEAM = "TEAM"


def reach_for(
    person: Person,
    accounts: Sequence[str],
    loaded: CustomerFile | None,
    principal_tag: str | None,
    teams: Sequence[TeamName] = (),
) -> Reach:
    """Return where the policy shall hold.

    Raises:
        InvalidInput: an account is none, or another than the file's.
        UsageError: nothing says which account.
    """
    given = tuple(AccountId(text) for text in dict.fromkeys(accounts))
    if person is not Person.CUSTOMER:
        name_key = f"aws:PrincipalTag/{principal_tag}" if principal_tag else "aws:username"
        name = VERIFIER if person is Person.VERIFIER else ""
        named = tuple(str(team) for team in teams) or (_SOME_TEAM,)
        return Reach(chosen_partition(), customers=given, name_key=name_key, name=name, teams=named)
    if len(given) > 1:
        raise click.UsageError("a customer's policy is for one account")
    declared = loaded.declaration.account if loaded is not None else None
    if given and declared is not None and given[0] != declared:
        raise InvalidInput(
            f"the file is for account {declared}, and --account says {given[0]}",
            why="the policy is for the roles of one account",
            next_step="leave --account out: the file names the account",
        )
    if given or declared is not None:
        return Reach(chosen_partition(), given[0] if given else declared)
    if not own_account.has_credentials():
        raise click.UsageError("nothing says which account; give --account or --file, or load credentials")
    partition, account = own_account.own_roles().owner()
    return Reach(partition, account)


def limits_from(loaded: CustomerFile | None, reach: Reach) -> tuple[FileLimits | None, bool]:
    """Return what the file limits, and whether the names of policies in it were looked up in AWS."""
    if loaded is None:
        return None, False
    declaration = loaded.declaration
    needs_aws = has_names(declaration) and own_account.has_credentials()
    roles = own_account.own_roles() if needs_aws else None
    if roles is not None and roles.owner()[1] != declaration.account:
        roles = None
    looked_up = roles is not None or not has_names(declaration)
    return file_limits(declaration, reach.partition, roles), looked_up


def aws_store_of(person: Person, named: str | None, loaded: CustomerFile | None) -> str:
    """Return where in AWS second factors are kept; empty when that is elsewhere or nowhere.

    A provider's people share SSM unless they say something else; a customer's file says it itself.
    """
    if person is Person.CUSTOMER:
        return named or store_of(loaded)
    return (named or "ssm") if named is None or named in STORES else ""


def store_of(loaded: CustomerFile | None) -> str:
    """Return where in AWS the file keeps second factors; empty when it does so elsewhere or nowhere."""
    named = loaded.declaration.second_factor_store if loaded is not None else None
    return named if named is not None and named in STORES else ""


def policy_notes(
    person: Person, reach: Reach, limits: FileLimits | None, *, switch_only: bool, looked_up: bool
) -> Iterator[str]:
    """Yield what the person who attaches the policy should know."""
    if person is not Person.CUSTOMER:
        yield from _entry_notes(person, reach)
        return
    if limits is not None and limits.all_bounded:
        yield "it writes only on roles that carry the boundary; one of ours without it needs an administrator once:"
        yield "  aws iam put-role-permissions-boundary --role-name ROLE --permissions-boundary ARN"
    else:
        yield "IAM cannot look into what is written: who holds this can give any permission to a role under"
        yield "/gatepass/ and let anyone in. Keep it for administrators, or give every grant a boundary and use --file"
    if limits is None and not switch_only:
        yield "with --file access.yml only the policies that the file names can be attached"
    if limits is not None:
        yield "it is for the file as it stands: print it again when policies, boundaries or adopted roles change"
        if not looked_up:
            yield "AWS was not asked what the names of policies mean: they may stand under any path"
    if limits is None:
        yield "roles that were adopted under another path are not in it; with --file they are"


def _entry_notes(person: Person, reach: Reach) -> Iterator[str]:
    if reach.name:
        yield f"a session must carry the name {reach.name}, to which customers' roles refuse everything"
        yield f"it is for the IAM user or role {VERIFIER}, which verify and admit act as"
        yield "it can move second factors into quarantine and back, and reads all of them"
    else:
        yield f"a session must carry the engineer's own name: {reach.demanded_name}"
    if not reach.name and reach.name_key == "aws:username":
        yield "only IAM users have that; for Identity Center map a tag and say --principal-tag KEY"
    if not reach.customers:
        yield "it reaches roles under /gatepass/ of every account, a stranger's too: name the customers with --account"
    if person is Person.ENGINEER and reach.teams == (_SOME_TEAM,):
        yield f"put the team's name in the place of {_SOME_TEAM}, or say --team; gatepass apply gives it to each team"
    if person is Person.PROVIDER:
        yield "whoever holds it can let anybody of this account into customers' roles: it is for the access lead alone"
