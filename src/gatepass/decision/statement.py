"""Statements, compiled to closures that are asked once for each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gatepass.decision.conditions import Condition, Holds, compile_conditions
from gatepass.decision.grammar import PolicyKind, actions, as_json, check_resource_control, check_statement, resources
from gatepass.decision.match import ResourceTest, TextTest, action_test, resource_test
from gatepass.decision.principal_element import PrincipalElement, compile_principals
from gatepass.decision.request import Request
from gatepass.decision.variables import Values

RequestTest = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: the Sid, or empty.
        position: where it stands in the policy, counted from 1.
        effect: ``Allow`` or ``Deny``.
        document: the statement as JSON with sorted keys; it may hold external IDs.
        principals: whom it names; ``None`` where the kind of policy has no Principal.
        conditions: what must hold besides.
        about_action: tells whether Action or NotAction fits a lower-cased action.
        about_resource: tells whether Resource or NotResource fits.
        matches: tells whether everything but the principal fits.
    """

    sid: str
    position: int
    effect: str
    document: str = field(repr=False)
    principals: PrincipalElement | None = field(repr=False, compare=False)
    conditions: tuple[Condition, ...] = field(repr=False, compare=False)
    about_action: TextTest = field(repr=False, compare=False)
    about_resource: ResourceTest = field(repr=False, compare=False)
    matches: RequestTest = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """What people call the statement: its Sid, or its position."""
        return f'statement "{self.sid}"' if self.sid else f"statement {self.position}"


def compile_statement(
    tree: Mapping[str, object], kind: PolicyKind, position: int, place: str, *, variables: bool
) -> Statement:
    """Check and compile one statement.

    Raises:
        MalformedPolicy: the statement breaks the grammar of its kind of policy.
    """
    check_statement(tree, kind, place)
    if kind is PolicyKind.RESOURCE_CONTROL:
        check_resource_control(tree, place)
    effect = str(tree["Effect"])
    about_action = _action_test(action_test(actions(tree, kind, place)), is_negated="NotAction" in tree)
    about_resource = _resource_test(
        resource_test(resources(tree, place), variables=variables), effect, is_negated="NotResource" in tree
    )
    conditions = compile_conditions(tree.get("Condition", {}), effect, f"{place}.Condition", variables=variables)
    return Statement(
        sid=str(tree.get("Sid", "")),
        position=position,
        effect=effect,
        document=as_json(tree),
        principals=compile_principals(tree, kind, place),
        conditions=conditions,
        about_action=about_action or _any_action,
        about_resource=about_resource or _any_resource,
        matches=_all_of(about_action, about_resource, tuple(condition.holds for condition in conditions)),
    )


def _any_action(_action: str) -> bool:
    return True


def _any_resource(_resource: str, _values: Values) -> bool:
    return True


def _action_test(test: TextTest | None, *, is_negated: bool) -> TextTest | None:
    if not is_negated:
        return test
    if test is None:
        return lambda _action: False
    return lambda action: not test(action)


def _resource_test(test: ResourceTest | None, effect: str, *, is_negated: bool) -> ResourceTest | None:
    if not is_negated:
        return test
    if test is None:
        return lambda _resource, _values: False
    # A variable without a value matches no resource. An Allow of all the others would be wider than its author saw.
    unknown = effect == "Deny"

    def is_outside(resource: str, values: Values) -> bool:
        fits = test(resource, values)
        return unknown if fits is None else not fits

    return is_outside


def _all_of(
    about_action: TextTest | None, about_resource: ResourceTest | None, holds: tuple[Holds, ...]
) -> RequestTest:
    """Join the tests that can fail, cheapest first."""

    def matches(request: Request) -> bool:
        if about_action is not None and not about_action(request.folded_action):
            return False
        values = request.context.values_by_key
        if about_resource is not None and not about_resource(request.resource, values):
            return False
        for each in holds:  # noqa: SIM110 - all() with a generator takes twice the time, once for every statement
            if not each(values):
                return False
        return True

    return matches
