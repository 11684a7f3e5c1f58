"""What may be passed to a session: policies and tags, and how much of them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from gatepass.decision.policy import MalformedPolicy, PolicyKind
from gatepass.sandbox.memory.moto_iam import iam_of
from gatepass.sandbox.rights.documents import parse
from gatepass.sandbox.rights.permissions import managed_document
from gatepass.sandbox.wire.constraints import validation_error
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import service_error

# Characters that the inline policy and the ARNs of managed ones may have together.
LARGEST_PLAINTEXT = 2_048
MOST_POLICY_ARNS = 10
# The packed form's limit is AWS's secret; this is a size that policies within the plain limit seldom reach.
PACKED_LIMIT = 2_048


def passed_policies(parameters: Parameters, account: str) -> tuple[str, ...] | None:
    """Return the documents of the session policies passed, or ``None`` when there are none.

    Raises:
        Refusal: one is malformed or does not exist, or they are too many or too large.
    """
    inline = parameters.text("Policy")
    arns = tuple(each.text("arn") or "" for each in parameters.structures("PolicyArns"))
    if inline is None and not arns:
        return None
    if len(arns) > MOST_POLICY_ARNS:
        raise validation_error(f"A session takes at most {MOST_POLICY_ARNS} managed policies.")
    if len(inline or "") + sum(map(len, arns)) > LARGEST_PLAINTEXT:
        raise service_error(
            "PackedPolicyTooLarge", f"The session policies exceed {LARGEST_PLAINTEXT} characters together."
        )
    documents = []
    for arn in arns:
        document = managed_document(iam_of(account).managed_policies, arn)
        if document is None:
            raise service_error(
                "InvalidParameterValue", f"The session policy {arn} does not exist in account {account}."
            )
        documents.append(document)
    if inline is not None:
        documents.append(inline)
    for document in documents:
        try:
            parse(document, PolicyKind.SESSION, "session policy")
        except MalformedPolicy as error:
            raise service_error("MalformedPolicyDocument", error.what) from None
    return tuple(documents)


def passed_tags(parameters: Parameters) -> dict[str, str]:
    """Return the session tags passed.

    Raises:
        Refusal: two tags differ only in case, or a transitive one is not passed.
    """
    pairs = [(tag.text("Key") or "", tag.text("Value") or "") for tag in parameters.structures("Tags")]
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise service_error(
            "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    return dict(pairs)


def packed_size(parameters: Parameters, tags: Mapping[str, str]) -> int | None:
    """Return roughly how much of the packed limit a session uses, in percent; ``None`` when it carries nothing.

    Raises:
        Refusal: it uses more than there is.
    """
    arns = (each.text("arn") or "" for each in parameters.structures("PolicyArns"))
    plain = "".join((parameters.text("Policy") or "", *arns, *(f"{key}={value};" for key, value in tags.items())))
    if not plain:
        return None
    percent = -(-100 * len(zlib.compress(plain.encode(), 9)) // PACKED_LIMIT)
    if percent > 100:
        raise service_error(
            "PackedPolicyTooLarge", f"Packed size of session tags consumes {percent}% of allotted space."
        )
    return percent
