"""Loading before the first call what every call needs."""

from __future__ import annotations

from gatepass.sandbox.memory.moto_iam import aws_managed_policies
from gatepass.sandbox.wire.services import service_model, service_named


def warm_up() -> None:
    """Read the models and policies that nearly every caller needs."""
    aws_managed_policies()
    for name in ("iam", "sts", "s3"):
        service_named(name)
    for name in ("iam", "sts"):
        service_model(name)
