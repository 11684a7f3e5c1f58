"""List an account's resources of one kind, in one Region or many, and explain a refusal."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from gatepass.domain.errors import AccessRefused, CredentialsRefused, GatepassError, InvalidInput
from gatepass.domain.listing import DETAILED, EVERYWHERE, REGION, Gap, Listing, ResourceKind
from gatepass.domain.session import Session
from gatepass.domain.table import Table, joined, parse_condition
from gatepass.ports.resources import ResourceLister

Progress = Callable[[int, int], None]

# Enough that the slowest Region decides how long it takes, and few enough that no service throttles.
_AT_ONCE = 16
_REFUSED_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)", re.ASCII)
# Beyond this many guesses nobody reads on.
_GUESSES = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants listed.

    Attributes:
        name: a name of the catalogue, with ``-detailed`` or without, or a CloudFormation type.
        regions: the Regions to ask; none for the one that is set.
        everywhere: whether to ask every Region of the account instead.
        filters: ``column=value``, ``column~part``, or a text for any column that is shown.
        columns: the columns to show; none for the usual ones.
        sort: the columns to order by; none for the usual order.
    """

    name: str
    regions: tuple[str, ...] = ()
    everywhere: bool = False
    filters: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """What was listed, and where.

    Attributes:
        regions: the Regions that were asked; none when it was only the one that is set.
        left_out: Regions that were not asked because the service is not offered there.
    """

    kind: ResourceKind
    listing: Listing
    regions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def list_resources(
    wish: Wish, lister: ResourceLister, session: Session | None, progress: Progress = lambda _done, _of: None
) -> Listed:
    """Return the resources that the wish names; a Region that refuses is a gap, unless all refuse.

    Args:
        wish: what to list.
        lister: the account.
        session: the customer's session that asks, or None for the person's own credentials.
        progress: told how many Regions of how many have answered.

    Raises:
        InvalidInput: there is no such kind or column.
        AccessRefused: AWS said no everywhere; its words and what the grant lacks are in it.
    """
    kind, is_detailed = _kind(wish.name, lister)
    view = _View(wish, kind, detailed=is_detailed, regional=bool(wish.regions) or wish.everywhere)
    view.check()
    try:
        listed = _asked(wish, kind, lister, detailed=view.needs_detail, progress=progress)
    except AccessRefused as refusal:
        if session is None:
            raise
        raise _explained(refusal, session) from refusal
    found = listed.listing
    gaps = tuple(_explained_gap(gap, session) for gap in found.gaps)
    return replace(listed, listing=Listing(view.of(found.table), found.items, gaps))


def _kind(name: str, lister: ResourceLister) -> tuple[ResourceKind, bool]:
    kinds = {kind.name: kind for kind in lister.kinds()}
    plain = name.removesuffix(DETAILED)
    if plain in kinds:
        return kinds[plain], name != plain
    of_type = lister.kind_of_type(name)
    if of_type is not None:
        return of_type, False
    raise InvalidInput(
        f"{name} is not in the catalogue",
        why=f"it has {len(kinds)} names, each with a {DETAILED} variant, and takes every CloudFormation type",
        next_step=_guess(name, list(kinds.values())) or "gatepass list shows them",
    )


def _guess(name: str, kinds: Sequence[ResourceKind]) -> str:
    """Return what may have been meant, by name or by type."""
    wanted = name.lower().removesuffix(DETAILED)
    words = {kind.name: kind.name for kind in kinds}
    words |= {kind.type.lower(): kind.type for kind in kinds if kind.type}
    # A type's last word too, for those who type it alone: bucket, function.
    last_words = {kind.type.rsplit("::", 1)[-1].lower(): kind.name for kind in kinds if kind.type}
    holding = [
        kind.name for kind in kinds if len(wanted) > 2 and (wanted in kind.name or wanted.rstrip("s") in kind.name)
    ]
    near = [words[word] for word in difflib.get_close_matches(wanted, words, n=_GUESSES)]
    by_type = [last_words[word] for word in difflib.get_close_matches(wanted, last_words, n=1)]
    found = list(dict.fromkeys([*near, *by_type, *holding]))[:_GUESSES]
    return f"did you mean {' or '.join(found)}?" if found else ""


class _View:
    """How the wish wants the table narrowed, ordered and cut."""

    def __init__(self, wish: Wish, kind: ResourceKind, *, detailed: bool, regional: bool) -> None:
        self._wish = wish
        self._kind = kind
        self._is_detailed = detailed
        self._is_regional = regional
        self._conditions = [each for text in wish.filters if (each := parse_condition(text)) is not None]
        self._texts = [text for text in wish.filters if parse_condition(text) is None]

    @property
    def needs_detail(self) -> bool:
        """Whether a column is wanted that the plain listing has not."""
        named = [*self._wish.columns, *(each.column for each in self._conditions), *self._wish.sort]
        plain = {column.lower() for column in (REGION, *self._kind.columns)}
        return self._is_detailed or any(name.removeprefix("-").strip().lower() not in plain for name in named)

    def check(self) -> None:
        """Refuse columns that there are not, before anybody is asked; types tell their columns only afterwards."""
        if self._kind.columns:
            columns = (*((REGION,) if self._is_regional else ()), *self._kind.columns, *self._kind.detailed)
            self.of(Table(columns, ()))

    def of(self, table: Table) -> Table:
        """Return the table as wished."""
        for condition in self._conditions:
            table = table.where(condition)
        table = table.sorted_by(self._wish.sort or self._usual_order(table))
        table = table.selecting(self._wish.columns or self._usual_columns(table))
        for text in self._texts:
            table = table.containing(text)
        return table

    def _usual_order(self, table: Table) -> tuple[str, ...]:
        return ((REGION,) if self._is_regional and REGION in table.columns else ()) + self._kind.sort

    def _usual_columns(self, table: Table) -> Sequence[str]:
        if self._is_detailed or not self._kind.columns:
            return table.columns
        return [column for column in table.columns if column not in self._kind.detailed]


def _asked(wish: Wish, kind: ResourceKind, lister: ResourceLister, *, detailed: bool, progress: Progress) -> Listed:
    if not (wish.regions or wish.everywhere):
        return Listed(kind, lister.list(kind, None, detailed=detailed))
    if kind.is_global:
        return Listed(kind, _placed(lister.list(kind, None, detailed=detailed), EVERYWHERE), (EVERYWHERE,))
    choice = lister.regions(kind) if wish.everywhere else None
    regions = choice.regions if choice else tuple(dict.fromkeys(wish.regions))
    answers = dict(_in_parallel(kind, regions, lister, detailed=detailed, progress=progress))
    listings = [answer for region in regions if isinstance(answer := answers[region], Listing)]
    failures = [Gap(region, answer) for region in regions if isinstance(answer := answers[region], GatepassError)]
    if failures and not listings:
        raise _everywhere(failures)
    gaps = (*failures, *(gap for listing in listings for gap in listing.gaps))
    table = joined([listing.table for listing in listings]) if listings else Table((REGION, *kind.columns), ())
    items = tuple(item for listing in listings for item in listing.items)
    return Listed(kind, Listing(table, items, gaps), regions, choice.left_out if choice else ())


def _in_parallel(
    kind: ResourceKind, regions: Sequence[str], lister: ResourceLister, *, detailed: bool, progress: Progress
) -> Iterator[tuple[str, Listing | GatepassError]]:
    progress(0, len(regions))
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, max(len(regions), 1))) as pool:
        asked = {pool.submit(lister.list, kind, region, detailed=detailed): region for region in regions}
        try:
            for done, future in enumerate(as_completed(asked), start=1):
                region = asked[future]
                progress(done, len(regions))
                failure = future.exception()
                if failure is None:
                    yield region, _placed(future.result(), region)
                elif isinstance(failure, GatepassError):
                    yield region, failure
                else:
                    raise failure
        finally:
            # Interrupted: what has not begun is not begun any more.
            pool.shutdown(wait=False, cancel_futures=True)


def _placed(listing: Listing, region: str) -> Listing:
    """Return the listing with the Region beside every resource and every gap."""
    return Listing(
        listing.table.beside(REGION, region),
        tuple({REGION: region, **item} for item in listing.items),
        tuple(replace(gap, where=f"{region}: {gap.where}") for gap in listing.gaps),
    )


def _everywhere(failures: Sequence[Gap]) -> GatepassError:
    """Return the first failure, saying where else it went no better."""
    error = failures[0].error
    if len(failures) > 1:
        error.why += f"\nno Region answered: {', '.join(gap.where for gap in failures)}"
    return error


def _explained_gap(gap: Gap, session: Session | None) -> Gap:
    error = gap.error
    if isinstance(error, CredentialsRefused):
        # The same credentials were good elsewhere.
        error.next_step = f"{gap.where} may be switched off in this account; ask for the others with --regions"
        return gap
    return replace(gap, error=_explained(error, session)) if session and isinstance(error, AccessRefused) else gap


def _explained(refusal: AccessRefused, session: Session) -> AccessRefused:
    """Say what AWS's refusal means inside a customer's account."""
    account = session.account
    if isinstance(refusal, CredentialsRefused):
        meaning = f"the session in account {account} is over: it expired, or the customer withdrew the role"
        next_step = "gatepass leave"
    elif "explicit deny" in refusal.message:
        meaning = f"account {account} denies it: the door was closed, the window ended, or a limit holds"
        next_step = f"ask the customer of account {account}, or gatepass leave"
    else:
        meaning = f"the grant behind {session.role.name} does not give this permission; the session itself is fine"
        # Of several calls that a list takes, and of Cloud Control, AWS's own words name the one.
        named = _REFUSED_ACTION.search(refusal.message)
        action = named[1] if named else refusal.what.removeprefix("AWS refused ")
        next_step = f"ask the customer of account {account} to add {action} to the grant"
    return type(refusal)(
        refusal.what,
        why=f"{refusal.why}\n{meaning}",
        next_step=next_step,
        code=refusal.code,
        message=refusal.message,
    )
