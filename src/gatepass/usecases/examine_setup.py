"""Look at a machine and the account behind its credentials, and say what is well and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from gatepass.domain.errors import AccessRefused, GatepassError
from gatepass.domain.needed_rights import Person, commands_of, needed_rights, rights_for
from gatepass.domain.rights import NAMED_BY_FILE, Right
from gatepass.domain.session import Caller
from gatepass.ports.machine import Clock, MachineFacts, OwnKeys, ReadTrial

# AWS refuses requests signed more than fifteen minutes off; windows and openings go wrong long before.
MOST_SKEW = timedelta(minutes=5)
_SOON = timedelta(minutes=15)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Verdict(Enum):
    """How one thing was found."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    text: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was looked at, and whose credentials they were, where AWS told."""

    observations: tuple[Observation, ...]
    caller: Caller | None

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return all(each.verdict is not Verdict.WRONG for each in self.observations)


def examine_setup(
    facts: MachineFacts, keys: OwnKeys | GatepassError, trial: ReadTrial | None, clock: Clock, person: Person
) -> Examination:
    """Return what was found; nothing is changed, in AWS or here.

    Args:
        facts: the machine.
        keys: the credentials, or why they cannot be used.
        trial: the account behind them; None when there are none.
        clock: the machine's.
        person: whose rights are looked for.
    """
    seen = [*_machine(facts), _credentials(keys, clock.now(), has_any=trial is not None)]
    if trial is None:
        return Examination(tuple(seen), None)
    caller, observation = _caller(trial)
    # The answer's Date header is there even when AWS refuses the credentials; a wrong clock may be the reason.
    seen += [observation, *_clock(trial, clock)]
    if caller is not None:
        seen += _rights(trial, caller, person)
    return Examination(tuple(seen), caller)


def _machine(facts: MachineFacts) -> Iterator[Observation]:
    versions = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    yield Observation("versions", Verdict.WELL, versions)
    for extra, purpose in facts.missing_extras.items():
        pip = f"pip install 'gatepass[{extra}]'"
        yield Observation(extra, Verdict.NOTE, f"not installed: {purpose}", f"{pip}, if you want it")
    if facts.folder_trouble:
        next_step = f"chmod -R u=rwX,go= {facts.state_folder}"
        yield Observation("state folder", Verdict.WRONG, f"{facts.state_folder} {facts.folder_trouble}", next_step)
    else:
        yield Observation("state folder", Verdict.WELL, f"{facts.state_folder}, for you alone")
    if facts.keys_kept:
        yield Observation("your own keys", Verdict.WELL, facts.keys_kept)
    if (store := facts.local_store) is not None:
        verdict = Verdict.WRONG if store.is_wrong else Verdict.NOTE if store.advice else Verdict.WELL
        yield Observation("local store", verdict, store.text, store.advice)
    if facts.region is None:
        text = "none chosen; IAM and STS need none, but resources of other services are in one"
        yield Observation("Region", Verdict.NOTE, text, "export AWS_REGION=eu-west-1, or where yours are")
    else:
        yield Observation("Region", Verdict.WELL, facts.region)
    for name, url in facts.endpoints.items():
        yield _endpoint(name, url)


def _endpoint(name: str, url: str) -> Observation:
    parts = urlsplit(url)
    # A URL can hold a name and a password before the host.
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        text = f"{name} sends everything to {shown} without encryption, external IDs included"
        return Observation("endpoint", Verdict.WRONG, text, f"unset {name}, or use https")
    return Observation("endpoint", Verdict.NOTE, f"{name} is set: {shown} answers instead of AWS")


def _credentials(keys: OwnKeys | GatepassError, now: datetime, *, has_any: bool) -> Observation:
    if isinstance(keys, GatepassError):
        return Observation("credentials", Verdict.WRONG, f"{keys.what}: {keys.why}", keys.next_step)
    if not has_any:
        next_step = "paste some into: gatepass creds load, or set AWS_PROFILE"
        return Observation("credentials", Verdict.WRONG, "none found", next_step)
    text = f"from {keys.origin}" + (f", {keys.key_id}" if keys.key_id else "")
    if keys.expires_at is None:
        return Observation("credentials", Verdict.WELL, f"{text}, no expiry known")
    until = f"{text}, until {keys.expires_at:%Y-%m-%d %H:%M:%SZ}"
    if now >= keys.expires_at:
        return Observation("credentials", Verdict.WRONG, f"{until}: expired", "load fresh ones: gatepass creds load")
    soon = keys.expires_at - now < _SOON
    return Observation("credentials", Verdict.NOTE if soon else Verdict.WELL, until)


def _caller(trial: ReadTrial) -> tuple[Caller | None, Observation]:
    try:
        caller = trial.caller()
    except GatepassError as error:
        return None, Observation("account", Verdict.WRONG, f"{error.what}: {error.why}", error.next_step)
    text = f"{caller.account}, as {caller.arn}"
    if caller.arn.endswith(":root"):
        next_step = "use an identity with the rights of: gatepass doctor --policy customer"
        return caller, Observation("account", Verdict.NOTE, f"{text}: the root user, whom no policy limits", next_step)
    return caller, Observation("account", Verdict.WELL, text)


def _clock(trial: ReadTrial, clock: Clock) -> Iterator[Observation]:
    aws_time = trial.aws_time()
    if aws_time is None:
        return
    skew = clock.now() - aws_time
    off = f"{abs(skew) // timedelta(seconds=1)} s {'ahead of' if skew > timedelta() else 'behind'} AWS's"
    if abs(skew) > MOST_SKEW:
        next_step = "set the clock by a time server: timedatectl set-ntp true"
        yield Observation("clock", Verdict.WRONG, f"{off}; AWS refuses requests from a clock far off", next_step)
    else:
        yield Observation("clock", Verdict.WELL, "as AWS's" if abs(skew) <= timedelta(seconds=2) else off)


def _rights(trial: ReadTrial, caller: Caller, person: Person) -> Iterator[Observation]:
    """Try what only reads; what writes is named and left alone."""
    refused: list[Right] = []
    allowed: list[str] = []
    untried: list[str] = []
    for right in needed_rights(person):
        if right.target in NAMED_BY_FILE:
            continue
        match _outcome(trial, right):
            case True:
                allowed.append(right.action)
            case False:
                refused.append(right)
            case None:
                untried.append(right.action)
    if allowed:
        yield Observation("rights", Verdict.WELL, f"AWS allowed {_listed(allowed)}")
    for right in refused:
        yield _refusal(right, caller, person)
    if untried:
        text = f"not tried, because it would change something or needs what is not there yet: {_listed(untried)}"
        yield Observation("rights", Verdict.NOTE, text)


def _outcome(trial: ReadTrial, right: Right) -> bool | None:
    try:
        return trial.may_read(right.action)
    except AccessRefused:
        return False


def _refusal(right: Right, caller: Caller, person: Person) -> Observation:
    next_step = f"give {caller.arn} the rights of: gatepass doctor --policy {person.value}"
    if right.spared:
        return Observation("rights", Verdict.NOTE, f"AWS refused {right.action}: {right.spared}", next_step)
    commands = [name for name in commands_of(person) if right in rights_for([name])]
    text = f"AWS refused {right.action}, which these need: {_listed(commands)}"
    return Observation("rights", Verdict.WRONG, text, next_step)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
