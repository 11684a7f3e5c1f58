"""The story that the demo plays: who types what, and how it must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ACCESS_FILE = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3FullAccess, AmazonEC2ReadOnlyAccess]
"""
ROLE = "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"
BUCKETS = ("acme-invoices", "acme-web-assets")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the players have learned so far; the external IDs are the customer's to tell."""

    keys: Callable[[str], str]
    external_id: Callable[[], str]
    old_external_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the story.

    Attributes:
        actor: who types it.
        command: what is typed.
        expected: ``done``, ``refused`` or ``changes``.
        shows: texts that its output must hold, so that a right exit code alone is not enough.
        stdin: what the actor gives on standard input, from the facts; None for nothing.
        typed: how the line looks with its input; the command itself when empty.
        brings: a file that somebody else wrote and sent, as ``actor/file``; empty for none.
    """

    actor: str
    command: str
    expected: str
    shows: tuple[str, ...] = ()
    stdin: Callable[[Facts], str] | None = None
    typed: str = ""
    brings: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Some steps under one sentence."""

    sentence: str
    steps: tuple[Step, ...]


_SUDO = f"gatepass sudo {ROLE}"
_GIVEN = f"echo $EXTERNAL_ID | {_SUDO}"


def _keys_of(name: str) -> Callable[[Facts], str]:
    return lambda facts: facts.keys(name)


def _current(facts: Facts) -> str:
    return facts.external_id()


def _replaced(facts: Facts) -> str:
    return facts.old_external_id()


def _wrong(_: Facts) -> str:
    return "gp1.AAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAA"


STORY = (
    Scene(
        "1. The customer grants the provider S3 and a look at EC2, with a second factor.",
        (
            Step("admin", "gatepass check access.yml", "done", ("no mistakes",)),
            Step("admin", "gatepass plan access.yml", "changes", ("create role", "with the external ID")),
            Step("admin", "gatepass apply access.yml --yes", "done", (ROLE,)),
            Step("admin", "gatepass list iam-role --filter ServiceProvider", "done", (ROLE,)),
            Step("admin", "gatepass pass support --reveal", "done", (ROLE, "second factor: gp1.")),
        ),
    ),
    Scene(
        "2. The provider's engineer netops-1 tries the door: no key, a wrong key, the right key.",
        (
            Step(
                "netops-1",
                "gatepass creds load",
                "done",
                ("user/netops-1",),
                _keys_of("netops-1"),
                "gatepass creds load < netops-1-key.json",
            ),
            Step("netops-1", "gatepass whoami", "done", ("111122223333", "provider")),
            Step("netops-1", _SUDO, "refused", ("asks for an external ID",), None, f"{_SUDO} < /dev/null"),
            Step("netops-1", _SUDO, "refused", ("wrong or was rotated",), _wrong, f"echo $WRONG_ID | {_SUDO}"),
            Step("netops-1", _SUDO, "done", ("in customer account 444455556666",), _current, _GIVEN),
        ),
    ),
    Scene(
        "3. Inside: always knowing whose account it is, and no more than was granted.",
        (
            Step("netops-1", "gatepass whoami", "done", ("444455556666", "customer", "source identity: netops-1")),
            Step("netops-1", "gatepass list s3bucket", "done", BUCKETS),
            Step("netops-1", "gatepass list eks-clusters", "refused", ("AccessDenied", "eks:ListClusters")),
        ),
    ),
    Scene(
        "4. The right external ID is not enough: a colleague without the right, and a stranger with every right.",
        (
            Step(
                "helpdesk-1",
                "gatepass creds load",
                "done",
                ("user/helpdesk-1",),
                _keys_of("helpdesk-1"),
                "gatepass creds load < helpdesk-1-key.json",
            ),
            Step("helpdesk-1", _SUDO, "refused", ("account 111122223333 does not allow helpdesk-1",), _current, _GIVEN),
            Step(
                "stranger",
                "gatepass creds load",
                "done",
                ("777788889999",),
                _keys_of("stranger"),
                "gatepass creds load < stranger-key.json",
            ),
            Step("stranger", _SUDO, "refused", ("does not trust account 777788889999",), _current, _GIVEN),
        ),
    ),
    Scene(
        "5. The switch stays in the customer's hand.",
        (
            Step("admin", "gatepass close support", "done", ("closed", "read back")),
            Step("netops-1", _SUDO, "refused", ("closed the door",), _current, _GIVEN),
            Step("netops-1", "gatepass list s3bucket", "refused", ("explicit deny",)),
            Step("admin", "gatepass open support", "done", ("opened", "new second factor")),
            Step("admin", "gatepass pass support --reveal", "done", ("second factor: gp1.",)),
            Step(
                "netops-1", _SUDO, "refused", ("wrong or was rotated",), _replaced, f"echo $OLD_EXTERNAL_ID | {_SUDO}"
            ),
            Step("netops-1", "gatepass list s3bucket", "refused", ("explicit deny",)),
            Step("netops-1", _SUDO, "done", ("in customer account 444455556666",), _current, _GIVEN),
            Step("netops-1", "gatepass list s3bucket", "done", BUCKETS),
            Step("admin", "gatepass withdraw support --yes", "done", ("gone",)),
            Step("admin", "gatepass list iam-role --filter ServiceProvider", "done", ("no iam-role",)),
            Step("netops-1", "gatepass list s3bucket", "refused", ("session in account 444455556666 is over",)),
        ),
    ),
)
