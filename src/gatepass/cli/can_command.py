"""The command that follows the whole chain from an engineer to an action in a customer's account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from gatepass.cli.loading import load
from gatepass.cli.options import Grant, file_option, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.decision.action_names import guesses_for
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.usecases.can_reach import Chain, Wish, reach
from gatepass.usecases.find_wish import RoleWanted, find_caller, find_role
from gatepass.wiring import file_access, machine, own_account

_NOT_ASKED = "not asked: service and resource control policies, policies of the resource, VPC endpoints"


@click.command()
@click.argument("who")
@click.argument("action")
@click.argument("resource", default="*")
@click.option("--role", "role_arn", help="The role to enter, by ARN.")
@click.option(
    "--grant", type=Grant(), help="The role to enter, by its grant: of --customer, or of the customer's file."
)
@click.option("--customer", metavar="ACCOUNT", help="The customer in whose account the role of --grant stands.")
@file_option
@click.option(
    "--account-file", "details", type=click.Path(path_type=Path), multiple=True,
    help="An account's details: aws iam get-account-authorization-details. May be given for each account.",
)  # fmt: skip
@click.option("--provider-profile", help="The AWS profile that reads the engineer's account.")
@click.option("--customer-profile", help="The AWS profile that reads the role's account.")
@click.option("--external-id-known/--external-id-unknown", default=True, help="Whether WHO gives the right one.")
@click.option("--context", "keys", multiple=True, metavar="KEY=VALUE", help="A condition key, such as aws:SourceIp=...")
@json_option
def can(  # noqa: PLR0913 - one parameter for each option
    *,
    who: str,
    action: str,
    resource: str,
    role_arn: str | None,
    grant: GrantName | None,
    customer: str | None,
    file: Path,
    details: tuple[Path, ...],
    provider_profile: str | None,
    customer_profile: str | None,
    external_id_known: bool,
    keys: tuple[str, ...],
    as_json: bool,
) -> int:
    """Tell whether WHO, an ARN, can do ACTION on RESOURCE, in a role or without one.

    Exit 0 for yes, 3 for no; the steps of the chain are told with the statements that decide.
    """
    if role_arn is not None and grant is not None:
        raise click.UsageError("name the role by --role or by --grant, not both")
    if customer is not None and grant is None:
        raise click.UsageError("--customer says whose grant is meant; name it with --grant")
    accounts = _accounts(details, (provider_profile, customer_profile))
    caller, own = find_caller(who, accounts)
    wanted = _wanted(role_arn, grant, customer, file)
    role = find_role(wanted, accounts)
    wish = Wish(caller, own, action, resource, machine.clock().now(), role, external_id_known, _pairs(keys))
    chain = reach(wish)
    catalogue = file_access.action_catalogue()
    guesses = guesses_for(action, catalogue) if catalogue is not None else None
    if as_json:
        json_result(_facts(wish, chain) | {"unknown_action": guesses is not None})
    else:
        for line in _lines(wish, chain):
            result(line)
        if guesses is not None:
            note(f"AWS has no action {action}" + (f"; did you mean {' or '.join(guesses)}?" if guesses else ""))
        note(_NOT_ASKED)
    return ExitCode.DONE if chain.allowed else ExitCode.FOUND_SOMETHING


def _wanted(role_arn: str | None, grant: GrantName | None, customer: str | None, file: Path) -> RoleWanted:
    if role_arn is not None:
        return RoleWanted(arn=RoleArn(role_arn))
    if grant is None:
        return RoleWanted()
    if customer is not None:
        return RoleWanted(grant=grant, customer=AccountId(customer))
    return RoleWanted(grant=grant, declaration=load(file, None).declaration)


def _accounts(details: Sequence[Path], profiles: Sequence[str | None]) -> dict[AccountId, AccountPolicies]:
    read = [file_access.account_of(path) for path in details]
    read += [own_account.own_policies(profile).account_policies() for profile in profiles if profile is not None]
    return {each.account: each for each in read}


def _pairs(keys: Sequence[str]) -> dict[str, str]:
    pairs = dict[str, str]()
    for text in keys:
        key, equals, value = text.partition("=")
        if not equals or ":" not in key:
            raise InvalidInput(
                "--context has a text that is no key and value",
                why="a condition key has a service, and an equals sign before its value",
                next_step="write for example: --context aws:SourceIp=203.0.113.9",
            )
        pairs[key] = value
    return pairs


def _lines(wish: Wish, chain: Chain) -> Iterator[str]:
    through = f" as {wish.role.arn}" if wish.role is not None else ""
    yield f"{'yes' if chain.allowed else 'no'}: {wish.action} on {wish.resource} by {wish.who}{through}"
    for number, link in enumerate(chain.links, start=1):
        yield f"  {number}. {'allowed' if link.allowed else 'refused'} by {link.subject}"
        yield f"     because: {link.because}"
        if link.needed:
            yield f"     needed:  {link.needed}"
    yield f"  weakest link: {chain.weakest}"


def _facts(wish: Wish, chain: Chain) -> dict[str, object]:
    return {
        "answer": "yes" if chain.allowed else "no",
        "who": str(wish.who),
        "action": wish.action,
        "resource": wish.resource,
        "role": wish.role.arn if wish.role is not None else None,
        "external_id_known": wish.knows_external_id,
        "chain": [
            {"by": link.subject, "allowed": link.allowed, "because": link.because, "needed": link.needed or None}
            for link in chain.links
        ],
        "weakest_link": chain.weakest,
        "not_asked": _NOT_ASKED.removeprefix("not asked: ").split(", "),
    }
