"""What moto keeps of Identity Center and does not tell: the tags of permission sets."""

from __future__ import annotations

import json

from moto.ssoadmin.models import ssoadmin_backends

from gatepass.sandbox.rights.authorization import Asking
from gatepass.sandbox.wire.answers import Answer
from gatepass.sandbox.wire.refusals import service_error


def sso_answer(asking: Asking) -> Answer | None:
    """Return the answer to ListTagsForResource, or ``None`` when an operation is moto's.

    Raises:
        Refusal: there is no such permission set.
    """
    if asking.operation.name != "ListTagsForResource":
        return None
    arn = asking.operation.parameters.text("ResourceArn")
    sets = ssoadmin_backends[asking.caller.account][asking.place.region].permission_sets
    found = next((each for each in sets if each.permission_set_arn == arn), None)
    if found is None:
        raise service_error("ResourceNotFoundException", "Could not find PermissionSet")
    body = json.dumps({"Tags": found.tags or []}).encode()
    return Answer(200, (("Content-Type", "application/x-amz-json-1.1"),), body)
