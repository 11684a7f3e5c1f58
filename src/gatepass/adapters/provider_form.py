"""The form of the provider's file, key by key; the JSON Schema is made from it."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gatepass.adapters.written_register import (
    AccessWord,
    Company,
    CustomerKeyName,
    CustomersRole,
    DisplayName,
    OwnGroup,
    OwnRole,
    PolicyPrefix,
    ProviderKind,
    PublicKeyText,
    RegisterKey,
    TeamKey,
)
from gatepass.adapters.written_values import Account, Flag, GrantKey, Instant, Version
from gatepass.domain.errors import InvalidInput


class _Form(BaseModel):
    """Unknown keys are errors: an unread key would be an access someone thinks is set."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class TeamForm(_Form):
    """Engineers who serve the same customers."""

    iam_roles: list[OwnRole] = Field(default_factory=list, description="names of roles of your account that they use")
    iam_groups: list[OwnGroup] = Field(default_factory=list, description="names of IAM groups that they are in")
    identity_center_group: DisplayName | None = Field(
        None, description="the display name of their group in Identity Center"
    )
    policy: PolicyPrefix | None = Field(
        None, description="with what the names of its policies begin; default: gatepass-<team>"
    )
    arns_only: Flag = Field(
        default=False, description="whether its policies name every role in full, without aws:ResourceAccount"
    )

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not self.iam_roles and not self.iam_groups and self.identity_center_group is None:
            raise InvalidInput(
                "this team is nobody",
                why="a team is known by its IAM roles, its IAM groups or its group in Identity Center",
                next_step="add iam_roles, iam_groups or identity_center_group",
            )
        return self


class CustomerForm(_Form):
    """One customer's account."""

    company: Company | None = Field(None, description="whose account it is; default: the customer's name")
    account: Account = Field(description="the customer's AWS account number, quoted")
    key: RegisterKey = Field(description="the customer key, the middle part of its external IDs")
    roles: dict[GrantKey, CustomersRole] = Field(default_factory=dict, description="the role ARN of each grant")
    teams: dict[GrantKey, list[TeamKey]] = Field(default_factory=dict, description="which teams may use which grant")
    access: AccessWord | None = Field(None, description="by which means teams are let in; default: what each team has")
    signed_by: PublicKeyText | None = Field(None, description="the key that its passes are signed with; see admit")
    last_pass: dict[GrantKey, Instant] = Field(
        default_factory=dict, description="when the last admitted pass of each grant was written; see admit"
    )


class PartForm(_Form):
    """The head of a file beside provider.yml."""

    gatepass: ProviderKind = Field(description="the kind of this file")
    version: Version = Field(description="the form of this file")


class HeadForm(PartForm):
    """Who the provider is, with its teams."""

    account: Account = Field(description="your own AWS account number, quoted")
    teams: dict[TeamKey, TeamForm] | None = Field(None, description="your teams of engineers by name")


class RegisterForm(HeadForm):
    """A whole register, or provider.yml of a folder of files."""

    customers: dict[CustomerKeyName, CustomerForm] | None = Field(None, description="your customers by name")


class CustomersForm(PartForm):
    """One file of a folder, beside provider.yml."""

    customers: dict[CustomerKeyName, CustomerForm] = Field(min_length=1, description="customers by name")
