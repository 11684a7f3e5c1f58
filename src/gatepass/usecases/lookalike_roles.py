"""Roles that differ in nothing that matters, so that one of them speaks for all.

An account has a thousand roles that differ in their names, their dates, the accounts they let in and their external
IDs. What differs is replaced by a stand-in, the role is examined once, and what was found is told of each in its own
words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.doors import Times
from gatepass.domain.findings import Finding
from gatepass.domain.identifiers import AccountId, external_id
from gatepass.domain.role import is_our_tag
from gatepass.domain.trust import instant_text, read_instant

_NAME = "gatepass-stand-in"
_OUR_ID = re.compile(r'"(gp1\.[A-Z0-9]{1,20}\.[A-Z0-9]{26,40})"', re.ASCII)
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])", re.ASCII)
_FIRST_ACCOUNT = 900_000_000_000
_DATE = re.compile(r'"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)"', re.ASCII)
# Dates are compared with each other and with now, so their order is all that counts.
_FIRST_PAST, _FIRST_FUTURE = datetime(2001, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
# Dates that are nearer have no second of their own between them.
_NEAR = 3 * _SECOND


@dataclass(frozen=True)
class Lookalike:
    """A role with stand-ins for what is its own.

    Attributes:
        role: the role to examine.
        key: equal for roles that are examined alike.
        originals: what each stand-in stands for; external IDs have none, for nothing that is said repeats them.
        dates: what each stand-in for a date stands for.
    """

    role: Holder
    key: tuple[object, ...] = field(repr=False)
    originals: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[datetime, datetime] = field(default_factory=dict)

    def restored(self, text: str) -> str:
        """Return a text about the stand-in as one about the role."""
        return self._pattern.sub(lambda found: self._words[found[0]], text) if self._words else text

    def restored_finding(self, finding: Finding) -> Finding:
        """Return a finding about the stand-in as one about the role."""
        return replace(
            finding,
            grant=self.restored(finding.grant),
            what=self.restored(finding.what),
            why=self.restored(finding.why),
            next_step=self.restored(finding.next_step),
            counterexamples=tuple(self.restored(each) for each in finding.counterexamples),
        )

    def restored_times(self, times: Times) -> Times:
        """Return the times of the stand-in as those of the role."""
        begin, end = (each and self.dates.get(each, each) for each in (times.begin, times.end))
        return replace(times, begin=begin, end=end)

    @cached_property
    def _words(self) -> dict[str, str]:
        # What is told of a date is told of the seconds around it.
        around = {
            instant_text(stand_in + shift): instant_text(date + shift)
            for stand_in, date in self.dates.items()
            for shift in (-_SECOND, timedelta(), _SECOND)
        }
        return {**self.originals, **around}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # The longest first: a stand-in may begin like another.
        ordered = sorted(self._words, key=len, reverse=True)
        return re.compile("|".join(re.escape(each) for each in ordered))


def lookalike(account: AccountPolicies, role: Holder, trust: Document, now: datetime) -> Lookalike:
    """Return the role with stand-ins for its name, its dates, accounts of others and external IDs of Gatepass."""
    text, inline = trust.text, {name: each.text for name, each in role.inline.items()}
    originals: dict[str, str] = {}
    dates: dict[datetime, datetime] = {}
    # A number that is compared as a number is no account, and one that counts seconds is a date.
    if not any("umeric" in each or "poch" in each for each in (text, *inline.values())):
        dates = _stand_ins_for_dates((text, *inline.values()), now)
        texts = {instant_text(date): instant_text(stand_in) for stand_in, date in dates.items()}
        text, *others = (_with_dates(each, texts) for each in (text, *inline.values()))
        inline = dict(zip(inline, others, strict=True))
        text, originals = _with_accounts(text, account.account, (*inline.values(), *role.attached))
    text = _with_external_ids(text)
    arn = role.arn
    if not any(role.name in each for each in (text, *inline.values(), *role.attached)):
        arn = f"{role.arn.removesuffix(role.name)}{_NAME}"
        originals[_NAME] = role.name
    tags = {key: "" if is_our_tag(key) else value for key, value in role.tags.items()}
    documents = {name: Document(each) for name, each in inline.items()}
    stand_in = replace(role, arn=arn, trust=Document(text), inline=documents, tags=tags, created=None, last_used=None)
    key = (
        arn,
        text,
        tuple(sorted(inline.items())),
        tuple(sorted(role.attached)),
        role.boundary,
        tuple(sorted(tags.items())),
    )
    return Lookalike(stand_in, key, originals, dates)


def _stand_ins_for_dates(texts: Iterable[str], now: datetime) -> dict[datetime, datetime]:
    """Return dates in the order of those of the texts, before and after now as they are."""
    found = {date for text in texts for each in _DATE.findall(text) if (date := read_instant(each)) is not None}
    ordered = sorted(found)
    if now in found or any(later - date < _NEAR for date, later in pairwise(sorted({*found, now}))):
        return {}
    past = [each for each in ordered if each < now]
    return {_FIRST_PAST + position * _DAY: date for position, date in enumerate(past)} | {
        _FIRST_FUTURE + position * _DAY: date for position, date in enumerate(ordered[len(past) :])
    }


def _with_dates(text: str, stand_ins: Mapping[str, str]) -> str:
    return _DATE.sub(lambda match: f'"{stand_ins.get(match[1], match[1])}"', text)


def _with_accounts(text: str, own: AccountId, others: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Return the text with stand-ins for the accounts in it that only the trust policy speaks of, and what they are."""
    found = [each for each in dict.fromkeys(_ACCOUNT.findall(text)) if each != own.digits]
    found = [each for each in found if not any(each in other for other in others)]
    numbers = (str(_FIRST_ACCOUNT + position) for position in range(1_000_000))
    free = (each for each in numbers if each not in text and not any(each in other for other in others))
    stand_ins = dict(zip(found, free, strict=False))
    replaced = _ACCOUNT.sub(lambda match: stand_ins.get(match[0], match[0]), text)
    return replaced, {stand_in: number for number, stand_in in stand_ins.items()}


def _with_external_ids(text: str) -> str:
    found = dict.fromkeys(_OUR_ID.findall(text))
    for position, each in enumerate(found):
        # Of one length with a real one, and different from the others in its letters and not in their case.
        stand_in = external_id("GATEPASSKY", f"SAMPLECODEOFTHEGRANTONLY{position:02}").reveal()
        text = text.replace(f'"{each}"', f'"{stand_in}"')
    return text
