"""The conformance cases: what AWS's documentation fixes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gatepass.decision.cases import decide_case, parse_case
from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy

CONFORMANCE = Path(__file__).parent / "conformance"
CASES = [json.loads(line) for line in (CONFORMANCE / "decisions.jsonl").read_text().splitlines()]
TRUST_POLICIES = [
    json.loads(path.read_text()) | {"file": path.stem} for path in sorted(CONFORMANCE.glob("trust/*.json"))
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['name']}" for case in CASES])
def test_a_decision_is_the_one_that_the_documentation_fixes(case: Mapping[str, Any]) -> None:
    decision = decide_case(parse_case(json.dumps(case)))

    assert decision.outcome.value == case["expected"]["decision"]
    assert str(decision.because)


@pytest.mark.parametrize("case", TRUST_POLICIES, ids=[case["file"] for case in TRUST_POLICIES])
def test_a_trust_policy_is_refused_exactly_when_aws_would_refuse_to_save_it(case: Mapping[str, Any]) -> None:
    if case["expected"] == "invalid":
        with pytest.raises(MalformedPolicy, match=r"trust policy: Statement\[1\]"):
            parse_policy(case["trust"], PolicyKind.TRUST)
    else:
        assert parse_policy(json.dumps(case["trust"]), PolicyKind.TRUST).kind is PolicyKind.TRUST
