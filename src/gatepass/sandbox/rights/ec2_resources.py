"""EC2's resources, told by the prefixes of their IDs."""

from __future__ import annotations

from collections.abc import Iterable

from gatepass.sandbox.rights.access import Access, Place
from gatepass.sandbox.wire.operations import Operation

# The kind of resource behind an ID's prefix; images and snapshots may be anybody's and have no account in their ARN.
_KINDS: dict[str, str] = {
    "acl": "network-acl",
    "ami": "image",
    "cgw": "customer-gateway",
    "dopt": "dhcp-options",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pl": "prefix-list",
    "pcx": "vpc-peering-connection",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment",
    "tgw-rtb": "transit-gateway-route-table",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpn": "vpn-connection",
}
_WITHOUT_ACCOUNT = frozenset({"image", "snapshot"})
# What an operation makes, where policies often name it.
_MADE: dict[str, tuple[str, ...]] = {
    "CreateInternetGateway": ("internet-gateway",),
    "CreateNetworkInterface": ("network-interface",),
    "CreateSecurityGroup": ("security-group",),
    "CreateSubnet": ("subnet",),
    "CreateVolume": ("volume",),
    "CreateVpc": ("vpc",),
    "RunInstances": ("instance", "network-interface", "volume"),
}
# Reading is asked for on everything: EC2's Describe operations know no resource.
_READS = ("Describe", "Get", "List", "Search")


def accesses(operation: Operation, place: Place) -> tuple[Access, ...]:
    """Return the action on everything that the request names or makes."""
    if operation.name.startswith(_READS):
        return (Access(operation.action, "*", place.account),)
    arns = dict.fromkeys(_arns(operation, place))
    return tuple(Access(operation.action, arn, place.account) for arn in arns or ("*",))


def _arns(operation: Operation, place: Place) -> Iterable[str]:
    for made in _MADE.get(operation.name, ()):
        yield f"arn:aws:ec2:{place.region}:{place.account}:{made}/*"
    for _, value in operation.parameters.all_texts():
        prefix, dash, rest = value.rpartition("-")
        kind = _KINDS.get(prefix)
        if kind is not None and dash and rest.isalnum():
            account = "" if kind in _WITHOUT_ACCOUNT else place.account
            yield f"arn:aws:ec2:{place.region}:{account}:{kind}/{value}"
