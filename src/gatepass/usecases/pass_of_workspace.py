"""The pass of a door that a workspace keeps, made without AWS: from the file, the store and the run's outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import GrantName, Partition, RoleArn
from gatepass.domain.platform_run import Output
from gatepass.domain.trust import Retiring, closed_trust, open_trust
from gatepass.domain.wanted import wanted_role
from gatepass.domain.workspace_door import DoorRecord
from gatepass.ports.machine import Randomness
from gatepass.ports.trays import Tray
from gatepass.usecases.customer_half import pass_name
from gatepass.usecases.write_pass import PassTools, pass_of

# The output of the root module that tells the role of each grant.
ROLE_ARNS = "role_arns"
PASS_BITS = 130


@dataclass(frozen=True, slots=True)
class SentPass:
    """A pass in the outbox.

    Attributes:
        place: where it lies, in words.
        was_there: whether this very pass had been written before.
    """

    pass_id: str
    place: str
    was_there: bool


def role_of_outputs(grant: Grant, declaration: Declaration, outputs: Sequence[Output]) -> RoleArn:
    """Return the ARN of the grant's role, as the last run that was applied told it.

    Raises:
        Conflict: the outputs name no such role, or one that is not the file's.
    """
    told = next((one.value for one in outputs if one.name == ROLE_ARNS), None)
    text = told.get(str(grant.name)) if isinstance(told, Mapping) else None
    try:
        arn = RoleArn(text) if isinstance(text, str) else None
    except InvalidInput:
        arn = None
    wanted = role_name(grant, declaration.naming)
    if arn is None or (arn.account, arn.name) != (declaration.account, wanted):
        raise Conflict(
            f"the workspace's outputs do not name the role {wanted} of account {declaration.account}",
            why=f"they name {arn}" if arn is not None else f"{ROLE_ARNS} says nothing of the grant {grant.name}",
            next_step="let the repository's module read the same access file, run the workspace, then do it again",
        )
    return arn


def declared_trust(grant: Grant, partition: Partition, record: DoorRecord) -> Document:
    """Return the trust that the file and the record together ask for; it holds external IDs."""
    if not record.ids:
        return closed_trust()
    old = Retiring(record.ids[1], record.old_until) if record.old_until is not None else None
    return open_trust(grant, partition, record.ids[0], retiring=old)


def send_pass(grant: Grant, declaration: Declaration, arn: RoleArn, record: DoorRecord, out: Outbox) -> SentPass:
    """Write the pass of the record's external ID, sealed to the grant's provider, into the outbox.

    Its id was drawn when the move began, so a pass written twice is one pass.

    Raises:
        InvalidInput: the grant names nobody to seal it to.
        AccessRefused: it may not be written there.
    """
    recipient = demand_recipient_of(grant)
    role = wanted_role(
        declaration,
        grant,
        arn.partition,
        policies=frozenset(),
        trust=declared_trust(grant, arn.partition, record),
        customer_key=record.ids[0].customer_key,
        path=arn.path,
    )
    name = pass_name(declaration.account, grant.name)
    was_there = pass_lies_there(grant.name, declaration, record, out.tray)
    tools = replace(out.tools, randomness=_Drawn(record.pass_id))
    handed, signed = pass_of(grant.name, recipient, [(arn, role)], tools, grant.offer)
    out.tray.put(name, signed.text)
    return SentPass(handed.id, pass_place(grant.name, declaration, out.tray), was_there)


def pass_lies_there(grant: GrantName, declaration: Declaration, record: DoorRecord, outbox: Tray) -> bool:
    """Say whether the pass of this record lies in the outbox."""
    return f'"{record.pass_id}"' in (outbox.get(pass_name(declaration.account, grant)) or "")


def pass_place(grant: GrantName, declaration: Declaration, outbox: Tray) -> str:
    """Return where the pass of the grant lies, in words."""
    return f"{outbox.title}/{pass_name(declaration.account, grant)}"


def demand_recipient_of(grant: Grant) -> str:
    """Return whom passes of the grant are sealed to.

    Raises:
        InvalidInput: the file names nobody.
    """
    if grant.seal_to is None:
        raise InvalidInput(
            f"there is nobody to seal the pass of {grant.name} to",
            why="the grant has no seal_to in the customer's file",
            next_step="take the provider's recipient from its offer: seal_to: age1...",
        )
    return grant.seal_to


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where passes are left for the provider, and what writes them."""

    tray: Tray
    tools: PassTools


@dataclass(frozen=True, slots=True)
class _Drawn(Randomness):
    """The id of a pass that was drawn before."""

    drawn: str

    def word(self, bits: int) -> str:
        del bits
        return self.drawn
