"""The AWS accounts of known vendors: names help people read, and never authorise.

Source: fwdcloudsec's list of known AWS accounts (https://github.com/fwdcloudsec/known_aws_accounts, Apache-2.0), as of
September 2025. The accounts stand in the partition ``aws``; AWS China and AWS GovCloud number their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gatepass.domain.identifiers import AccountId


@dataclass(frozen=True, slots=True)
class Preset:
    """A vendor that the customer's file may name instead of an account: ``provider: scalr``.

    Attributes:
        name: the word in the file.
        title: the name as the vendor writes it.
        shared: whether this one account acts for every customer of the vendor, so that the external ID alone tells
            its customers apart.
    """

    name: str
    title: str
    account: AccountId
    shared: bool


_ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    "Aqua": ("978540733285",),
    "Check Point": ("758245563457",),
    "CloudHealth": ("454464851268",),
    "Cloudability": ("165736516723",),
    "Cloudflare": ("391854517948",),
    "CrowdStrike": ("292230061137", "517716713836"),
    "Databricks": ("414351767826",),
    "Datadog": ("464622532012", "865078226113"),
    "Drata": ("269135526815",),
    "Dynatrace": ("509560245411",),
    "Fivetran": ("834469178297",),
    "Grafana": ("008923505280",),
    "JupiterOne": ("612791702201",),
    "Lacework": ("434813966438",),
    "MongoDB Atlas": ("536727724300",),
    "New Relic": ("754728514883",),
    "Orca Security": ("976280145156",),
    "Prisma Cloud": ("188619942792",),
    "ProsperOps": ("205499583182",),
    "Rackspace": ("507897595701", "530014582677"),
    "Scalr": ("919814621061",),
    "Segment": ("107630771604", "595280932656"),
    "Snyk": ("198361731867",),
    "Spacelift": ("324880187172",),
    "Steampipe Cloud": ("316881668097",),
    "Sumo Logic": ("926226587429",),
    "Sysdig": ("761931097553",),
    "Tenable": ("012615275169", "422820575223"),
    "Trend Micro": ("147995105371", "737318609257"),
    "Turbot": ("287590803701",),
    "Vanta": ("956993596390",),
    "Zesty": ("672188301118",),
    "env0": ("913128560467",),
    "nOps": ("202279780353",),
}
_TITLES: Mapping[str, str] = {digits: title for title, accounts in _ACCOUNTS.items() for digits in accounts}


def _preset(title: str, digits: str) -> Preset:
    # Each of these vendors serves all its customers from the account that the list names.
    return Preset(title.lower().replace(" ", ""), title, AccountId(digits), shared=True)


# A vendor with several accounts has no preset: which of them acts for a customer, only the vendor can say.
PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.name: preset
        for preset in (_preset(title, accounts[0]) for title, accounts in _ACCOUNTS.items() if len(accounts) == 1)
    }
)


def name_of_account(account: AccountId) -> str | None:
    """Return whose account this is said to be, or None for an account that the list does not hold."""
    return _TITLES.get(account.digits)
