"""External IDs judged by their form."""

from __future__ import annotations

import uuid

import pytest

from gatepass.adapters.system import SystemRandomness
from gatepass.domain.id_strength import IdStrength, strength_of, weakest
from gatepass.domain.identifiers import ExternalId, external_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acme", IdStrength.WORD),
        ("123456789012", IdStrength.WORD),
        ("acme-123456789012", IdStrength.WORD),
        ("AcmeCorp-Production-2026-ExternalId", IdStrength.WORD),
        ("try-this-one", IdStrength.WORD),
        ("Hunter2", IdStrength.WORD),
        ("acmeproductionexternalid", IdStrength.WORD),
        ("ScalrDeployRole", IdStrength.WORD),
        ("7f3a9c21", IdStrength.SHORT),
        ("1234567", IdStrength.SHORT),
        ("customer-12345678-prod", IdStrength.SHORT),
        ("1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a", IdStrength.SHORT),
        ("gp1.KEY.SHORTCODE99X", IdStrength.SHORT),
        ("gp1.KEY.AAAAAAAAAAAAAAAAAAAAAAAAAA", IdStrength.WORD),
        ("7f3a9c21e8b4d06f7f3a9c21e8b4d06a", IdStrength.LONG),
        ("scalr-acc-v0o4m2k9d8a7s6", IdStrength.LONG),
        ("qzxvkwjhgmtrbplcnsdf", IdStrength.LONG),
        ("9f2c41d7-6f0e-4d4b-8a53-1be07c2ad9e6", IdStrength.LONG),
    ],
)  # fmt: skip
def test_an_id_is_as_strong_as_what_nobody_can_know_of_it(text: str, expected: IdStrength) -> None:
    assert strength_of(ExternalId(text), {"ScalrDeployRole"}) is expected


def test_what_gatepass_and_random_generators_draw_is_never_called_weak() -> None:
    randomness = SystemRandomness()
    for _ in range(300):
        assert strength_of(external_id(randomness.word(50), randomness.word(128))) is IdStrength.OURS
        assert strength_of(ExternalId(str(uuid.uuid4()))) is IdStrength.LONG


def test_of_several_the_weakest_counts() -> None:
    assert weakest([IdStrength.OURS, IdStrength.SHORT, IdStrength.LONG]) is IdStrength.SHORT
    assert weakest([]) is None
