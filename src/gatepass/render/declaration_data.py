"""A customer's declaration as the data of its file: reading it again gives the same declaration."""

from __future__ import annotations

from datetime import timedelta

from gatepass.domain.grant import SHORTEST_SESSION_LIMIT, Declaration, Grant, Window
from gatepass.domain.trust import instant_text


def declaration_data(declaration: Declaration) -> dict[str, object]:
    """Return what the file says, with defaults left out.

    Custom policies stand inline. The channels of notices are not part of it: an address may hold a secret.
    """
    data: dict[str, object] = {"gatepass": "customer", "version": 1, "account": str(declaration.account)}
    data["grants"] = {str(grant.name): grant_data(grant) for grant in declaration.grants}
    naming = declaration.naming
    tokens = {"org": naming.org, "lifecycle": naming.lifecycle, "location": naming.location}
    if naming.tokens:
        data["naming"] = {token: text for token, text in tokens.items() if text}
    if declaration.second_factor_store is not None:
        data["second_factor_store"] = declaration.second_factor_store
    if declaration.tags:
        data["tags"] = dict(declaration.tags)
    return data


def grant_data(grant: Grant) -> dict[str, object]:
    """Return one grant's entry in the file; what is as it is by default is left out."""
    everything: dict[str, object] = {
        "provider": str(grant.provider),
        "role": str(grant.adopted) if grant.adopted else None,
        "permissions": list(grant.permissions),
        "custom_policy": grant.custom_policy.data if grant.custom_policy else None,
        "boundary": str(grant.boundary) if grant.boundary else None,
        "second_factor": None if grant.needs_second_factor else "none",
        "principals": [pattern.text for pattern in grant.principals],
        "window": _window(grant.window),
        "session": _duration(grant.session_limit) if grant.session_limit != SHORTEST_SESSION_LIMIT else None,
        "source_ips": [str(network) for network in grant.source_networks],
        "require_source_identity": grant.requires_source_identity,
        "customer_key": grant.customer_key,
        "seal_to": grant.seal_to,
        "offer": grant.offer,
        "keeps_roles": grant.keeps_roles,
    }
    return {key: value for key, value in everything.items() if value}


def _window(window: Window) -> dict[str, str]:
    instants = (("from", window.begin), ("until", window.end))
    return {name: instant_text(instant) for name, instant in instants if instant is not None}


def _duration(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"
