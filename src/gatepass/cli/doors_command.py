"""The command that lists every role of the account that anybody outside can enter."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from gatepass.cli.grant_text import finding_facts
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, print_table, result
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.doors import DoorList, DoorState, Entrant, RoleDoor, TrustLine
from gatepass.domain.errors import GatepassError
from gatepass.domain.findings import Severity
from gatepass.domain.identifiers import AccountId
from gatepass.domain.table import Table
from gatepass.domain.trust import instant_text
from gatepass.render import door_words as words
from gatepass.render.doors_page import doors_page
from gatepass.render.shown_text import shown
from gatepass.usecases.list_doors import list_doors
from gatepass.wiring import file_access, machine, own_account

_COLUMNS = ("STATE", "ROLE", "WHO CAN ENTER", "EXTERNAL ID", "AT WORST", "LAST USED", "ENDS", "FINDINGS")
# On a terminal narrower than this, eight columns would fold into ribbons.
_WIDE_TERMINAL = 140
_NARROW_COLUMNS = ("DOOR", "WHO CAN ENTER", "WHAT IT IS")


@click.command("doors")
@click.option(
    "--account-details",
    "details",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read the account from what aws iam get-account-authorization-details printed; nothing is asked of AWS.",
)
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write a page to read and print.")
@click.option("--all", "with_inside", is_flag=True, help="List the roles too that nobody outside can enter.")
@json_option
def doors(*, details: Path | None, page: Path | None, with_inside: bool, as_json: bool) -> int:
    """List every role of the account that anyone outside can enter, and what that means.

    Who can enter, with what external ID, when it was last used, what it can do at worst, when it ends, and what lint
    finds. External IDs themselves are never shown. Exit 3 when something of weight was found.
    """
    account, names = _account(details)
    catalogue = file_access.action_catalogue()
    if catalogue is None:
        note("names of actions were not checked: pip install 'gatepass[lint]'")
    found = list_doors(account, machine.clock().now(), names, catalogue)
    if page is not None:
        file_access.write_page(page, doors_page(found, with_inside=with_inside))
    if as_json:
        json_result(_facts(found, with_inside=with_inside))
    elif page is not None:
        result(f"written: {page}")
    else:
        _print(found, with_inside=with_inside)
    if not as_json:
        _summarise(found, with_inside=with_inside, is_page=page is not None)
    return ExitCode.FOUND_SOMETHING if found.is_weighty else ExitCode.DONE


def _account(details: Path | None) -> tuple[AccountPolicies, Mapping[AccountId, str]]:
    if details is not None:
        return file_access.account_of(details), {}
    account = own_account.own_policies().account_policies()
    try:
        return account, own_account.account_names().names()
    except GatepassError as error:
        # Names only help reading: the doors are told without them.
        note(f"the names of your organisation's accounts are missing: {error.what}")
        return account, {}


def _print(found: DoorList, *, with_inside: bool) -> None:
    if found.doors and sys.stdout.isatty() and shutil.get_terminal_size().columns < _WIDE_TERMINAL:
        print_table(Table(_NARROW_COLUMNS, tuple(_narrow_row(door, found) for door in found.doors)))
    elif found.doors:
        print_table(Table(_COLUMNS, tuple(_row(door, found) for door in found.doors)))
    else:
        result("nobody outside the account can enter any of its roles")
    if with_inside and found.inside:
        result("")
        rows = tuple((shown(each.arn), shown(", ".join(each.entered_by))) for each in found.inside)
        print_table(Table(("ROLE THAT NOBODY OUTSIDE CAN ENTER", "ENTERED BY"), rows))


def _row(door: RoleDoor, found: DoorList) -> tuple[str, ...]:
    cells = (
        door.state.value,
        words.role_words(door),
        "; ".join(words.who_words(door)),
        door.factor.words,
        door.worst.words,
        words.last_use_words(door, found.at),
        words.end_words(door),
        words.count_words(door),
    )
    return tuple(shown(each) for each in cells)


def _narrow_row(door: RoleDoor, found: DoorList) -> tuple[str, ...]:
    """Return the same facts, one below the other."""
    state, name, who, external_id, worst, last_used, ends, findings = _row(door, found)
    facts = (
        f"external ID: {external_id}",
        f"at worst: {worst}",
        f"last used: {last_used}",
        ends if ends.startswith("ended") else f"ends: {ends}",
        f"findings: {findings}\n",
    )
    return f"{name}\n({state})", who.replace("; ", "\n"), "\n".join(facts)


def _summarise(found: DoorList, *, with_inside: bool, is_page: bool) -> None:
    if found.doors:
        counts = [(sum(door.state is state for door in found.doors), state.value) for state in DoorState]
        states = ", ".join(f"{count} {words_}" for count, words_ in counts if count)
        weights = ", ".join(f"{found.count(each)} {each.value}" for each in Severity)
        plural = "s" if len(found.doors) != 1 else ""
        note(f"account {found.account}: {len(found.doors)} door{plural} ({states}); findings: {weights}")
        if not is_page:
            note("every finding with its reason and its remedy: gatepass doors --html doors.html, or --json")
    if found.inside and not with_inside:
        count = len(found.inside)
        note(f"nobody outside can enter the account's other {count} role{'s' if count != 1 else ''}; --all lists them")


def _facts(found: DoorList, *, with_inside: bool) -> dict[str, object]:
    facts: dict[str, object] = {
        "account": str(found.account),
        "at": instant_text(found.at),
        "findings": {each.value: found.count(each) for each in Severity},
        "doors": [_door_facts(door) for door in found.doors],
        "roles_without_outsiders": len(found.inside),
    }
    if with_inside:
        facts["inside"] = [{"role_arn": each.arn, "entered_by": list(each.entered_by)} for each in found.inside]
    return facts


def _door_facts(door: RoleDoor) -> dict[str, object]:
    return {
        "role_arn": door.arn,
        "state": door.state.value,
        "grant": door.grant,
        "made_for": door.made_for.name if door.made_for is not None else None,
        "switch": door.switch,
        "engine": door.engine,
        "who": [_entrant_facts(each) for each in door.entrants],
        "external_id": {
            "asked": door.factor.asking.value,
            "quality": door.factor.strength.value if door.factor.strength is not None else None,
            "accepted": door.factor.count,
            "not_asked_in": list(door.factor.unasked),
            "also_in": list(door.factor.also_in),
        },
        "at_worst": {
            "powers": [{"what": each.words, "shown_by": list(each.proof)} for each in door.worst.powers],
            "only_once_open": door.worst.is_while_open,
            "not_read": list(door.worst.unread),
        },
        **_time_facts(door),
        "policies": list(door.permissions),
        "boundary": door.boundary,
        "tags": dict(door.tags),
        "trust": [_statement_facts(each) for each in door.trust],
        "findings": [
            {**finding_facts(finding), "counterexamples": list(finding.counterexamples)} for finding in door.findings
        ],
    }


def _entrant_facts(entrant: Entrant) -> dict[str, object]:
    return {
        "kind": entrant.kind.value,
        "name": entrant.name,
        "title": entrant.title,
        "title_from": entrant.source,
        "principals": list(entrant.principals),
        "gets_in": entrant.gets_in,
    }


def _time_facts(door: RoleDoor) -> dict[str, object]:
    last_used = None
    if door.last_used is not None:
        last_used = {"at": _instant(door.last_used.at), "region": door.last_used.region}
    return {
        "last_used": last_used,
        "created": _instant(door.created),
        "opens": _instant(door.times.begin),
        "ends": _instant(door.times.ends),
        "entering_ends": _instant(door.times.end),
        "sessions_end": _instant(door.times.sessions_end),
        "end_is_sure": door.times.is_sure,
    }


def _statement_facts(line: TrustLine) -> dict[str, object]:
    return {
        "statement": line.label,
        "effect": line.effect,
        "who": list(line.principals),
        "actions": list(line.actions),
        "conditions": list(line.conditions),
    }


def _instant(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant is not None else None
