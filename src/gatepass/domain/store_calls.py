"""The AWS actions that keeping second factors in AWS takes, store by store."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatepass.domain.rights import RIGHTS, Target

# What keeping the second factor in AWS takes beside that.
STORES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        store: tuple(right.action for right in RIGHTS if right.target is target and not right.spared)
        for store, target in (("ssm", Target.PARAMETERS), ("secrets-manager", Target.SECRETS))
    }
)

# What reads several at once, where the second factors of many customers are looked at.
TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType({"ssm": ("ssm:GetParameters",), "secrets-manager": ()})

# What it takes to see which second factors lie there, which only the access lead does.
LISTS: Mapping[str, str] = MappingProxyType(
    {"ssm": "ssm:DescribeParameters", "secrets-manager": "secretsmanager:ListSecrets"}
)
# What an engineer takes to read those of his teams.
READS: Mapping[str, str] = MappingProxyType(
    {"ssm": "ssm:GetParameter", "secrets-manager": "secretsmanager:GetSecretValue"}
)
