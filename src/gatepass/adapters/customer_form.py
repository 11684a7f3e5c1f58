"""The form of the customer's file, key by key; the JSON Schema is made from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gatepass.adapters.written_channels import NotifyForm
from gatepass.adapters.written_values import (
    Account,
    Boundary,
    CustomerKey,
    CustomPolicy,
    Flag,
    GrantKey,
    Instant,
    Kind,
    Network,
    OfferId,
    Policy,
    Principal,
    Provider,
    Recipient,
    RoleKey,
    SecondFactor,
    SessionLimit,
    Store,
    TagKey,
    TagValue,
    Token,
    Version,
)
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Window


class _Form(BaseModel):
    """Unknown keys are errors: an unread key would be a permission someone thinks is set."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class WindowForm(_Form):
    """From when until when a grant may be used."""

    from_: Instant | None = Field(None, alias="from", description="first instant, with time zone")
    until: Instant | None = Field(None, description="end, with time zone; from then on nobody enters or acts")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        Window(self.from_, self.until)
        return self


class NamingForm(_Form):
    """Tokens before the names of roles."""

    org: Token | None = Field(None, description="organisation, such as HIO")
    lifecycle: Token | None = Field(None, description="such as dev or prod")
    location: Token | None = Field(None, description="such as euw1")


class GrantForm(_Form):
    """What one provider may do."""

    provider: Provider = Field(description="the provider's AWS account number, quoted, or the name of a known vendor")
    permissions: list[Policy] = Field(
        default_factory=list, description="managed policies, by name, path and name, or ARN"
    )
    custom_policy: CustomPolicy = Field(
        None, description="a policy of your own: a JSON or YAML file beside this one, or the policy itself"
    )
    boundary: Boundary | None = Field(None, description="ARN of the permissions boundary")
    second_factor: SecondFactor = Field("required", description="whether entering needs an external ID")
    principals: list[Principal] = Field(
        default_factory=list, description="which of the provider's principals, such as role/engineers/*; default: any"
    )
    window: WindowForm | None = Field(None, description="from when until when")
    session: SessionLimit = Field(timedelta(hours=1), description="the longest session, 1h to 12h")
    source_ips: list[Network] = Field(default_factory=list, description="where sessions may be started")
    require_source_identity: Flag = Field(default=False, description="whether a session must name its engineer")
    role: RoleKey | None = Field(None, description="a role that stands already, to be kept for this grant; see adopt")
    customer_key: CustomerKey | None = Field(None, description="the provider's part of new external IDs; see accept")
    seal_to: Recipient | None = Field(None, description="the provider's age recipient, to whom passes are sealed")
    offer: OfferId | None = Field(None, description="the id of the offer that the grant came from; see accept")
    keeps_roles: Flag = Field(
        default=False,
        description="whether it may change the other roles of Gatepass; for a platform that runs Terraform",
    )

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        if not self.permissions and self.custom_policy is None:
            raise InvalidInput(
                "this grant gives no permission",
                why="a role without permissions lets people in to do nothing",
                next_step="add permissions: [SecurityAudit] or a custom_policy",
            )
        return self


class CustomerForm(_Form):
    """The grants of one AWS account."""

    gatepass: Kind = Field(description="the kind of this file")
    version: Version = Field(description="the form of this file")
    account: Account = Field(description="your AWS account number, quoted")
    grants: dict[GrantKey, GrantForm] = Field(min_length=1, description="the grants by name")
    naming: NamingForm | None = Field(None, description="tokens before the names of roles")
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=40, description="tags of every role")
    notify: NotifyForm | None = Field(None, description="where you are told about your doors")
    second_factor_store: Store | None = Field(None, description="where second factors are kept beside AWS")
