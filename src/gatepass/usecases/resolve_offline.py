"""Find the managed policies that a customer's file names without asking AWS, as far as that goes."""

from __future__ import annotations

from collections.abc import Callable

from gatepass.domain.errors import Conflict, InvalidFile, Problem
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import Partition, PolicyArn
from gatepass.ports.roles import RoleDirectory
from gatepass.render.aws_policies import aws_policy, like
from gatepass.usecases.find_grant import demand_account
from gatepass.usecases.resolve_policies import find_policies


def resolve_offline(
    declaration: Declaration, partition: Partition, ask: Callable[[], RoleDirectory | None]
) -> dict[str, PolicyArn]:
    """Return the ARN of each permission, by the words of the file.

    An ARN means itself and a name means AWS's own policy of that name. Only for other names is the account asked, so
    that the answer is the same with credentials at hand and without.

    Args:
        declaration: the file.
        partition: the partition of the account.
        ask: returns the account, or None without credentials.

    Raises:
        InvalidFile: names that nobody knows; all of them.
        Conflict: the credentials are for another account or partition than the file.
    """
    written: dict[tuple[str | int, ...], str] = {
        ("grants", str(grant.name), "permissions", index): text
        for grant in declaration.grants
        for index, text in enumerate(grant.permissions)
    }
    found: dict[str, PolicyArn] = {}
    for text in written.values():
        arn = PolicyArn(text) if text.startswith("arn:") else aws_policy(text, partition)
        if arn is not None:
            found[text] = arn
    unknown = {path: text for path, text in written.items() if text not in found}
    roles = ask() if unknown else None
    if roles is not None:
        _demand_same(declaration, partition, roles)
        found |= find_policies(unknown.values(), roles.managed_policies())
    problems = tuple(_unknown(path, text, roles) for path, text in unknown.items() if text not in found)
    if problems:
        raise InvalidFile(problems)
    return found


def _demand_same(declaration: Declaration, partition: Partition, roles: RoleDirectory) -> None:
    standing_partition, account = roles.owner()
    demand_account(declaration, account)
    if standing_partition != partition:
        raise Conflict(
            f"account {account} is in the partition {standing_partition}, and this was to be written for {partition}",
            why="ARNs of another partition name nothing there",
            next_step="set AWS_REGION to a Region of that partition",
        )


def _unknown(path: tuple[str | int, ...], text: str, roles: RoleDirectory | None) -> Problem:
    near = like(text)
    guess = f"did you mean {' or '.join(near)}? else " if near else ""
    return Problem(
        path,
        f"no managed policy {text} is known" if roles is None else f"the account has no managed policy {text}",
        "it is none of AWS's own, and nobody could be asked about the account's: there are no credentials"
        if roles is None
        else "a grant with a policy that does not exist would give less than it says",
        f"{guess}write its ARN: arn:aws:iam::<account>:policy/{text}",
    )
