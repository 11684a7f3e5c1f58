"""Roles that Terraform has: take them over, or hand them to it, while their doors stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.written_adoption import write_adoption
from gatepass.domain.identifiers import GrantName
from gatepass.domain.terraform_roles import TerraformRole, TerraformRoles
from gatepass.render.terraform_moves import forget_command, import_blocks
from gatepass.usecases.adopt_from_terraform import (
    Finding,
    Gone,
    NotOurs,
    OurOwn,
    Stuck,
    Takeable,
    find_terraform_roles,
)
from gatepass.wiring import file_access, own_account


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to say about one role.

    Attributes:
        kind: in one word, for programs.
        lines: for people.
        written: what was written, in words; empty for nothing.
    """

    finding: Finding
    kind: str
    grant: GrantName | None
    lines: tuple[str, ...]
    written: str = ""


def adopt_terraform(source: Path, file: Path, only: GrantName | None, *, as_json: bool) -> int:
    """Write the grants of the roles that Terraform keeps, and tell what to run; AWS and the state stay as they are."""
    known = file_access.terraform_roles(source)
    declaration = file_access.load_customer_file(file).declaration if file.exists() else None
    found = find_terraform_roles(known, own_account.own_roles(), declaration, only)
    told = [_tell(each, file) for each in found]
    blocks = import_blocks([each.found for each in found if _is_importable(each)])
    if as_json:
        facts = {"file": str(file), "roles": [_facts(each) for each in told], "unplaced": list(known.unplaced)}
        json_result({**facts, "import_blocks": blocks})
    else:
        _show(told, known, blocks)
    return ExitCode.FOUND_SOMETHING if any(_is_wrong(each) for each in found) else ExitCode.DONE


def _is_wrong(finding: Finding) -> bool:
    """Say whether a person has something to put right before a role can move."""
    held = isinstance(finding, Gone | OurOwn) and finding.found.is_held
    return held or isinstance(finding, Stuck)


def _is_importable(finding: Finding) -> bool:
    """Say whether Terraform can import the role, now or on the way back; what it holds already it cannot."""
    return isinstance(finding, Takeable) or (isinstance(finding, OurOwn) and not finding.found.is_held)


def _tell(finding: Finding, file: Path) -> _Told:
    match finding:
        case Takeable():
            return _taken(finding, file)
        case OurOwn(found, grant):
            return _Told(finding, "direct", grant, tuple(_handing_lines(found, grant, file)))
        case Gone(found):
            return _Told(finding, "gone", None, tuple(_gone_lines(found)))
        case NotOurs(found, why):
            return _Told(finding, "not ours", None, (f"not ours: the role {found.name}, {_where(found)}: {why}",))
        case Stuck(found, grant, problem):
            lines = (
                f"grant {grant}: the role {found.name} cannot be taken over: {problem.what}",
                f"  why:  {problem.why}",
                f"  next: {problem.next_step}",
            )
            return _Told(finding, "stuck", grant, lines)
        case _:
            assert_never(finding)


def _taken(finding: Takeable, file: Path) -> _Told:
    name, grant = finding.found.name, finding.grant
    lines = [f"grant {grant}: the role {name}, kept by terraform"]
    if finding.adoption is not None:
        policy_file = write_adoption(finding.adoption, file)
        written = f"grant {grant} in {file}"
        if policy_file is not None:
            written += f", and {file.parent / policy_file}"
        lines += [f"  the file has no words for this, and the plan takes it away: {each}" for each in _left(finding)]
    elif finding.is_named:
        written = ""
    else:
        file_access.set_in_grant(file, grant, {"role": str(name)})
        written = f"role: {name} in the grant {grant} of {file}"
    lines.insert(1, f"  written: {written}" if written else f"  {file} says already that it keeps this role")
    return _Told(finding, "taken", grant, (*lines, *_taking_lines(finding.found, grant, file)), written)


def _left(finding: Takeable) -> tuple[str, ...]:
    return finding.adoption.leftovers if finding.adoption is not None else ()


def _taking_lines(found: TerraformRole, grant: GrantName, file: Path) -> Iterator[str]:
    yield "  to take it over, while its door stays as it is, in this order:"
    steps = [forget_command(found)] if found.held else []
    steps += [
        f"take the grant {grant} out of the file and the variables that Terraform reads",
        f"gatepass plan {file}; it changes tags of this role and nothing else",
        f"gatepass apply {file}",
        f"gatepass rotate {grant}, because states of Terraform and their copies hold the external ID in clear",
    ]
    yield from (f"    {number}. {step}" for number, step in enumerate(steps, 1))
    for address in found.shared:
        yield f"  {address} gives it a policy together with other roles: take this role out of it"


def _handing_lines(found: TerraformRole, grant: GrantName, file: Path) -> Iterator[str]:
    yield f"grant {grant}: the role {found.name}, kept by gatepass itself"
    if found.is_held:
        yield "  Terraform's state holds it too, and its next apply would write it: take it out there with"
        yield f"    {forget_command(found)}"
        return
    yield "  to hand it to Terraform, while its door stays as it is:"
    yield f'    1. put its external ID into external_ids["{grant}"]; gatepass pass {grant} --reveal shows it'
    yield "    2. save the import blocks below as imports.tf beside the configuration"
    yield "    3. terraform plan -out=customer.plan; it imports the parts of this role and changes its tags only"
    yield "    4. terraform apply customer.plan"
    yield f"    5. take the line role: {found.name} out of {file}, if it is there, or apply takes the role back"


def _gone_lines(found: TerraformRole) -> Iterator[str]:
    if not found.is_held:
        yield f"not made yet: the role {found.name}, {_where(found)}"
        return
    yield f"gone: the role {found.name}, {_where(found)}: AWS has no such role any more"
    yield f"  next: {forget_command(found)}, or terraform apply to make it anew with a trust of its own"


def _where(found: TerraformRole) -> str:
    return f"{found.parts[0].address}, {found.parts[0].standing.value}"


def _show(told: Sequence[_Told], known: TerraformRoles, blocks: str) -> None:
    for each in told:
        for line in each.lines:
            result(line)
    if blocks:
        result("")
        result("# imports.tf: by these Terraform takes the same roles as they stand, now or on the way back")
        result(blocks.rstrip("\n"))
    if known.unplaced:
        note(f"the role of these is not known before an apply, and they were left out: {', '.join(known.unplaced)}")
    note("nothing in AWS or in Terraform's state has changed")


def _facts(told: _Told) -> dict[str, object]:
    finding, found = told.finding, told.finding.found
    facts: dict[str, object] = {
        "role": str(found.name),
        "kind": told.kind,
        "grant": str(told.grant) if told.grant is not None else None,
        "written": told.written,
        "parts": [
            {"address": part.address, "import_id": part.import_id, "standing": part.standing.name.lower()}
            for part in found.parts
        ],
        "shared": list(found.shared),
        "forget": forget_command(found) if found.held else None,
        "left_out": list(_left(finding)) if isinstance(finding, Takeable) else [],
        "why": None,
        "next": None,
    }
    if isinstance(finding, NotOurs):
        facts["why"] = finding.why
    if isinstance(finding, Stuck):
        facts |= {"why": f"{finding.problem.what}: {finding.problem.why}", "next": finding.problem.next_step}
    return facts
