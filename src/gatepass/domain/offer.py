"""A provider's offer to one customer: who would act, with which permissions, why and for how long; nothing secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import (
    LONGEST_SESSION_LIMIT,
    SHORTEST_SESSION_LIMIT,
    Grant,
    PrincipalPattern,
    Window,
)
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.limits import VERIFIER
from gatepass.domain.offered_keys import demand_customer_key, demand_recipient
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.register import CustomerName
from gatepass.domain.signed_words import is_file_id

# What a signed file that holds an offer calls itself.
OFFER = "offer"
# How long an offer may be accepted, by default and at most.
VALID_FOR = timedelta(days=30)
LONGEST_VALID = timedelta(days=90)
LONGEST_PROVIDER_NAME = 80
# As which principal the provider proves that the role cannot be misused.
VERIFIER_PATTERN = PrincipalPattern(f"role/{VERIFIER}")

_LONGEST_REASON = 300
# IAM's own quotas of one role's policies and of inline text, at their largest.
_MOST_PERMISSIONS = 25
_MOST_PRINCIPALS = 20
_LARGEST_POLICY = 10_240
_PERMISSION = re.compile(
    r"(?:[\w+=,.@-]+/){0,8}[\w+=,.@-]{1,128}"
    r"|arn:(?:aws|aws-cn|aws-us-gov):iam::(?:[0-9]{12}|aws):policy/[!-~]{1,512}",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider asks of one customer.

    Attributes:
        id: random, at least 128 bits; it names the offer in passes and receipts.
        provider_name: what the provider calls itself; nothing vouches for it but the key.
        provider: the account that would act.
        customer: what the provider calls the customer.
        customer_account: the one account that may accept; None for whichever does.
        customer_key: the provider's part of the external IDs; unique in its register.
        grant: the name of the grant, unless the customer chooses another.
        permissions: managed policies by name or ARN.
        custom_policy: a policy that the provider wrote, beside the managed ones.
        principals: which of its principals would enter; empty for any that its account allows.
        verifier: the principal that probes the door and can do nothing behind it.
        reason: why, in one line that a terminal can show.
        until: the latest end that the grant may have; None for until the customer withdraws it.
        session_limit: the longest session, 1 to 12 hours.
        made_at: when it was written, by the provider's clock, UTC, whole seconds.
        valid_until: from when on it can no longer be accepted.
        seal_to: the age recipient to whom the pass is to be sealed.

    Raises:
        InvalidInput: out of range, or with characters in it that could deceive whoever reads it.
    """

    id: str
    provider_name: str
    provider: AccountId
    customer: CustomerName
    customer_account: AccountId | None
    customer_key: str
    grant: GrantName
    permissions: tuple[str, ...]
    custom_policy: Document | None
    principals: tuple[PrincipalPattern, ...]
    verifier: PrincipalPattern
    reason: str
    until: datetime | None
    session_limit: timedelta
    made_at: datetime
    valid_until: datetime
    seal_to: str

    def __post_init__(self) -> None:
        if not is_file_id(self.id):
            raise wrong_offer("its id is not one that Gatepass draws")
        demand_line(self.provider_name, "name of the provider", LONGEST_PROVIDER_NAME)
        demand_line(self.reason, "reason", _LONGEST_REASON)
        demand_customer_key(self.customer_key)
        demand_recipient(self.seal_to)
        self._demand_terms()
        if self.provider == self.customer_account:
            raise wrong_offer("provider and customer are the same account")
        if not timedelta() < self.valid_until - self.made_at <= LONGEST_VALID:
            raise wrong_offer(f"it wants to be valid for more than {LONGEST_VALID.days} days, or not at all")
        if self.until is not None and self.until <= self.made_at:
            raise wrong_offer("it asks for a grant that is over already")

    def _demand_terms(self) -> None:
        if not self.permissions and self.custom_policy is None:
            raise wrong_offer("it asks for no permission", "name what you need: --permissions SecurityAudit")
        if not all(_PERMISSION.fullmatch(each) for each in self.permissions):
            raise wrong_offer("a permission in it is not the name or the ARN of a managed policy")
        if len(self.permissions) > _MOST_PERMISSIONS or len(self.principals) > _MOST_PRINCIPALS:
            raise wrong_offer("it names more policies or principals than a role can have")
        if len(set(self.permissions)) < len(self.permissions):
            raise wrong_offer("it names a policy twice")
        if self.custom_policy is not None and self.custom_policy.size > _LARGEST_POLICY:
            raise wrong_offer("its policy is larger than a role can hold")
        if set(self.verifier.text) & {"*", "?"}:
            raise wrong_offer("its verifier is not one principal")
        limit = self.session_limit
        if not SHORTEST_SESSION_LIMIT <= limit <= LONGEST_SESSION_LIMIT or limit % timedelta(minutes=1):
            raise wrong_offer("its sessions are not from 1 to 12 hours long, in whole minutes")

    @property
    def terms(self) -> Grant:
        """The grant that taking the offer as it is would make, but for when it begins."""
        principals = self.principals
        if principals and self.verifier not in principals:
            # Without it the provider cannot prove that the role is set up right; it can do nothing inside.
            principals = (*principals, self.verifier)
        return Grant(
            name=self.grant,
            provider=self.provider,
            permissions=self.permissions,
            custom_policy=self.custom_policy,
            principals=principals,
            window=Window(end=self.until),
            session_limit=self.session_limit,
            requires_source_identity=True,
            customer_key=self.customer_key,
            seal_to=self.seal_to,
            offer=self.id,
        )


def wrong_offer(why: str, next_step: str = "ask the provider to write it with: gatepass offer") -> InvalidInput:
    """Return the error of an offer that says what no offer may say."""
    return InvalidInput("the offer cannot be used", why=why, next_step=next_step)
