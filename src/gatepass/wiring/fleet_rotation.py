"""What rotating and admitting by the thousand is made of, out of the options of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.wiring import fleet_calls, handover, machine, own_account, registers, stores

if TYPE_CHECKING:
    import boto3

    from gatepass.adapters.connection_pool import ConnectionPool
    from gatepass.adapters.renewed_credentials import RenewedTokens
    from gatepass.domain.grant import Declaration
    from gatepass.domain.session import Caller, Credentials
    from gatepass.fleet.work import Kind, Options
    from gatepass.fleet.works.rotate import BothSides
    from gatepass.ports.roles import SwitchDirectory
    from gatepass.ports.secrets import SecretStore
    from gatepass.ports.trays import Tray
    from gatepass.usecases.customer_half import CustomerHalf
    from gatepass.usecases.take_pass import ProviderHalf
    from gatepass.usecases.write_pass import PassTools

# boto3 renews credentials by itself, and does not say when they end: they are asked for again before long.
_ASKED_AGAIN_AFTER = timedelta(minutes=5)


def rotate_kind(options: Options, files: Callable[[Path], Mapping[AccountId, str]]) -> Kind:
    """Return rotation for a folder of customers' files.

    Args:
        options: of the run.
        files: finds the files of the folder by their accounts.
    """
    from gatepass.fleet.works import rotate

    path = Path(options["files"])
    declarations = cache(lambda: _declarations(files(path)))
    directories = cache(lambda account: directory(account, options))

    def subjects() -> list[str]:
        return [
            f"{account}/{grant.name}"
            for account, declared in declarations().items()
            for grant in declared.grants
            if grant.needs_second_factor
        ]

    def half(subject: str) -> CustomerHalf:
        account, _, grant = subject.partition("/")
        declared = declarations().get(account)
        if declared is None:
            raise Conflict(
                f"no file is for account {account} any more",
                why=f"this run found one in {path} when it began",
                next_step="begin a new run",
            )
        return _half(declared, GrantName(grant), directories(declared.account), options)

    provider = _both(options) if options.get("provider_profile") else None
    return rotate.rotate_kind(
        rotate.RotationDesk(subjects, half, provider, timedelta(seconds=float(options.get("patience", "0"))))
    )


def admit_kind(options: Options) -> Kind:
    """Return admission of every pass that lies in a place."""
    from gatepass.fleet.works import admit

    return admit.admit_kind(provider_half(options))


def tray(place: str, profile: str | None = None) -> Tray:
    """Return a place where files are handed over.

    Args:
        place: a folder, ``s3://BUCKET/PREFIX``, or ``STORE:PREFIX`` for a secret store such as ``ssm:handover``.
        profile: the AWS profile whose bucket it is; None for the person's own credentials.

    Raises:
        InvalidInput: it names no bucket, or no secret.
    """
    from gatepass.adapters import trays
    from gatepass.domain.kept_secrets import STORES, demand_secret_name

    scheme, colon, rest = place.partition(":")
    if colon and scheme == "s3":
        bucket, _, prefix = rest.removeprefix("//").partition("/")
        if not bucket:
            raise InvalidInput(f"{place} names no bucket", next_step="write s3://BUCKET/PREFIX")
        return trays.BucketTray(own_account.connected(profile), bucket, prefix)
    if colon and scheme in STORES:
        demand_secret_name(rest)
        return trays.SecretTray(_store(scheme, profile), rest)
    return trays.FolderTray(Path(place))


def _declarations(files: Mapping[AccountId, str]) -> dict[str, Declaration]:
    from gatepass.wiring.declared_files import declaration

    return {str(account): declaration(Path(file)) for account, file in files.items()}


def _half(declared: Declaration, name: GrantName, roles: SwitchDirectory, options: Options) -> CustomerHalf:
    from gatepass.domain.grant import role_name
    from gatepass.usecases.customer_half import CustomerHalf

    grant = declared.grant(name)
    if grant.seal_to is None:
        raise InvalidInput(
            "there is nobody to seal the pass to",
            why=f"the grant {name} has no seal_to in the customer's file",
            next_step="take the provider's recipient from its offer: seal_to: age1...",
        )
    return CustomerHalf(
        account=declared.account,
        grant=name,
        role=role_name(grant, declared.naming),
        recipient=grant.seal_to,
        offer=grant.offer,
        roles=roles,
        store=_store(declared.second_factor_store or options["customer_store"]),
        tools=_tools(),
        outbox=_tray(options["passes"]),
        inbox=_tray(options["receipts"]),
        desk=handover.offer_desk(),
        overlap=timedelta(seconds=float(options["overlap"])),
    )


def _both(options: Options) -> BothSides:
    """Return the provider's side too, whose credentials were named."""
    from gatepass.fleet.works.rotate import BothSides

    half = provider_half(options)
    return BothSides(half, half.provider.probers.verifier)


def provider_half(options: Options) -> ProviderHalf:
    """Return the provider's side, as the AWS profile that the options name, or with the person's own credentials."""
    from gatepass.usecases.admit_pass import Provider
    from gatepass.usecases.provider_keys import load_keys
    from gatepass.usecases.take_pass import ProviderHalf

    profile = options.get("provider_profile") or None
    book = registers.remembered_book(Path(options["register"]))
    account = book.load().account
    ring = handover.key_ring(options["keys_store"], account)
    keys = load_keys(ring)
    provider = Provider(
        book,
        _store(options["store"], profile),
        handover.offer_book().made(),
        handover.admission_desk(handover.opener(keys)),
        fleet_calls.probers(options["verify_as"], options.get("stranger") or None, account),
    )
    passes, receipts = _tray(options["passes"], profile), _tray(options["receipts"], profile)
    return ProviderHalf(provider, passes, receipts, ring.locksmith.signing_key(keys.secret), keys.rotations)


@cache
def _tools() -> PassTools:
    """Return what passes are written with; the key is read once, and signs for every thread."""
    return handover.pass_tools()


@cache
def _tray(place: str, profile: str | None = None) -> Tray:
    return tray(place, profile)


@cache
def _store(kind: str, profile: str | None = None) -> SecretStore:
    """Return the store of the person, or of the AWS profile where it is one of AWS's, for many threads at once."""
    from gatepass.adapters.thread_secrets import EachThreadsSecrets

    if profile is None or kind not in {"ssm", "secrets-manager"}:
        return EachThreadsSecrets(lambda: stores.secret_store(kind))
    from gatepass.adapters.secret_manager import ManagerSecrets
    from gatepass.adapters.secret_ssm import SsmSecrets
    from gatepass.adapters.static_profile import reaches_aws_plainly

    made = SsmSecrets if kind == "ssm" else ManagerSecrets
    # boto3's clients, unlike its sessions, are for many threads at once:
    # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
    whole = cache(lambda: made(own_account.connected(profile), machine.region()))
    return _quick_manager(profile, whole) if kind == "secrets-manager" and reaches_aws_plainly(profile) else whole()


def _quick_manager(profile: str, whole: Callable[[], SecretStore]) -> SecretStore:
    from gatepass.adapters.renewed_manager import RenewedManager

    def pool(family: str) -> ConnectionPool:
        return fleet_calls.paced_pool(family, f"profile {profile}")

    region = fleet_calls.region(profile)
    reads, writes = pool("secretsmanager-read"), pool("secretsmanager-write")
    return RenewedManager(lambda: _keys_of(profile), region, reads, writes, machine.clock(), whole)


def directory(account: AccountId, options: Options) -> SwitchDirectory:
    """Return the roles of the account, entered as the options say, or with the person's own credentials."""
    from gatepass.adapters.renewed_credentials import RenewedRoles

    pool = fleet_calls.paced_pool("iam", account)
    return RenewedRoles(lambda: _credentials_in(account, options), fleet_calls.region(), pool, machine.clock())


def _credentials_in(account: AccountId, options: Options) -> Credentials:
    """Return credentials of the account: its own role's, a profile's, or the person's own."""
    profile = options.get("via_profile", "").replace("{account}", str(account)) or None
    outside, caller = _outside(profile, int(machine.clock().now().timestamp() / _ASKED_AGAIN_AFTER.total_seconds()))
    if options.get("via_role") and caller.account != account:
        role = RoleArn(f"arn:{caller.arn.split(':')[1]}:iam::{account}:role/{options['via_role'].strip('/')}")
        return _keys_inside(role, caller, profile, outside)
    if caller.account != account:
        raise Conflict(
            f"the credentials are of account {caller.account}, and the file is for {account}",
            why="nothing says how the account is entered",
            next_step="name how: --via-role OrganizationAccountAccessRole, or --via-profile 'NAME-{account}'",
        )
    return _keys_of(profile)


def _keys_inside(role: RoleArn, caller: Caller, profile: str | None, outside: boto3.Session) -> Credentials:
    """Return credentials inside a role of the person's own organisation, by the short way where AWS is reached so."""
    from gatepass.adapters.static_profile import reaches_aws_plainly

    if reaches_aws_plainly(profile):
        from gatepass.domain.session import SHORTEST_SESSION

        return _doorman(profile, caller.account).keys_inside(role, caller.engineer, SHORTEST_SESSION)
    from gatepass.adapters.organization_role import keys_inside

    return keys_inside(role, caller.engineer, outside)


@lru_cache(maxsize=16)
def _doorman(profile: str | None, account: AccountId) -> RenewedTokens:
    """Return STS as the person sees it, for thousands of entries."""
    from gatepass.adapters.renewed_credentials import RenewedTokens

    pool = fleet_calls.paced_pool("sts", account)
    return RenewedTokens(lambda: _keys_of(profile), fleet_calls.region(profile), pool, machine.clock())


@lru_cache(maxsize=16)
def _outside(profile: str | None, period: int) -> tuple[boto3.Session, Caller]:
    """Return the person's own connection, and who that is; asked for again in each period, and not for each account."""
    del period
    return own_account.connected(profile), own_account.own_tokens(profile).caller()


def _keys_of(profile: str | None) -> Credentials:
    from gatepass.adapters.aws_errors import in_our_words
    from gatepass.domain.session import Credentials

    given = own_account.base().credentials if profile is None else None
    if given is not None:
        return given
    with in_our_words(f"the credentials of the profile {profile}" if profile else "the credentials"):
        found = own_account.connected(profile).get_credentials()
        if found is None:
            raise GatepassError("there are no AWS credentials to use", next_step="set AWS_PROFILE, or name a profile")
        keys = found.get_frozen_credentials()
    soon = machine.clock().now() + _ASKED_AGAIN_AFTER if keys.token else None
    return Credentials(keys.access_key, keys.secret_key, keys.token, soon)
