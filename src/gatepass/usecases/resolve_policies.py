"""Find the managed policies that a customer's file names, in the account and in AWS's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidFile, Problem
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import PolicyArn
from gatepass.ports.roles import RoleDirectory


def resolve_policies(declaration: Declaration, available: Mapping[PolicyArn, str]) -> dict[str, PolicyArn]:
    """Return the ARN of each permission and boundary, by the words of the file.

    A name means AWS's own policy of that name, else the account's, with its path or without; an ARN means itself.

    Raises:
        InvalidFile: names, ARNs or boundaries that the account does not have; all of them.
    """
    written: dict[tuple[str | int, ...], str] = {}
    for grant in declaration.grants:
        path = ("grants", str(grant.name))
        written |= {(*path, "permissions", index): text for index, text in enumerate(grant.permissions)}
        if grant.boundary is not None:
            written[*path, "boundary"] = str(grant.boundary)
    problems = unknown_policies(written, available)
    if problems:
        raise InvalidFile(problems)
    by_name = _by_name(available)
    return {text: by_name.get(text) or PolicyArn(text) for text in written.values()}


def find_policies(words: Iterable[str], available: Mapping[PolicyArn, str]) -> dict[str, PolicyArn]:
    """Return the ARNs that the words mean, of those words that the account has a policy for."""
    by_name, arns = _by_name(available), {str(arn): arn for arn in available}
    found = {word: by_name.get(word) or arns.get(word) for word in words}
    return {word: arn for word, arn in found.items() if arn is not None}


def read_policies(
    grants: Iterable[Grant], resolved: Mapping[str, PolicyArn], roles: RoleDirectory
) -> dict[str, Document]:
    """Return the texts of the grants' policies and boundaries that can be read, by the words of the file."""
    words = {word for grant in grants for word in (*grant.permissions, *_boundary(grant))}
    read = {word: roles.policy_text(resolved[word]) for word in sorted(words)}
    return {word: text for word, text in read.items() if text is not None}


def _boundary(grant: Grant) -> tuple[str, ...]:
    return (str(grant.boundary),) if grant.boundary is not None else ()


def unknown_policies(
    written: Mapping[tuple[str | int, ...], str], available: Mapping[PolicyArn, str]
) -> tuple[Problem, ...]:
    """Return a problem for each policy, by its path in the file, that the account does not have."""
    by_name = _by_name(available)
    known = {str(arn) for arn in available} | set(by_name)
    return tuple(_unknown_policy(path, text, by_name) for path, text in written.items() if text not in known)


def _by_name(available: Mapping[PolicyArn, str]) -> dict[str, PolicyArn]:
    """Return the policies by name, and by path and name; AWS's own win over the account's of the same name."""
    aws_last = sorted(available, key=lambda arn: ":iam::aws:" in arn.text)
    by_path = {arn.text.partition(":policy/")[2]: arn for arn in aws_last}
    return by_path | {available[arn]: arn for arn in aws_last}


def _unknown_policy(path: tuple[str | int, ...], written: str, by_name: Mapping[str, PolicyArn]) -> Problem:
    near = difflib.get_close_matches(written.rsplit("/", 1)[-1], by_name, n=3, cutoff=0.6)
    return Problem(
        path,
        f"the account has no managed policy {written}",
        "a grant with a policy that does not exist would give less than it says",
        f"did you mean {' or '.join(near)}?" if near else "list what there is: aws iam list-policies",
    )
