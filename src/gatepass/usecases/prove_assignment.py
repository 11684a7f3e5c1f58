"""Prove that documents let somebody into exactly the roles assigned, by trying those roles and their near misses."""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatepass.decision.assume import decide_assume_role
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import Policy, PolicyKind, Statement, parse_policy
from gatepass.decision.request import Context, Principal, Request, context, principal
from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ROLE_PATH, RoleArn
from gatepass.domain.packing import USER_NAME

_ENTER = "sts:AssumeRole"
# Nothing that lets somebody into a role may let him do more.
_OTHER_ACTIONS = ("sts:AssumeRoleWithSAML", "iam:PassRole", "iam:UpdateAssumeRolePolicy")
_ME, _ANOTHER = "gatepass-prover", "somebody-else"
_ACCOUNT_KEY = "aws:resourceaccount"
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
# ${*}, ${?} and ${$} are the characters themselves; a star or a question mark stands for others.
_ESCAPED = re.compile(r"\$\{([*?$])\}|[*?]")
# So many of the team's other names are tried in each account that they are not assigned in.
_CROSSED = 4


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A call that the documents answer wrongly.

    Attributes:
        role: the ARN of the role that is asked for.
        source_identity: the name given; None when none is.
        name: the name of the engineer who asks.
        allowed: what the documents say; the opposite is right.
    """

    role: str
    action: str
    source_identity: str | None
    name: str
    allowed: bool

    def __str__(self) -> str:
        answer = "allowed, and should be refused" if self.allowed else "refused, and should be allowed"
        given = f"as {self.source_identity}" if self.source_identity else "without a source identity"
        return f"{self.action} on {self.role} by {self.name} {given} is {answer}"


def proves(
    documents: Iterable[Document], assigned: Collection[RoleArn], *, own_name: str | None = USER_NAME
) -> tuple[Counterexample, ...]:
    """Return what speaks against the documents allowing exactly these roles, to everybody under his own name.

    Every assigned role is tried, and for each of them its near misses: the same name in accounts of
    others, other names in the same account, other partitions, no source identity, somebody else's.

    Args:
        documents: all that the caller holds.
        assigned: the roles that he may enter.
        own_name: what the source identity must be; None when any will do.
    """
    return tuple(_Proof(documents, assigned, own_name).counterexamples())


class _Proof:
    """One caller with the documents, who asks for role after role."""

    def __init__(self, documents: Iterable[Document], assigned: Collection[RoleArn], own_name: str | None) -> None:
        self._assigned = frozenset(assigned)
        self._own_name = own_name
        self._held = _Held(parse_policy(document.text) for document in documents)
        accounts = {str(role.account) for role in assigned}
        self._home = _unused(accounts, 111122223333)
        self._attacker = _unused(accounts | {self._home}, 999900001111)
        self._tails = sorted({f"{role.path}{role.name}" for role in assigned})
        self._callers = {each: principal(f"arn:{each}:iam::{self._home}:user/{_ME}") for each in _PARTITIONS}
        # No role's trust says so much; what is refused then is refused by the documents.
        trusting = {"Effect": "Allow", "Principal": {"AWS": self._home}, "Action": "*", "Resource": "*"}
        self._trust = parse_policy({"Version": "2012-10-17", "Statement": trusting}, PolicyKind.RESOURCE)
        self._contexts = {given: self._actions(given) for given in (_ME, _ANOTHER, None)}

    def counterexamples(self) -> Iterator[Counterexample]:
        for role in sorted(self._assigned, key=str):
            yield from self._wrong(role, (_ME,), should_be=True)
            named = (_ANOTHER, None) if self._own_name else (None,)
            yield from self._wrong(role, named, should_be=False)
            for near in self._near_misses(role):
                yield from self._wrong(near, (_ME,), should_be=False)
            yield from self._other_actions(role)
        for role in self._named_besides():
            yield from self._wrong(role, (_ME,), should_be=False)

    def _named_besides(self) -> Iterator[RoleArn]:
        """Yield what the documents name themselves, and nobody assigned."""
        assigned = {str(role) for role in self._assigned}
        for text in self._held.named(self._attacker):
            if text not in assigned:
                role = _arn(text)
                yield from (role,) if role is not None else ()

    def _wrong(self, role: RoleArn, names: Iterable[str | None], *, should_be: bool) -> Iterator[Counterexample]:
        for given in names:
            for action, keys in self._contexts[given]:
                # Tags carry no source identity: what they need is asked under the right one.
                if action == "sts:TagSession" and given != _ME:
                    continue
                if self._allows(role, action, keys) != should_be:
                    yield Counterexample(str(role), action, given, _ME, allowed=not should_be)

    def _other_actions(self, role: RoleArn) -> Iterator[Counterexample]:
        keys = dict(self._contexts[_ME])[_ENTER]
        for action in _OTHER_ACTIONS:
            if self._allows(role, action, keys):
                yield Counterexample(str(role), action, _ME, _ME, allowed=True)

    def _allows(self, role: RoleArn, action: str, keys: Context) -> bool:
        account = str(role.account)
        values = Context(keys.values_by_key | {_ACCOUNT_KEY: (account,)})
        request = Request(self._callers[str(role.partition)], action, str(role), account, values)
        return decide(request, Policies(identity=(self._held.about(account),), resource=self._trust)).allowed

    def _actions(self, given: str | None) -> tuple[tuple[str, Context], ...]:
        """Return every action that one call needs, with the condition keys that it carries."""
        keys = {"aws:username": _ME, "aws:PrincipalAccount": self._home, "sts:RoleSessionName": _ME}
        if self._own_name not in (None, USER_NAME):
            keys[str(self._own_name)[2:-1]] = _ME
        caller: Principal = self._callers["aws"]
        request = Request(caller, _ENTER, f"arn:aws:iam::{self._attacker}:role/any", self._attacker, context(keys))
        call = decide_assume_role(request, Policies(), tags={"purpose": "proof"}, source_identity=given)
        return tuple((action, decision.request.context) for action, decision in call.decisions)

    def _near_misses(self, role: RoleArn) -> Iterator[RoleArn]:
        account, tail = str(role.account), f"{role.path}{role.name}"
        own = str(role.partition)
        found = [_arn(_role_text(own, each, tail)) for each in (self._attacker, *_accounts_near(account))]
        found += [_arn(_role_text(each, account, tail)) for each in _PARTITIONS if each != own]
        here = bisect(self._tails, tail)
        crossed = (self._tails[here:] + self._tails[:_CROSSED])[:_CROSSED]
        found += [_arn(_role_text(own, account, each)) for each in (*_names_near(role), *crossed)]
        return (each for each in found if each is not None and each not in self._assigned)


def _accounts_near(account: str) -> Iterator[str]:
    """Yield accounts that a pattern of the account's first or last digits would take in."""
    for place in (0, 10, 11):
        yield f"{account[:place]}{(int(account[place]) + 1) % 10}{account[place + 1 :]}"


def _names_near(role: RoleArn) -> Iterator[str]:
    """Yield paths and names that somebody could take for the role's."""
    path, name = role.path, str(role.name)
    yield from (f"{path}{each}" for each in (name[:-1], f"{name}x", f"x{name}", name.swapcase(), "SomebodyElses"))
    yield from (f"{each}{name}" for each in ("/", ROLE_PATH, f"{path}x/", f"/x{path}", f"/x:role{path}"))


def _role_text(partition: str, account: str, tail: str) -> str:
    return f"arn:{partition}:iam::{account}:role{tail}"


def _arn(text: str) -> RoleArn | None:
    try:
        return RoleArn(text)
    except InvalidInput:
        return None


def _unused(accounts: Collection[str], first: int) -> str:
    """Return an account that is none of these."""
    return next(text for number in range(first, first + len(accounts) + 1) if (text := f"{number:012}") not in accounts)


class _Held:
    """What a caller holds, ready to be asked about one account after the other: few statements speak of any."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._everywhere: dict[str, Statement] = {}
        self._by_account: dict[str, dict[str, Statement]] = defaultdict(dict)
        for statement in (each for policy in policies for each in policy.statements):
            accounts = _accounts_of(statement) if statement.effect == "Allow" else None
            if accounts is None:
                self._everywhere[statement.document] = statement
            for account in accounts or ():
                self._by_account[account][statement.document] = statement
        self._known: dict[tuple[str, ...], Policy] = {}

    def named(self, stranger: str) -> Iterator[str]:
        """Yield the ARNs that the Resources stand for, once for each account, a stranger's where it may be any."""
        allowing = [(statement, (stranger,)) for statement in self._everywhere.values() if statement.effect == "Allow"]
        allowing += [(each, (account,)) for account, found in self._by_account.items() for each in found.values()]
        for statement, (account,) in allowing:
            for element in _resources(statement):
                fields = element.split(":", 5)
                if len(fields) == 6 and fields[5].startswith("role/"):
                    own = fields[4] if fields[4].isdecimal() else account
                    yield _role_text(fields[1].replace("*", "aws"), own, _plain(fields[5].removeprefix("role")))

    def about(self, account: str) -> Policy:
        """Return a policy of every statement that can decide about a role of the account."""
        found = self._by_account.get(account, {})
        key = tuple(found)
        if key not in self._known:
            statements = (*self._everywhere.values(), *found.values())
            self._known[key] = Policy("", PolicyKind.IDENTITY, "", statements)
        return self._known[key]


def _accounts_of(statement: Statement) -> set[str] | None:
    """Return the accounts beyond which a statement allows nothing; None when it may be any."""
    tree = json.loads(statement.document)
    for key, value in _mapping(_mapping(tree.get("Condition")).get("StringEquals")).items():
        if key.lower() == _ACCOUNT_KEY and "$" not in str(value):
            return set(value) if isinstance(value, list) else {str(value)}
    fields = [each.split(":") for each in _resources(statement)]
    if "NotResource" in tree or not all(len(each) > 5 and each[4].isdecimal() for each in fields):
        return None
    return {each[4] for each in fields}


def _resources(statement: Statement) -> list[str]:
    listed = json.loads(statement.document).get("Resource", "*")
    return [str(each) for each in (listed if isinstance(listed, list) else [listed])]


def _plain(tail: str) -> str:
    """Return a path and name that the pattern stands for."""
    return _ESCAPED.sub(lambda found: found[1] or "x", tail)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
