"""What can be listed in an account, and what came of listing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import GatepassError
from gatepass.domain.table import Table

DETAILED = "-detailed"
# Where a resource stands that is the same in every Region.
EVERYWHERE = "global"
REGION = "Region"


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One name that can be listed.

    Attributes:
        service: AWS's short name of the service.
        columns: the columns of its table; empty when only the answer tells.
        detailed: the further columns of its ``-detailed`` variant.
        sort: the columns by which it is ordered, with a minus sign to turn an order round.
        type: its CloudFormation type, if it has one.
        is_global: whether it is the same in every Region.
    """

    name: str
    service: str
    columns: tuple[str, ...] = ()
    detailed: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    type: str = ""
    is_global: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing from a list because AWS did not tell.

    Attributes:
        where: the Region, or the thing within it.
        error: why.
    """

    where: str
    error: GatepassError


@dataclass(frozen=True, slots=True)
class Listing:
    """Every resource of one kind, and what is missing.

    Attributes:
        items: what AWS told of each, for queries; secrets are left out.
    """

    table: Table
    items: tuple[Mapping[str, object], ...] = field(default=(), repr=False)
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """The Regions in which a kind is to be asked for.

    Attributes:
        left_out: Regions that are not asked, because the service is not offered there as far as boto3 knows.
    """

    regions: tuple[str, ...]
    left_out: tuple[str, ...] = ()
