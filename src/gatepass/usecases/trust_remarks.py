"""What there is to say about a trust policy once it is known who got through."""

from __future__ import annotations

from gatepass.decision.probe_callers import Standing
from gatepass.decision.probes import Proof
from gatepass.domain.findings import Remark, Severity

PEOPLE = (Standing.NAMED, Standing.COLLEAGUE, Standing.STRANGER, Standing.ANONYMOUS)

OPENS_WITHOUT_ID = Remark(
    "opens-without-id",
    Severity.HIGH,
    "the role opens without its external ID",
    "anyone who can make the provider act for him reaches this account (the confused deputy)",
    'ask in every statement that allows sts:AssumeRole: "StringEquals": {"sts:ExternalId": ...}',
)
OPENS_TO_STRANGERS = Remark(
    "opens-to-strangers",
    Severity.HIGH,
    "accounts get in that are not the provider's",
    "AWS does not treat an external ID as a secret: it stands in logs and does not prove who calls",
    "name the provider's account as principal: arn:aws:iam::<12 digits>:root",
)
ID_WITHOUT_CASE = Remark(
    "id-without-case",
    Severity.MEDIUM,
    "the external ID is compared without regard to case",
    "an ID that is not the right one gets in",
    "compare with StringEquals",
)
ID_BY_PATTERN = Remark(
    "id-by-pattern",
    Severity.MEDIUM,
    "an external ID gets in that only begins like the right one",
    "whoever knows the beginning knows enough",
    "compare with StringEquals, and with the whole external ID",
)
WINDOW_NOT_HELD = Remark(
    "window-not-held",
    Severity.MEDIUM,
    "a statement without a window lets in what another one lets in for some time only",
    "the window ends, and the door stays open",
    "give every statement that allows sts:AssumeRole the same window",
)
FEDERATION_WITHOUT_SUBJECT = Remark(
    "federation-without-subject",
    Severity.HIGH,
    "everybody whom the identity provider knows gets in",
    "a public provider knows people and machines of others too",
    "ask for the subject (sub) and the audience (aud) in the condition",
)
MORE_THAN_ENTERING = Remark(
    "more-than-entering",
    Severity.MEDIUM,
    "the trust allows more of STS than entering",
    "a role is entered with sts:AssumeRole; whatever else it allows, nobody asked for",
    "allow sts:AssumeRole, and in a statement of its own sts:SetSourceIdentity and sts:TagSession",
)
OLD_LANGUAGE = Remark(
    "old-language",
    Severity.MEDIUM,
    "the document has no Version 2012-10-17",
    "AWS reads it in the language of 2008, where ${aws:username} and other variables are plain text",
    'write "Version": "2012-10-17" at its beginning',
)
NEVER_OPENS = Remark(
    "never-opens",
    Severity.MEDIUM,
    "nobody gets in",
    "no call opens it, now or later: a window that is over, a principal that is gone, or conditions that exclude each "
    "other or name a key that sts:AssumeRole does not have",
    "ask gatepass explain for the call that should get in",
)
CLOSED = Remark(
    "closed",
    Severity.LOW,
    "the door is closed",
    "the trust lets nobody in",
    "open it with gatepass open",
)
NOT_FULLY_PROBED = Remark(
    "not-fully-probed",
    Severity.MEDIUM,
    "the conditions have more combinations than were tried",
    "a request that gets through may not have been among them",
    "write fewer alternatives, or ask gatepass explain for the calls that matter",
)
ENGINEER_CANNOT_BE_NAMED = Remark(
    "engineer-cannot-be-named",
    Severity.LOW,
    "a call that names the engineer is refused",
    "sts:ExternalId is a key of sts:AssumeRole only, so sts:SetSourceIdentity needs a statement of its own",
    "add a statement that allows the provider sts:SetSourceIdentity and sts:TagSession without that condition",
)
NAME_NOT_REQUIRED = Remark(
    "name-not-required",
    Severity.LOW,
    "sessions may begin without naming the engineer",
    "Gatepass names the engineer always; another tool of the provider need not",
    'require it: "StringLike": {"sts:SourceIdentity": "?*"}',
)
ANY_PRINCIPAL = Remark(
    "any-principal",
    Severity.LOW,
    "any principal of the provider's account gets in that this account itself allows",
    "who exactly, the provider alone decides",
    'narrow it: "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::<provider>:role/engineers/*"}',
)

KEEPS_ROLES = Remark(
    "keeps-roles",
    Severity.MEDIUM,
    "its sessions can change the other roles that Gatepass made: who enters them, and with what",
    "whoever decides what the platform runs can open a door that you closed, or make a role that may do more; its own "
    "role it cannot change by itself",
    "let few people approve what it runs, and take keeps_roles out where no platform keeps roles",
)

# What is said when people get through: with which external ID, and who of them.
OF_PEOPLE = (
    (OPENS_WITHOUT_ID, (Proof.NONE, Proof.WRONG), PEOPLE),
    (OPENS_TO_STRANGERS, tuple(Proof), (Standing.STRANGER, Standing.ANONYMOUS)),
    (ID_WITHOUT_CASE, (Proof.CASE_SWAPPED,), PEOPLE),
    (ID_BY_PATTERN, (Proof.SIMILAR,), PEOPLE),
)
# More than a trust for one provider needs.
WIDE = (
    OPENS_TO_STRANGERS,
    FEDERATION_WITHOUT_SUBJECT,
    ID_WITHOUT_CASE,
    ID_BY_PATTERN,
    MORE_THAN_ENTERING,
    WINDOW_NOT_HELD,
)


def shared_platform(title: str) -> Remark:
    """Return what to say about a provider that acts for every customer of its own out of one account.

    Args:
        title: the provider's name as it writes it.
    """
    return Remark(
        "shared-platform",
        Severity.LOW,
        f"{title} serves all its customers from this account, and only the external ID tells you from the others",
        "who could make it use your external ID would be in your account: there the deputy can be confused",
        "keep second_factor: required, and give the external ID to nobody but this provider",
    )


def unknown_keys(keys: list[str]) -> Remark:
    """Return what to say about condition keys that no call to enter a role carries."""
    return Remark(
        "unknown-key",
        Severity.LOW,
        f"no call to enter a role carries {', '.join(keys)}",
        "a condition on it never holds, or with IfExists and negations always does",
        "write the key as AWS names it, such as sts:ExternalId",
    )
