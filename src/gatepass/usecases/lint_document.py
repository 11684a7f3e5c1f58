"""Lint one JSON document: a trust policy, alone or with what is known about it, or a permissions policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gatepass.decision.action_names import ActionCatalogue
from gatepass.decision.grammar import MalformedPolicy, load_json
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.probes import unknown_door
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.usecases.check_actions import check_actions
from gatepass.usecases.lint_roles import lint_permissions
from gatepass.usecases.lint_trust import Review, invalid_document, lint_trust


def lint_document(
    name: str,
    text: str,
    now: datetime,
    *,
    provider: AccountId | None = None,
    catalogue: ActionCatalogue | None = None,
) -> Review:
    """Return the review of a document.

    Args:
        name: what people call it.
        text: the policy as JSON, or an object with ``trust``, ``provider_account`` and ``right_external_id``.
        now: when the probing begins.
        provider: the account that is meant to enter; without it every account that a trust policy names.
        catalogue: the actions that AWS has; without it their names are not checked.

    Raises:
        InvalidInput: it is JSON, but no policy.
    """
    try:
        tree = load_json(text)
        policy, said, known_id = _policy_in(name, tree)
        if not _names_principals(policy):
            return lint_permissions(name, parse_policy(policy, name=name), catalogue)
        trust = parse_policy(policy, PolicyKind.TRUST)
    except MalformedPolicy as error:
        return invalid_document(name, error)
    meant = str(provider) if provider is not None else said
    door = unknown_door(trust, now, provider=meant, known_ids=(known_id,) if known_id is not None else ())
    return lint_trust(name, door).with_findings(check_actions(name, (trust,), catalogue))


def _policy_in(name: str, tree: object) -> tuple[Mapping[str, object], str | None, str | None]:
    """Return the policy in a file, and the provider's account and the right external ID if the file tells them."""
    if isinstance(tree, dict) and isinstance(tree.get("trust"), dict):
        said, known_id = tree.get("provider_account"), tree.get("right_external_id")
        account = str(AccountId(str(said))) if isinstance(said, str) else None
        return tree["trust"], account, str(known_id) if isinstance(known_id, str) else None
    if not isinstance(tree, dict) or "Statement" not in tree:
        raise InvalidInput(
            f"{name} is not a policy document",
            why="a policy is a JSON object with Version and Statement",
            next_step="name a trust policy, a permissions policy, an account's details or a customer's access.yml",
        )
    return tree, None, None


def _names_principals(tree: Mapping[str, object]) -> bool:
    statements = tree.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return any(isinstance(each, dict) and not each.keys().isdisjoint(("Principal", "NotPrincipal")) for each in listed)
