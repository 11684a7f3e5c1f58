"""Who asks: the callers that AWS tells apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from gatepass.domain.errors import InvalidInput


class PrincipalKind(Enum):
    """What a caller is."""

    USER = "IAM user"
    ROLE = "role"
    ROLE_SESSION = "role session"
    FEDERATED_USER = "federated user"
    ROOT = "root user"
    SERVICE = "AWS service"
    IDENTITY_PROVIDER = "identity provider"
    ANONYMOUS = "anonymous caller"


class Reach(IntEnum):
    """How directly a policy names a caller; the further, the fewer other policies limit what it grants."""

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    EVERYONE = 3
    DIRECT = 4


_ACCOUNT_KINDS = frozenset(
    {
        PrincipalKind.USER,
        PrincipalKind.ROLE,
        PrincipalKind.ROLE_SESSION,
        PrincipalKind.FEDERATED_USER,
        PrincipalKind.ROOT,
    }
)
# The type under which a policy's Principal lists callers that are in no account.
_FORMS = {PrincipalKind.SERVICE: "Service", PrincipalKind.IDENTITY_PROVIDER: "Federated"}
_ARN = re.compile(
    r"arn:(?P<partition>aws(?:-[a-z]+)*):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<rest>.+)", re.ASCII
)
_NAME = r"[\w+=,.@-]+"
# What follows the account in the ARN of each kind of caller; the group is the name without its path.
_CALLERS = (
    (PrincipalKind.ROOT, "iam", re.compile(r"(root)")),
    (PrincipalKind.USER, "iam", re.compile(rf"user/(?:[!-~]*/)?({_NAME})", re.ASCII)),
    (PrincipalKind.ROLE, "iam", re.compile(rf"role/(?:[!-~]*/)?({_NAME})", re.ASCII)),
    (PrincipalKind.ROLE_SESSION, "sts", re.compile(rf"assumed-role/({_NAME})/{_NAME}", re.ASCII)),
    (PrincipalKind.FEDERATED_USER, "sts", re.compile(rf"federated-user/({_NAME})", re.ASCII)),
    (PrincipalKind.IDENTITY_PROVIDER, "iam", re.compile(r"(?:saml|oidc)-provider/([!-~]+)", re.ASCII)),
)
_SERVICE_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller; build it with `principal` or `service_principal`.

    Attributes:
        kind: what the caller is.
        arn: the caller's ARN, the name of a service, or empty for an anonymous caller.
        partition: such as ``aws``; empty when the caller is in no account.
        account: the caller's account; empty when the caller is in none.
        name: the last part of the user's or role's name, which is unique in its account.
        is_in_account: whether policies of an account of its own bear on the caller.
        names: under which names a policy's Principal reaches the caller, furthest first.
        exemptions: what NotPrincipal must list to leave the caller out: one name of each.
    """

    kind: PrincipalKind
    arn: str = ""
    partition: str = ""
    account: str = ""
    name: str = ""
    is_in_account: bool = field(init=False, repr=False, compare=False)
    names: tuple[tuple[str, Reach], ...] = field(init=False, repr=False, compare=False)
    exemptions: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_in_account", self.kind in _ACCOUNT_KINDS)
        names: tuple[tuple[str, Reach], ...] = (("*", Reach.EVERYONE),)
        exemptions: tuple[tuple[str, ...], ...] = ()
        if self.kind not in (PrincipalKind.ROLE, PrincipalKind.ROOT, PrincipalKind.ANONYMOUS):
            own_name = self.arn if self.is_in_account else named(_FORMS[self.kind], self.arn)
            names = ((own_name, Reach.DIRECT), *names)
            exemptions = ((own_name,),)
        if self.kind in (PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION):
            role = role_key(self.partition, self.account, self.name)
            names += ((role, Reach.ROLE),)
            exemptions += ((role,),)
        if self.is_in_account:
            account = (f"arn:{self.partition}:iam::{self.account}:root", self.account)
            names += tuple((name, Reach.ACCOUNT) for name in account)
            exemptions += (account,)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "exemptions", exemptions)

    def __str__(self) -> str:
        return self.arn or self.kind.value


def named(form: str, name: str) -> str:
    """Return how a policy's Principal lists a name that is not under AWS: its type is part of it."""
    return f"{form}:{name.lower() if form == 'Service' else name}"


def role_key(partition: str, account: str, name: str) -> str:
    """Return the name of a role without its path, which session ARNs do not carry."""
    return f"arn:{partition}:iam::{account}:role/{name}"


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS)


def principal(arn: str) -> Principal:
    """Return the caller with an ARN.

    Raises:
        InvalidInput: not the ARN of a user, role, role session, federated user, identity provider or account root.
    """
    match = _ARN.fullmatch(arn)
    if match is not None:
        for kind, service, rest in _CALLERS:
            found = rest.fullmatch(match["rest"])
            if found is not None and service == match["service"]:
                if kind is PrincipalKind.IDENTITY_PROVIDER:
                    return Principal(kind, arn)
                return Principal(kind, arn, match["partition"], match["account"], found[1])
    # What is no ARN may be an external ID in the wrong place: it is not repeated.
    raise InvalidInput(
        f"{arn} is not the ARN of a caller" if arn.startswith("arn:") else "the caller is not an ARN",
        why="a caller is a user, a role, a role session, a federated user, an identity provider or an account's root",
        next_step="write an ARN such as arn:aws:sts::111122223333:assumed-role/NetOps/alice",
    )


def service_principal(name: str) -> Principal:
    """Return an AWS service as a caller, such as ``ec2.amazonaws.com``.

    Raises:
        InvalidInput: not the name of a service.
    """
    if not _SERVICE_NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is not an AWS service", next_step="write a name such as ec2.amazonaws.com")
    return Principal(PrincipalKind.SERVICE, name)
