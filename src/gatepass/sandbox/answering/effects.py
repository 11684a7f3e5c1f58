"""What follows from a change that moto has made, and what moto would not have refused."""

from __future__ import annotations

from collections.abc import Callable

from gatepass.decision.policy import MalformedPolicy, PolicyKind
from gatepass.sandbox.answering.iam_answers import put_user_boundary
from gatepass.sandbox.answering.iam_rules import check_iam_rules
from gatepass.sandbox.memory.moto_iam import iam_of
from gatepass.sandbox.rights.authorization import Asking
from gatepass.sandbox.rights.documents import parse
from gatepass.sandbox.rights.iam_resources import role_named
from gatepass.sandbox.rights.organizations import policy_kind_of, policy_types_enabled
from gatepass.sandbox.rights.principal_references import check_principals, replace_principal
from gatepass.sandbox.wire.refusals import service_error

Effect = Callable[[], None]


def _nothing() -> None:
    return


def prepared(asking: Asking) -> Effect:
    """Check a change before moto makes it, and return what to do afterwards.

    Raises:
        Refusal: AWS would not make the change.
    """
    name = asking.operation.name
    match asking.operation.service.name:
        case "iam":
            check_iam_rules(asking.operation, asking.caller.account)
            return _AFTER_IAM.get(name, _no_effect)(asking)
        case "s3" if name == "PutBucketPolicy":
            _check_bucket_policy(asking)
        case "organizations" if name == "AttachPolicy":
            _check_policy_type(asking)
    return _nothing


def _no_effect(_: Asking) -> Effect:
    return _nothing


def _orphan_role(asking: Asking) -> Effect:
    role = role_named(iam_of(asking.caller.account), asking.operation.parameters.text("RoleName") or "")
    if role is None:
        return _nothing
    arn, unique_id = role.arn, role.id
    return lambda: replace_principal(arn, unique_id)


def _orphan_user(asking: Asking) -> Effect:
    user = iam_of(asking.caller.account).users.get(asking.operation.parameters.text("UserName") or "")
    if user is None:
        return _nothing
    arn, unique_id = user.arn, user.id
    return lambda: replace_principal(arn, unique_id)


def _follow_user(asking: Asking) -> Effect:
    user = iam_of(asking.caller.account).users.get(asking.operation.parameters.text("UserName") or "")
    if user is None:
        return _nothing
    arn = user.arn
    return lambda: replace_principal(arn, user.arn)


def _bound_user(asking: Asking) -> Effect:
    if asking.operation.parameters.text("PermissionsBoundary") is None:
        return _nothing
    return lambda: _put_boundary(asking)


def _put_boundary(asking: Asking) -> None:
    put_user_boundary(iam_of(asking.caller.account), asking.operation.parameters)


_AFTER_IAM: dict[str, Callable[[Asking], Effect]] = {
    "CreateUser": _bound_user,
    "DeleteRole": _orphan_role,
    "DeleteUser": _orphan_user,
    "UpdateUser": _follow_user,
}


def _check_bucket_policy(asking: Asking) -> None:
    try:
        document = asking.call.body.decode()
        parse(document, PolicyKind.RESOURCE, "")
    except (UnicodeDecodeError, MalformedPolicy) as error:
        words = error.what if isinstance(error, MalformedPolicy) else "Policies must be valid JSON"
        raise service_error("MalformedPolicy", words) from None
    check_principals(document, "MalformedPolicy")


def _check_policy_type(asking: Asking) -> None:
    kind = policy_kind_of(asking.caller.account, asking.operation.parameters.text("PolicyId") or "")
    if kind is not None and kind not in policy_types_enabled(asking.caller.account):
        raise service_error(
            "PolicyTypeNotEnabledException", "You can't use the specified policy type with this organization's root."
        )
