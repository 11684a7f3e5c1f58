"""An adopted role, written into the customer's file with its custom policy beside it."""

from __future__ import annotations

import json
from pathlib import Path

from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.render.declaration_data import grant_data
from gatepass.usecases.adopt_role import Adoption
from gatepass.wiring import file_access


def write_adoption(adoption: Adoption, file: Path) -> str | None:
    """Write the grant into the file, and return the path of its custom policy from there, or None when it has none.

    Raises:
        Conflict: the file has such a grant, or the policy's file is there.
        GatepassError: one of them cannot be written.
    """
    entry = grant_data(adoption.grant)
    policy_file = _write_policy(adoption, file)
    if policy_file is not None:
        entry["custom_policy"] = policy_file
    try:
        file_access.add_grant(file, adoption.account, adoption.grant.name, entry)
    except GatepassError:
        if policy_file is not None:
            (file.parent / policy_file).unlink()
        raise
    return policy_file


def _write_policy(adoption: Adoption, file: Path) -> str | None:
    """Write the custom policy beside the file and return its path from there, or None when there is none."""
    custom = adoption.grant.custom_policy
    if custom is None:
        return None
    name = f"policies/{adoption.grant.name}.json"
    path = file.parent / name
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as written:
            written.write(_readable(custom))
    except FileExistsError:
        raise Conflict(
            f"{path} is there already",
            why="it would hold the role's inline policies, and nothing is overwritten",
            next_step="move it away, or give the grant another name with --grant",
        ) from None
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="it would hold the role's inline policies",
            next_step="name another file with --file",
        ) from None
    return name


def _readable(document: Document) -> str:
    return json.dumps(document.data, indent=2, ensure_ascii=False) + "\n"
