"""What the use-cases need from the outside, in the words of the domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gatepass.domain.access_request import AccessRequest
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.change import Change
from gatepass.domain.documents import Document
from gatepass.domain.handed_pass import HandedPass
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, Partition, PolicyArn, RoleArn, RoleName
from gatepass.domain.listing import Listing, RegionChoice, ResourceKind
from gatepass.domain.notice import Notice, Told
from gatepass.domain.offer import Offer
from gatepass.domain.permission_sets import IdentityCenter, SetChange
from gatepass.domain.provider_keys import PublicHalves, SecretHalves
from gatepass.domain.quotas import Quotas
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.domain.role import Role
from gatepass.domain.session import Caller, Entry, Session
from gatepass.domain.signed_file import PublicKey, SignedFile
from gatepass.domain.team_access import ProviderAccount, TeamChange


@dataclass(frozen=True, slots=True)
class Sighting:
    """The switch of a role as AWS showed it, and when by AWS's own clock.

    Attributes:
        trust: the trust policy, or None when there is no such role.
        switch: the switch policy, or None when the role has none.
        aws_time: the Date header of AWS's answer, UTC, whole seconds.
    """

    trust: Document | None = field(repr=False)
    switch: Document | None = field(repr=False)
    aws_time: datetime


@dataclass(frozen=True, slots=True)
class Inventory:
    """What stands in an account: our roles, and every role name that is taken.

    Attributes:
        ours: the roles under our path, those that were adopted, and those that the file names to adopt.
        taken: the names of all other roles; IAM compares them without regard to case.
    """

    ours: Mapping[RoleName, Role] = field(default_factory=dict)
    taken: frozenset[RoleName] = frozenset()


class RoleDirectory(Protocol):
    """The roles of one account, where AWS is the state."""

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is.

        Raises:
            AccessRefused: the credentials are not accepted.
        """

    def inventory(self, adopted: Collection[RoleName] = ()) -> Inventory:
        """Return what stands in the account, read in pages and not role by role.

        Args:
            adopted: roles to read as ours wherever they stand.
        """

    def standing(self) -> Mapping[RoleArn, Role]:
        """Return our roles as they stand, without the limits of their sessions: one call for a thousand roles."""

    def quotas(self) -> Quotas | None:
        """Return what the account may hold, or None when the credentials may not know."""

    def policy_text(self, policy: PolicyArn) -> Document | None:
        """Return the text of a managed policy as it stands, or None when the credentials may not read it."""

    def sight(self, name: RoleName) -> Sighting:
        """Return the switch of one role as it stands now, in two calls."""

    def managed_policies(self) -> Mapping[PolicyArn, str]:
        """Return every managed policy that can be attached, with its name."""

    def make(self, change: Change) -> None:
        """Make one change; creating what stands and deleting what is gone are successes.

        Raises:
            AccessRefused: AWS denied it.
            Conflict: AWS could not do it: a quota, a name that is taken, a policy that is too long.
        """


class TokenService(Protocol):
    """Who one is, and how one becomes somebody else."""

    def caller(self) -> Caller:
        """Return whose credentials these are.

        Raises:
            AccessRefused: they are not accepted, or have expired.
        """

    def enter(self, entry: Entry) -> Session:
        """Assume the role.

        Raises:
            AccessRefused: AWS said no; it does not say which condition failed.
        """


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One session that began, as the customer's CloudTrail keeps it.

    Attributes:
        who: the name that the session claims, and the account it came from.
    """

    at: datetime
    who: str
    external_id: ExternalId | None = field(repr=False)


class EntryLog(Protocol):
    """Who entered a role, as far back as the account's log of events goes."""

    def entries(self, role: RoleArn) -> Sequence[EntryRecord]:
        """Return the latest sessions that began, the youngest first.

        Raises:
            AccessRefused: the credentials may not read the log.
        """


class ActTrial(Protocol):
    """A call inside a customer's account that only reads, made to see whether AWS refuses it."""

    def may_act(self, session: Session) -> bool:
        """Say whether AWS allows the session anything of what is tried.

        Raises:
            CredentialsRefused: AWS does not accept the session's credentials.
        """


class SessionShelf(Protocol):
    """The sessions of one terminal, the current one last."""

    def sessions(self) -> Sequence[Session]:
        """Return the sessions, outermost first; expired ones are among them."""

    def put(self, sessions: Sequence[Session]) -> None:
        """Keep exactly these."""


class ResourceLister(Protocol):
    """The resources of one account, by the names of the catalogue and by CloudFormation type."""

    def kinds(self) -> Sequence[ResourceKind]:
        """Return what the catalogue has, by name.

        Raises:
            InvalidFile: the person's own entries have mistakes.
        """

    def kind_of_type(self, name: str) -> ResourceKind | None:
        """Return the kind that a CloudFormation type name means, or None for any other name."""

    def regions(self, kind: ResourceKind) -> RegionChoice:
        """Return the Regions of the account in which the kind can be asked for."""

    def list(self, kind: ResourceKind, region: str | None, *, detailed: bool) -> Listing:
        """Return every resource of the kind in the Region, or in the one that is set.

        Args:
            kind: what to list.
            region: the Region, or None for the one that is set.
            detailed: whether the further columns are wanted too.

        Raises:
            AccessRefused: the credentials may not list it.
            InvalidInput: there is no such type.
        """


class SecretStore(Protocol):
    """Where secrets lie on one side; names are paths such as ``customer/444455556666/support``."""

    @property
    def title(self) -> str:
        """Where they lie, in words for a person."""

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name.

        Raises:
            InvalidInput: the name is none that every store takes.
            AccessRefused: the credentials may not read it.
        """

    def put(self, name: str, value: str) -> None:
        """Keep the secret, text of at most 4 KB, instead of what was there.

        Raises:
            InvalidInput: the name or the value is none that every store takes.
            AccessRefused: the credentials may not write it.
        """

    def delete(self, name: str) -> None:
        """Forget the secret; deleting what is gone is a success.

        Raises:
            InvalidInput: the name is none that every store takes.
            AccessRefused: the credentials may not delete it.
        """


class AccountNames(Protocol):
    """What the accounts of one's own organisation are called; names help people read and authorise nothing."""

    def names(self) -> Mapping[AccountId, str]:
        """Return the names; none where there is no organisation or the credentials may not read it."""


class SigningKey(Protocol):
    """A key of one's own that signs what is handed to the other side; its private half never leaves it."""

    @property
    def public_key(self) -> PublicKey:
        """The half that anybody may have."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""


class SignatureChecker(Protocol):
    """The mathematics of signatures."""

    def is_signed_by(self, key: PublicKey, message: bytes, signature: bytes) -> bool:
        """Say whether the holder of the key signed exactly this."""


class Sealer(Protocol):
    """What makes text readable for one holder of a key only."""

    def seal(self, text: str, recipient: str) -> str:
        """Return the text sealed to the age recipient, as armoured text that the standard age tool reads.

        Raises:
            InvalidInput: that is no recipient, mistyped ones included.
        """


class Opener(Protocol):
    """The holder of the keys that text was sealed to."""

    def open(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            InvalidInput: it is not sealed text, was changed, or was sealed to another key.
        """


class Strongbox(Protocol):
    """What keeps text behind a passphrase."""

    def lock(self, text: str, passphrase: str) -> str:
        """Return the text locked, as armoured text that the standard age tool reads."""

    def unlock(self, locked: str, passphrase: str) -> str:
        """Return what was locked.

        Raises:
            InvalidInput: it is not locked text, was changed, or the passphrase is another.
        """


class Locksmith(Protocol):
    """The mathematics of the provider's own keys."""

    def make(self) -> SecretHalves:
        """Return new keys that nobody can guess."""

    def public_halves(self, secret: SecretHalves) -> PublicHalves:
        """Return what may be shown of the keys.

        Raises:
            InvalidInput: they are no keys of ours.
        """

    def signing_key(self, secret: SecretHalves) -> SigningKey:
        """Return the key that signs.

        Raises:
            InvalidInput: it is none.
        """


class ProviderPins(Protocol):
    """Which signing key a customer knows of each provider, since it accepted a first offer."""

    def known_key(self, provider: AccountId) -> PublicKey | None:
        """Return the key, or None of a provider that nobody accepted anything from."""

    def pin(self, provider: AccountId, key: PublicKey) -> None:
        """Know the provider by this key from now on."""


class OfferBook(Protocol):
    """The offers that a provider made, so that an answer to one is known again and no customer key is drawn twice."""

    def made(self) -> Sequence[Offer]:
        """Return them, expired ones too."""

    def keep(self, offer: Offer, signed: SignedFile) -> None:
        """Keep one more."""


class RequestBook(Protocol):
    """What the customer remembers of engineers' requests: whose key is whose, and what was acted upon."""

    def known_key(self, provider: AccountId, engineer: EngineerName) -> PublicKey | None:
        """Return the key that this engineer's first request came with, or None."""

    def was_used(self, request_id: str) -> bool:
        """Say whether a request was acted upon already."""

    def remember(self, request: AccessRequest, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the request was used, until nobody could use it any more."""


class RegisterBook(Protocol):
    """The provider's register, where it is kept."""

    def load(self) -> Register:
        """Return all of it, checked as a whole.

        Raises:
            NotThere: there is none.
            InvalidFile: every problem in it.
        """

    def add(self, *customers: Customer) -> None:
        """Write these customers, each in place of one of the same name; everything else stays.

        Raises:
            InvalidFile: the register would contradict itself; nothing is written.
            Conflict: somebody else changed it meanwhile, or it cannot be changed without rewriting people's lines.
            GatepassError: it cannot be written.
        """

    def remove(self, name: CustomerName) -> None:
        """Take a customer out.

        Raises:
            NotThere: there is none of that name.
            Conflict: as for ``add``.
            GatepassError: it cannot be written.
        """


class AdmissionBook(Protocol):
    """What the provider remembers of passes: whose key is whose, and what was admitted."""

    def known_key(self, customer: AccountId) -> PublicKey | None:
        """Return the key that this customer's first pass came with, or None."""

    def was_admitted(self, pass_id: str) -> bool:
        """Say whether a pass was admitted already."""

    def remember(self, handed: HandedPass, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the pass was admitted, until nobody could admit it any more."""


class PolicyReader(Protocol):
    """Every IAM policy of one account."""

    def account_policies(self) -> AccountPolicies:
        """Return the policies as they stand, with who holds them.

        Raises:
            AccessRefused: the credentials may not read them.
        """


class TeamPolicies(Protocol):
    """The policies of the provider's own account by which its teams are let into customers' roles."""

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is.

        Raises:
            AccessRefused: the credentials are not accepted.
        """

    def standing(self) -> ProviderAccount:
        """Return what stands in the account, read in pages and not policy by policy.

        Raises:
            AccessRefused: the credentials may not read it.
        """

    def make(self, change: TeamChange) -> None:
        """Make one change; creating what stands so, detaching and deleting what is gone are successes.

        Raises:
            AccessRefused: AWS denied it.
            NotThere: what it is about does not exist.
            Conflict: AWS could not do it: a quota, a name that is taken.
        """


class PermissionSets(Protocol):
    """The permission sets of Identity Center by which the provider's teams are let into customers' roles."""

    def standing(self, account: AccountId) -> IdentityCenter:
        """Return what stands there, with the assignments in the account and wherever else ours are provisioned.

        Raises:
            AccessRefused: the credentials may not read it.
            NotThere: no Identity Center can be seen.
        """

    def make(self, change: SetChange) -> None:
        """Make one change and wait until it is done; making what stands so and taking what is gone are successes.

        Raises:
            AccessRefused: AWS denied it.
            NotThere: what it is about does not exist.
            Conflict: AWS could not do it, or not in the time that we wait.
        """


class ProfileFile(Protocol):
    """The file of AWS's tools in which an engineer keeps profiles."""

    @property
    def title(self) -> str:
        """Where it lies."""

    def read(self) -> bytes:
        """Return what is in it; nothing when there is no such file.

        Raises:
            GatepassError: it cannot be read.
        """

    def replace(self, before: bytes, after: bytes) -> None:
        """Write what is to be in it, whole or not at all.

        Raises:
            Conflict: it no longer holds what it did before.
            GatepassError: it cannot be written; it is as it was.
        """


class Notifier(Protocol):
    """One channel of the customer's own that takes notices."""

    @property
    def channel(self) -> str:
        """The channel's kind, such as ``sns``; safe to show."""

    @property
    def target(self) -> str:
        """Whom it reaches, safe to show."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over.

        Raises:
            GatepassError: the channel did not take it.
        """


class ToldNotices(Protocol):
    """Which coming ends were told, so that each is told once by each channel."""

    def told(self) -> frozenset[Told]:
        """Return what was kept."""

    def put(self, told: frozenset[Told]) -> None:
        """Keep exactly these.

        Raises:
            GatepassError: they cannot be kept.
        """


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What can be told of the machine that a command runs on.

    Attributes:
        versions: of Python and the packages that matter.
        missing_extras: the optional parts that are not installed, each with what it is for.
        region: the Region that was chosen, if any.
        endpoints: the environment variables that lead elsewhere than to AWS.
        state_folder: where credentials and sessions are kept.
        folder_trouble: why that is not for its owner alone; empty when it is.
    """

    versions: Mapping[str, str]
    missing_extras: Mapping[str, str]
    region: str | None
    endpoints: Mapping[str, str]
    state_folder: str
    folder_trouble: str = ""


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Which credentials a command begins from; never the secret part."""

    origin: str
    key_id: str | None = None
    expires_at: datetime | None = None


class ReadTrial(Protocol):
    """Calls that only read, made to see whether AWS allows them."""

    def caller(self) -> Caller:
        """Return whose credentials these are.

        Raises:
            AccessRefused: they are not accepted.
        """

    def aws_time(self) -> datetime | None:
        """Return AWS's clock as of the last answer, a refusal included; None before one."""

    def may_read(self, action: str) -> bool | None:
        """Say whether AWS allows the action; None when it cannot be tried without changing something.

        Raises:
            AccessRefused: it does not.
        """


class Clock(Protocol):
    """Our own clock, which may differ from AWS's."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""

    def sleep(self, duration: timedelta) -> None:
        """Wait."""


class Randomness(Protocol):
    """A source that nobody can guess."""

    def word(self, bits: int) -> str:
        """Return capital letters and digits that carry at least so many random bits."""
