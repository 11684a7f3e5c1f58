"""The Principal and NotPrincipal elements: whom a resource's policy names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.decision.grammar import PolicyKind, malformed, texts
from gatepass.decision.principals import Principal, Reach, named, role_key

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
# AWS shows a deleted user or role by the unique id it had.
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}", re.ASCII)
# A wildcard stands where a name could: AWS matches no part of a name, so such an ARN names nobody.
_PRINCIPAL_ARN = re.compile(
    r"arn:(?:aws(?:-[a-z]+)*|\*):(?:"
    r"iam::(?:\d{12}|\*):(?:root|\*|(?:user|role)/[!-~]+)"
    r"|iam::cloudfront:user/[ -~]+"
    r"|sts::(?:\d{12}|\*):(?:\*|assumed-role/[^/\s]+/[^/\s]+|federated-user/[^/\s]+))",
    re.ASCII,
)
_ROLE_ARN = re.compile(r"arn:([a-z-]+):iam::(\d{12}):role/(?:[!-~]*/)?([^/]+)", re.ASCII)
_SERVICE = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_FEDERATED = re.compile(
    r"arn:aws(?:-[a-z]+)*:iam::\d{12}:(?:saml|oidc)-provider/[!-~]+|[A-Za-z0-9.-]+(?:/[!-~]*)?", re.ASCII
)
_CANONICAL_USER = re.compile(r"[0-9a-f]{64}", re.ASCII)

_OTHER_FORMS = {"Service": _SERVICE, "Federated": _FEDERATED, "CanonicalUser": _CANONICAL_USER}


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """Whom a statement names, or, negated, whom it leaves out."""

    listed: frozenset[str]
    is_negated: bool = field(default=False)

    def reach(self, caller: Principal, *, has_boundary: bool) -> Reach:
        """Tell how directly the statement names a caller."""
        listed = self.listed
        if self.is_negated:
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html:
            # a caller with a boundary is never left out, nor one whose account or role is not listed beside it.
            left_out = not has_boundary and self._leaves_out(caller)
            return Reach.NONE if left_out else Reach.EVERYONE
        for name, reach in caller.names:
            if name in listed:
                return reach
        return Reach.NONE

    def _leaves_out(self, caller: Principal) -> bool:
        if "*" in self.listed:
            return True
        return bool(caller.exemptions) and all(
            any(name in self.listed for name in alternatives) for alternatives in caller.exemptions
        )


def compile_principals(statement: Mapping[str, object], kind: PolicyKind, place: str) -> PrincipalElement | None:
    """Compile the Principal or NotPrincipal of a statement; ``None`` when the kind of policy has none.

    Raises:
        MalformedPolicy: a principal that is not of a legal form.
    """
    is_negated = "NotPrincipal" in statement
    name = "NotPrincipal" if is_negated else "Principal"
    if name not in statement:
        return None
    element = statement[name]
    inside = f"{place}.{name}"
    if element == "*":
        if kind is PolicyKind.TRUST:
            raise malformed(inside, 'a trust policy writes everybody as {"AWS": "*"}')
        return PrincipalElement(frozenset("*"), is_negated)
    if not isinstance(element, dict) or not element:
        raise malformed(inside, 'neither "*" nor an object such as {"AWS": ...}')
    listed: set[str] = set()
    for form, value in element.items():
        if form != "AWS" and form not in _OTHER_FORMS:
            raise malformed(inside, "the types of principal are AWS, Service, Federated and CanonicalUser")
        listed.update(_name(form, each, f"{inside}.{form}") for each in texts(value, f"{inside}.{form}"))
    return PrincipalElement(frozenset(listed), is_negated)


def _name(form: str, text: str, place: str) -> str:
    """Return the name under which callers are looked up."""
    if form in _OTHER_FORMS:
        if not _OTHER_FORMS[form].fullmatch(text):
            raise malformed(place, "not of the form that this type of principal takes")
        return named(form, text)
    if text == "*" or _ACCOUNT.fullmatch(text) or _UNIQUE_ID.fullmatch(text):
        return text
    if not _PRINCIPAL_ARN.fullmatch(text):
        # What is no ARN may be an external ID in the wrong place: it is not repeated.
        raise malformed(
            place,
            f"{text} is not the ARN of a principal" if text.startswith("arn:") else "not a principal",
            why="a principal is an account of 12 digits, or the ARN of an account's root, a user, a role or a session",
        )
    role = _ROLE_ARN.fullmatch(text)
    return role_key(*role.groups()) if role else text
