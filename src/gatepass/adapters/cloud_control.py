"""Resources of any CloudFormation type, through Cloud Control."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from gatepass.adapters.aws_calls import Call, Calls
from gatepass.adapters.item_paths import cell_text
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.listing import ResourceKind
from gatepass.domain.table import Table

_TYPE = re.compile(r"[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}(::MODULE)?", re.ASCII)
# Services whose resources are the same in every Region.
_GLOBAL = ("AWS::IAM::", "AWS::Route53::", "AWS::CloudFront::", "AWS::Organizations::")
_ACTION = "cloudformation:ListResources"
_IDENTIFIER = "Identifier"
# Cloud Control API Reference, ListResources: what it says of a type that it cannot list.
_NOT_LISTED = {
    "TypeNotFoundException": "there is no such type",
    "UnsupportedActionException": "AWS cannot list this type",
    "InvalidRequestException": "AWS lists this type only when it is told of which parent, if at all",
}


def type_kind(name: str) -> ResourceKind | None:
    """Return the kind that a CloudFormation type name means, or None for other names."""
    if not _TYPE.fullmatch(name):
        return None
    return ResourceKind(name, "cloudcontrol", sort=(_IDENTIFIER,), type=name, is_global=name.startswith(_GLOBAL))


def type_items(name: str, calls: Calls, known: Collection[str]) -> list[dict[str, Any]]:
    """Return every resource of the type: its identifier, with its properties beside it.

    Args:
        name: the type.
        calls: whom to ask.
        known: types that there are, for guessing what was meant.

    Raises:
        InvalidInput: AWS cannot list this type.
    """
    call = Call(_ACTION, "cloudcontrol", "list_resources", {"TypeName": name})
    try:
        found = [each for page in calls.pages(call) for each in page["ResourceDescriptions"]]
    except Conflict as conflict:
        why = next((words for code, words in _NOT_LISTED.items() if conflict.why.startswith(code)), None)
        if why is None:
            raise
        near = difflib.get_close_matches(name, set(known) - {name}, n=2)
        guess = f"did you mean {' or '.join(near)}?" if near else "gatepass list shows the names it knows"
        raise InvalidInput(f"{name} cannot be listed", why=f"{why}\n{conflict.why}", next_step=guess) from None
    return [{_IDENTIFIER: each[_IDENTIFIER], **_properties(each.get("Properties"))} for each in found]


def type_table(items: list[dict[str, Any]]) -> Table:
    """Return the items under their identifier and the top keys of their properties, in the order they were met."""
    columns = tuple(dict.fromkeys((_IDENTIFIER, *(key for item in items for key in item))))
    return Table(columns, tuple(tuple(cell_text(item.get(column)) for column in columns) for item in items))


def _properties(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {key: value for key, value in found.items() if key != _IDENTIFIER} if isinstance(found, dict) else {}
