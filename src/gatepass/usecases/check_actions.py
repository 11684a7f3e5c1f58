"""Say which actions of a policy AWS does not have, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatepass.decision.action_names import ActionCatalogue, UnknownAction, unknown_actions
from gatepass.decision.policy import Policy
from gatepass.domain.findings import Finding, Remark, Severity


def check_actions(name: str, policies: Iterable[Policy], catalogue: ActionCatalogue | None) -> Iterator[Finding]:
    """Yield a finding for each action name that AWS does not have; nothing without a catalogue."""
    if catalogue is not None:
        for unknown in unknown_actions(policies, catalogue):
            yield _remark(unknown).on(name)


def _remark(unknown: UnknownAction) -> Remark:
    guess = f"did you mean {' or '.join(unknown.guesses)}?" if unknown.guesses else ""
    return Remark(
        "unknown-action",
        Severity.MEDIUM if unknown.narrows else Severity.LOW,
        f"AWS has no action {unknown.pattern} ({unknown.statement})",
        "what it should keep out stays allowed" if unknown.narrows else "it allows nothing",
        guess or "look the name up in AWS's Service Authorization Reference",
    )
