"""Plans in files: JSON, which is YAML too, so that they are read with the eyes that read the customer's file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from gatepass.adapters.customer_file import declared
from gatepass.adapters.json_files import read_text
from gatepass.adapters.yaml_source import read_yaml
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.saved_plan import SavedPlan
from gatepass.private_files import write_private
from gatepass.render.declaration_data import declaration_data

_KIND = "plan"
_LARGEST_HEAD = 200


def save_plan(path: Path, plan: SavedPlan) -> None:
    """Write the plan, whole or not at all; an older plan in its place is replaced, anything else is not.

    Raises:
        Conflict: the file that is there is no plan.
        GatepassError: it cannot be written.
    """
    if path.exists() and not is_plan(path):
        raise Conflict(
            f"{path} is there and is no plan",
            why="only an older plan is overwritten",
            next_step="name another file with --out",
        )
    kept = {
        "gatepass": _KIND,
        "version": 1,
        "made_at": plan.made_at.isoformat(),
        "prune": plan.prune,
        "account_digest": plan.account_digest,
        "changes": list(plan.changes),
        "file": declaration_data(plan.declaration),
    }
    try:
        write_private(path, (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="it would hold the plan",
            next_step="name another place with --out",
        ) from None


def is_plan(path: Path) -> bool:
    """Say whether a file is a plan of ours; what cannot be read is none."""
    try:
        with path.open("rb") as file:
            head = file.read(_LARGEST_HEAD)
    except OSError:
        return False
    return head.startswith(b'{\n  "gatepass": "plan"')


def load_plan(path: Path) -> SavedPlan:
    """Return the plan in the file.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: it is no plan that this Gatepass wrote.
        InvalidFile: the customer's file in it has mistakes.
    """
    try:
        kept = json.loads(read_text(path))
    except json.JSONDecodeError:
        raise _unreadable(path) from None
    source = read_yaml(path)
    file = source.data.get("file") if isinstance(source.data, Mapping) else None
    match kept:
        case {
            "version": 1,
            "made_at": str(made_at),
            "prune": bool(prune),
            "account_digest": str(digest),
            "changes": list(changes),
        } if isinstance(file, dict) and all(isinstance(line, str) for line in changes):
            declaration, shown_at = declared(file, path.parent), datetime.fromisoformat(made_at)
            return SavedPlan(declaration, prune, shown_at, digest, tuple(changes))
        case _:
            raise _unreadable(path)


def _unreadable(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path} is no plan that can be applied",
        why="it is not as gatepass plan --out writes it",
        next_step="plan again: gatepass plan access.yml --out FILE",
    )
