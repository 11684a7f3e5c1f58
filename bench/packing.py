"""How many customers fit one team's quotas, how well the documents are filled, and how long packing takes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import GROUP_MANAGED, PolicySizes, pack
from gatepass.usecases.prove_assignment import proves

TEAMS = 50
CUSTOMERS = 3_000
# One name for all customers, a few grants in every mix, and a name of its own for each customer.
_COMMON = "/gatepass/ServiceProvider-111122223333-support"
_OWN = "/gatepass/HIO{:04}-DEV-EUW1-ServiceProvider-support"
_OUTSIDE = "/ServiceProvider-support"

Result = TypeVar("Result")
Assignment = Callable[[int], list[RoleArn]]


def main() -> None:
    """Print the figures."""
    sys.stdout.write(f"{'customers that fit one group':36}{'ours':>9}{'one ARN a line':>16}{'ratio':>9}{'filled':>9}\n")
    for name, assignment in (
        ("one role name for all", _of(_COMMON)),
        ("three grants in every mix", _mixed),
        ("a name of its own for each", _of(_OWN)),
        ("one name, not under our path", _of(_OUTSIDE)),
    ):
        ours = _fit(assignment, _packs)
        naive = _fit(assignment, _lists)
        sys.stdout.write(f"{name:36}{ours:>9,}{naive:>16,}{ours / naive:>8.1f}x{_filled(assignment, ours):>9.1%}\n")
    _print_times()


def _print_times() -> None:
    teams = [[_role(team * CUSTOMERS + number, _COMMON) for number in range(CUSTOMERS)] for team in range(TEAMS)]
    seconds, packed = _timed(lambda: [pack(team, GROUP_MANAGED) for team in teams])
    naive, _ = _timed(lambda: [one_arn_a_line(team) for team in teams])
    sys.stdout.write(f"\n{f'{TEAMS} teams x {CUSTOMERS:,} customers':36}{'seconds':>9}{'one ARN a line':>16}\n")
    sys.stdout.write(f"{'pack':36}{seconds:>9.2f}{naive:>16.2f}\n")
    again, _ = _timed(
        lambda: [pack(team, GROUP_MANAGED, standing=each.documents) for team, each in zip(teams, packed, strict=True)]
    )
    sys.stdout.write(f"{'pack again, nothing changed':36}{again:>9.2f}\n")
    proof, wrong = _timed(lambda: proves(packed[0].documents, teams[0]))
    sys.stdout.write(f"{'prove one of the teams':36}{proof:>9.2f}{f'{len(wrong)} found':>16}\n")
    more = [*teams[0], _role(TEAMS * CUSTOMERS, _COMMON)]
    grown = pack(more, GROUP_MANAGED, standing=packed[0].documents)
    changed = len(set(grown.documents) - set(packed[0].documents))
    naive_changed = len(set(one_arn_a_line(sorted(more))) - set(one_arn_a_line(teams[0])))
    sys.stdout.write(f"{'documents changed by one customer':36}{changed:>9}{naive_changed:>16}\n")


def _of(tail: str) -> Assignment:
    return lambda customers: [_role(number, tail.format(number)) for number in range(customers)]


def _mixed(customers: int) -> list[RoleArn]:
    """Return one to three grants for each customer, every mix as often."""
    names = ("support", "audit", "network")
    chosen = [
        (number, name) for number in range(customers) for bit, name in enumerate(names) if (number % 7 + 1) >> bit & 1
    ]
    return [_role(number, f"/gatepass/ServiceProvider-111122223333-{name}") for number, name in chosen]


def _role(number: int, tail: str) -> RoleArn:
    # Customers' accounts are not in the order of their numbers.
    return RoleArn(f"arn:aws:iam::{100_000_000_000 + number * 7_919_777_777 % 899_999_999_999}:role{tail}")


def _packs(roles: Sequence[RoleArn]) -> int:
    return len(pack(roles, GROUP_MANAGED).documents)


def _lists(roles: Sequence[RoleArn]) -> int:
    return len(one_arn_a_line(roles))


def _fit(assignment: Assignment, documents: Callable[[Sequence[RoleArn]], int]) -> int:
    """Return the most customers whose documents one group can hold."""
    low, high = 1, 8_192
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if documents(assignment(middle)) <= GROUP_MANAGED.most else (low, middle)
    return low


def _filled(assignment: Assignment, customers: int) -> float:
    """Return the necessary characters as a part of those that the documents could hold.

    Necessary are what lists nothing, once in each document, and the shortest that a customer can be
    beside others: what one customer more adds, were a document without end.
    """
    endless = pack(assignment(customers), PolicySizes(10**9, 1)).documents[0]
    around = pack([_role(0, _COMMON)], GROUP_MANAGED).documents[0].size - len(str(_role(0, _COMMON)))
    necessary = endless.size + around * (GROUP_MANAGED.most - 1)
    return necessary / (GROUP_MANAGED.largest * GROUP_MANAGED.most)


def one_arn_a_line(roles: Sequence[RoleArn]) -> list[Document]:
    """Return lists of ARNs as people write them: one action, no source identity, cut where a document is full."""
    documents: list[Document] = []
    empty = _listing([]).size
    chosen: list[str] = []
    size = empty
    for role in sorted(roles):
        if size + len(str(role)) + 3 > GROUP_MANAGED.largest:
            documents.append(_listing(chosen))
            chosen, size = [], empty
        chosen.append(str(role))
        size += len(str(role)) + 3
    return [*documents, _listing(chosen)]


def _listing(arns: Sequence[str]) -> Document:
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(arns)})


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
