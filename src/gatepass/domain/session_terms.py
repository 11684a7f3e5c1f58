"""The terms of a session: what narrows it below what the role allows, and what it is labelled with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import EngineerName, Partition, PolicyArn
from gatepass.domain.session import Entry

TICKET_TAG = "gatepass:ticket"
# STS API Reference, AssumeRole: characters of the inline policy and of the managed policies' ARNs together.
LARGEST_SESSION_POLICIES = 2_048
MOST_SESSION_POLICIES = 10

# What a tag's value takes, without spaces: IAM User Guide, "Rules for tagging in IAM and AWS STS".
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/=+@-]{0,39}", re.ASCII)
_NOT_IN_NAME = re.compile(r"[:/+]", re.ASCII)
_LONGEST_NAME = 64
# How things are set up, and no data: AWS's own ReadOnlyAccess reads the contents of buckets and tables too.
_READ_ONLY = ("job-function/ViewOnlyAccess", "SecurityAudit")


@dataclass(frozen=True, slots=True)
class Ticket:
    """The reference of the work that a session is for, such as ABC-123.

    Raises:
        InvalidInput: a session tag would not take it, or it is longer than 40 characters.
    """

    text: str

    def __post_init__(self) -> None:
        if not _TICKET.fullmatch(self.text):
            raise InvalidInput(
                "that ticket cannot be a session's tag",
                why="a ticket begins with a letter or digit and has at most 40 letters, digits and _.:/=+@-",
                next_step="give it as your ticket system writes it, such as: --ticket ABC-123",
            )

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session is asked for beside its role and its length.

    AWS adds up what a session's policies allow. A document beside ``reads_only`` would widen it, so it
    is one of the two.

    Attributes:
        reads_only: whether it may only look at how things are set up.
        policy: the person's own document that narrows the session.
        named: the source identity that the caller's session carries, as our own record says; None for unknown.
    """

    ticket: Ticket | None = None
    reads_only: bool = False
    policy: Document | None = None
    named: EngineerName | None = None

    def __post_init__(self) -> None:
        if self.reads_only and self.policy is not None:
            raise InvalidInput(
                "a session is narrowed by --read-only or by --policy, not by both",
                why="AWS adds up what a session's policies allow, so the second would widen the first",
                next_step="name one of them; a policy of your own can allow reading only",
            )

    def of(self, entry: Entry) -> Entry:
        """Return the entry on these terms.

        Raises:
            InvalidInput: the policies are larger than STS takes.
        """
        arns = read_only_policies(entry.role.partition) if self.reads_only else ()
        demand_size(self.policy, arns)
        tags: Mapping[str, str] = {TICKET_TAG: self.ticket.text} if self.ticket is not None else {}
        name = session_name(entry.engineer, self.ticket)
        return replace(entry, tags=tags, name=name, policy=self.policy, policy_arns=arns)


def read_only_policies(partition: Partition) -> tuple[PolicyArn, ...]:
    """Return AWS's own policies that show how things are set up and read no data."""
    return tuple(PolicyArn(f"arn:{partition}:iam::aws:policy/{name}") for name in _READ_ONLY)


def session_name(engineer: EngineerName, ticket: Ticket | None) -> EngineerName:
    """Return the session's name: the engineer's, and the ticket behind a plus; the ticket stays whole."""
    if ticket is None:
        return engineer
    label = "+" + _NOT_IN_NAME.sub("-", ticket.text)
    return EngineerName(str(engineer)[: _LONGEST_NAME - len(label)] + label)


def demand_size(document: Document | None, arns: tuple[PolicyArn, ...]) -> None:
    """Let nothing through that STS takes for too large.

    Raises:
        InvalidInput: the document and the ARNs are too long together, or the ARNs too many.
    """
    size = len(document.text if document is not None else "") + sum(len(str(arn)) for arn in arns)
    if size > LARGEST_SESSION_POLICIES:
        raise InvalidInput(
            f"the session's policies have {size} characters without white space",
            why=f"STS takes {LARGEST_SESSION_POLICIES}, all of a session's policies together",
            next_step="name fewer actions or resources, or use wildcards",
        )
    if len(arns) > MOST_SESSION_POLICIES:
        raise InvalidInput(
            f"the session has {len(arns)} managed policies",
            why=f"STS takes {MOST_SESSION_POLICIES}",
            next_step="name fewer of them",
        )
