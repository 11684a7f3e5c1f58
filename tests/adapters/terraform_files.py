"""States and plans of Terraform as it writes them, for roles as its module makes them."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import CUSTOMER

# Must never be shown, wherever it stands.
EXTERNAL_ID = "gp1.KEYOFACME.TOPSECRETCODE"
ROLE = "ServiceProvider-111122223333-support"
MODULE = 'module.access["acme"]'
S3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess"

Resource = dict[str, Any]


def role_values(name: str = ROLE, account: str = CUSTOMER) -> Resource:
    """Return the attributes of a role, its trust with the external ID among them."""
    return {
        "name": name,
        "id": name,
        "path": "/gatepass/",
        "arn": f"arn:aws:iam::{account}:role/gatepass/{name}",
        "assume_role_policy": json.dumps({"Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}),
        "max_session_duration": 3600,
    }


def resources(name: str = ROLE, key: str = "support") -> list[Resource]:
    """Return the resources of one role: the role, its limits and one attachment."""
    attachment = {"role": name, "policy_arn": S3}
    return [
        shown("aws_iam_role", "this", role_values(name), key),
        shown("aws_iam_role_policy", "limits", {"role": name, "name": "gatepass-limits", "policy": "{}"}, key),
        shown("aws_iam_role_policy_attachment", "this", attachment, f"{key}/AmazonS3FullAccess"),
    ]


def shown(kind: str, name: str, values: Resource, key: str | int | None = None) -> Resource:
    """Return a resource as terraform show -json prints it."""
    index = "" if key is None else f"[{json.dumps(key)}]"
    return {
        "address": f"{MODULE}.{kind}.{name}{index}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "values": values,
    }


def state(*found: Resource) -> str:
    """Return a state as terraform show -json prints it, its resources in a module in a module."""
    inner = {"address": MODULE, "resources": list(found)}
    root = {"resources": [], "child_modules": [{"address": "module.access", "child_modules": [inner]}]}
    outputs = {"external_ids": {"sensitive": True, "value": {"support": [EXTERNAL_ID]}}}
    return json.dumps(
        {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"outputs": outputs, "root_module": root}}
    )


def plan(*found: tuple[Resource, list[str]]) -> str:
    """Return a plan as terraform show -json prints it; each resource with what is done to it."""
    changes = []
    for resource, actions in found:
        values = resource["values"]
        before = None if actions == ["create"] else values
        after = None if actions == ["delete"] else values
        bare = {key: value for key, value in resource.items() if key != "values"}
        changes.append({**bare, "change": {"actions": actions, "before": before, "after": after}})
    variables = {"external_ids": {"value": {"support": [EXTERNAL_ID]}}}
    return json.dumps({"format_version": "1.2", "variables": variables, "resource_changes": changes})


def raw_state(*found: Resource) -> str:
    """Return the same as terraform.tfstate holds it."""
    raw = []
    for each in found:
        index = each["address"].removeprefix(f"{MODULE}.{each['type']}.{each['name']}")
        instance = {"attributes": each["values"], **({"index_key": json.loads(index)[0]} if index else {})}
        kept = {key: each[key] for key in ("mode", "type", "name")}
        raw.append({"module": MODULE, **kept, "instances": [instance]})
    return json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "a-b", "resources": raw})
