"""One engine a role: whose it is, and what to change there instead where it is another engine's."""

from __future__ import annotations

from enum import Enum

from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import AccountId
from gatepass.domain.role import DIRECT_ENGINE, GRANT_TAG, Role

TERRAFORM = "terraform"
CLOUDFORMATION = "cloudformation"

# AWS sets it on everything that a stack makes: "Resource tags", AWS CloudFormation User Guide.
_STACK_TAG = "aws:cloudformation:stack-name"


class Deed(Enum):
    """What somebody set out to do to a role."""

    CHANGE = "change"
    OPEN = "open"
    CLOSE = "close"
    ROTATE = "rotate"
    WITHDRAW = "withdraw"


_IN_TERRAFORM = {
    Deed.CHANGE: "let the file that Terraform reads say the same of the grant {grant}, then terraform apply",
    Deed.OPEN: 'put an external ID into external_ids["{grant}"], then terraform apply; after a close lift its denial '
    "then: gatepass open {grant}",
    Deed.CLOSE: 'empty external_ids["{grant}"] in Terraform, so that it agrees; where a platform keeps it: gatepass '
    "scalr close FILE {grant}, or gatepass hcp close",
    Deed.ROTATE: 'put a new external ID first in external_ids["{grant}"], the old one second and say until when it '
    "opens, then terraform apply",
    Deed.WITHDRAW: "take the grant {grant} out of the file that Terraform reads, then terraform apply; gatepass close "
    "{grant} works at once",
}
_IN_CLOUDFORMATION = {
    Deed.CHANGE: "change the template of {stack}, then update it",
    Deed.OPEN: "give the parameter ...ExternalId of the grant {grant} in {stack} a value, then update it; after a "
    "close lift its denial then: gatepass open {grant}",
    Deed.CLOSE: "empty the parameter ...ExternalId of the grant {grant} in {stack}, so that it agrees",
    Deed.ROTATE: "give the parameter ...ExternalId of the grant {grant} in {stack} a new value, and ...ExternalIdOld "
    "the old one, then update it",
    Deed.WITHDRAW: "take the grant {grant} out of the template of {stack}, then update it; gatepass close {grant} "
    "works at once",
}
_ELSEWHERE = {
    Deed.CLOSE: "take the external IDs of the grant {grant} away there, so that it agrees",
}
_ELSEWHERE_ANY = "change the grant {grant} there; gatepass close {grant} works on every role of ours"


def is_direct(role: Role) -> bool:
    """Say whether these commands write the role themselves."""
    return role.engine == DIRECT_ENGINE


def what_to_change(role: Role, deed: Deed) -> str:
    """Return what a person changes in the engine that keeps the role, to the same end."""
    if role.engine == TERRAFORM:
        text = _IN_TERRAFORM[deed]
    elif role.engine == CLOUDFORMATION:
        text = _IN_CLOUDFORMATION[deed]
    else:
        text = _ELSEWHERE.get(deed, _ELSEWHERE_ANY)
    stack = f"the stack {role.tags[_STACK_TAG]}" if _STACK_TAG in role.tags else "its stack"
    return text.format(grant=role.tags.get(GRANT_TAG, role.name), stack=stack)


def demand_ours(role: Role, account: AccountId) -> None:
    """Let only roles of ours pass, whatever engine keeps them.

    Raises:
        Conflict: the role is somebody else's.
    """
    if not role.is_ours:
        raise Conflict(
            f"the role {role.name} in account {account} is not one of Gatepass",
            why="it is not under /gatepass/ or lacks the tag gatepass:grant; roles of others stay as they are",
            next_step="choose another name for the grant, or remove that role yourself",
        )


def demand_direct(role: Role, account: AccountId, deed: Deed) -> None:
    """Let only roles of ours pass that these commands write themselves.

    Raises:
        Conflict: the role is somebody else's, or another engine's.
    """
    demand_ours(role, account)
    if not is_direct(role):
        raise Conflict(
            f"the role {role.name} is kept by {role.engine}",
            why="its tag gatepass:engine says so, and two engines on one role would undo each other's work",
            next_step=what_to_change(role, deed),
        )
