"""Every command that changes something leaves a record in this machine's journal: which commands, and what of them.

A command's options say whom it is about. Where only its work knows, it tells so with ``about``, one call for each
grant; a command that is marked ``only_told`` is not recorded unless it did, because it may find nothing to change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatepass.usecases.record_deeds import Deed

# Files of people; what is larger is none, and its digest would be waited for.
_LARGEST_DIGESTED = 50_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What of a command is recorded.

    Attributes:
        side: whose command it is.
        action: what it is called in the log.
        customer: the option that names the customer.
        grant: the option that names the grant.
        file: the option whose file it obeys, or writes.
        writes: whether it writes that file, so that how it was before is kept too.
        only_changed: whether it did nothing where it left that file as it was.
        only_told: whether it counts only what the command told.
        by_caller: whether AWS is asked who did it.
        only_with: options of which one must be given for it to be a deed.
        not_with: options with which it is none.
    """

    side: str
    action: str
    customer: str = ""
    grant: str = ""
    file: str = ""
    writes: bool = False
    only_changed: bool = False
    only_told: bool = False
    by_caller: bool = True
    only_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()


_CUSTOMER, _PROVIDER = "customer", "provider"
KINDS: Mapping[str, Kind] = {
    "apply": Kind(_CUSTOMER, "apply", file="file", only_told=True),
    "withdraw": Kind(_CUSTOMER, "withdraw", grant="grant", only_told=True),
    "open": Kind(_CUSTOMER, "open", grant="grant", only_told=True),
    "close": Kind(_CUSTOMER, "close", grant="grant", only_told=True),
    "rotate": Kind(_CUSTOMER, "rotate", grant="grant", only_told=True, not_with=("status",)),
    "revoke": Kind(_CUSTOMER, "revoke", grant="grant", only_told=True),
    "pass": Kind(_CUSTOMER, "pass", grant="grant", only_with=("reveal", "output")),
    "accept": Kind(_CUSTOMER, "accept", grant="grant", file="file", writes=True, only_changed=True, by_caller=False),
    "adopt": Kind(_CUSTOMER, "adopt", grant="grant", file="file", writes=True, only_changed=True),
    **{
        f"{platform} {verb}": kind
        for platform in ("scalr", "hcp")
        for verb, kind in (
            ("setup", Kind(_CUSTOMER, "workspace setup", only_told=True, by_caller=False)),
            ("run", Kind(_CUSTOMER, "workspace run", only_told=True, by_caller=False)),
            ("remove", Kind(_CUSTOMER, "workspace remove", only_told=True, by_caller=False)),
            ("outputs", Kind(_CUSTOMER, "pass", grant="grant", only_told=True, by_caller=False)),
            ("rotate", Kind(_CUSTOMER, "rotate", only_told=True, by_caller=False)),
            ("open", Kind(_CUSTOMER, "open", grant="grant", only_told=True, by_caller=False)),
            ("close", Kind(_CUSTOMER, "close", grant="grant", only_told=True, by_caller=False)),
        )
    },
    "keys init": Kind(_PROVIDER, "keys init", by_caller=False),
    "keys rotate": Kind(_PROVIDER, "keys rotate", by_caller=False),
    "keys export": Kind(_PROVIDER, "keys export", by_caller=False),
    "offer": Kind(_PROVIDER, "offer", customer="customer", grant="grant", by_caller=False),
    "admit": Kind(_PROVIDER, "admit", customer="name", file="file", writes=True),
    "verify": Kind(_PROVIDER, "verify", only_told=True),
    "customers remove": Kind(
        _PROVIDER, "customers remove", customer="name", file="register", writes=True, only_changed=True
    ),
    "customers import": Kind(
        _PROVIDER, "customers import", file="register", writes=True, only_changed=True, by_caller=False
    ),
}


@dataclass(slots=True)
class _Page:
    """What a running command told of itself."""

    told: list[dict[str, str]] = field(default_factory=list)
    is_declined: bool = False


_pages: list[_Page] = []


def about(**facts: str) -> None:
    """Tell whom the running command's deed is about, by the names of a ``Deed``'s fields, and what else is known of it.

    Told once more of the same grant, it is one deed.
    """
    if not _pages:
        return
    told, subject = _pages[-1].told, [facts.get(name) for name in ("side", "customer", "grant")]
    known = next((each for each in told if [each.get(name) for name in ("side", "customer", "grant")] == subject), None)
    if known is None:
        told.append(facts)
    else:
        known.update(facts)


def declined() -> None:
    """Tell that the person was asked, and said no: nothing was done."""
    if _pages:
        _pages[-1].is_declined = True


def recorded(command: click.Command, path: str) -> click.Command:
    """Return the command, recorded if it changes something; in a group, those of its commands that do."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            recorded(inner, f"{path} {name}")
    kind = KINDS.get(path)
    if kind is not None and command.callback is not None and not isinstance(command.callback, _Recorded):
        command.callback = _Recorded(command.callback, kind)
    return command


class _Recorded:
    """A command's own work, with a record of it."""

    def __init__(self, work: Callable[..., Any], kind: Kind) -> None:
        self._work, self._kind = work, kind

    def __call__(self, *given: Any, **options: Any) -> Any:  # noqa: ANN401 - a command takes and returns anything
        kind = self._kind
        is_deed = not any(options.get(name) for name in kind.not_with) and (
            not kind.only_with or any(options.get(name) for name in kind.only_with)
        )
        if not is_deed:
            return self._work(*given, **options)
        page = _Page()
        _pages.append(page)
        before = _digest(options.get(kind.file)) if kind.writes else ""
        try:
            answer = self._work(*given, **options)
        except BaseException as error:
            _note(kind, list(_failed(kind, options, page, before, error)))
            raise
        else:
            _note(kind, list(_done(kind, options, page, before)))
            return answer
        finally:
            _pages.remove(page)


def _done(kind: Kind, options: Mapping[str, Any], page: _Page, before: str) -> Iterator[Deed]:
    from gatepass.domain.audit_record import Outcome

    after = _digest(options.get(kind.file))
    if page.is_declined or (kind.only_told and not page.told) or (kind.only_changed and before == after != ""):
        return
    plain = replace(_deed(kind, options, Outcome.DONE), before=before, after=after)
    yield from _each(plain, page.told)


def _failed(kind: Kind, options: Mapping[str, Any], page: _Page, before: str, error: BaseException) -> Iterator[Deed]:
    from gatepass.domain.errors import InvalidInput, NotThere
    from gatepass.usecases.record_deeds import outcome_of

    # Wrong words, and a name that is nobody's: nothing was tried yet. A person's no is one too.
    is_nothing = isinstance(error, click.ClickException | click.exceptions.Exit | InvalidInput | NotThere)
    if (is_nothing and not page.told) or page.is_declined:
        return
    outcome, note = outcome_of(error)
    plain = replace(_deed(kind, options, outcome), before=before, after=_digest(options.get(kind.file)), note=note)
    known = [each for each in page.told if "outcome" in each]
    # Of the others nobody knows here which were done: all of them are told as what the command came to.
    others = [{key: value for key, value in each.items() if key != "note"} for each in page.told if each not in known]
    yield from _each(replace(plain, note=""), known) if known else ()
    yield from _each(plain, others)


def _deed(kind: Kind, options: Mapping[str, Any], outcome: Any) -> Deed:  # noqa: ANN401 - an Outcome, loaded late
    from gatepass.usecases.record_deeds import Deed

    customer, grant = (str(options.get(option) or "") for option in (kind.customer, kind.grant))
    return Deed(kind.action, kind.side, outcome, customer, grant)


def _each(plain: Deed, told: Sequence[Mapping[str, str]]) -> Iterator[Deed]:
    from gatepass.domain.audit_record import Outcome

    for facts in told or ({},):
        # Of a command that obeys or writes a file, the file's digests count.
        changed: dict[str, Any] = {
            name: value for name, value in facts.items() if not (plain.after and name in {"before", "after"})
        }
        if "outcome" in changed:
            changed["outcome"] = Outcome(changed["outcome"])
        yield replace(plain, **changed)


def _note(kind: Kind, deeds: Sequence[Deed]) -> None:
    if not deeds:
        return
    from gatepass.cli.output import note
    from gatepass.wiring import audit

    audit.note_deeds(deeds, note, by_caller=kind.by_caller)


def _digest(path: object) -> str:
    """Return the digest of a plain file; nothing of a folder, of what is not there, and of what is too large."""
    if not isinstance(path, Path):
        return ""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_DIGESTED:
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
