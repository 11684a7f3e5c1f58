"""A customer's own records, out of the provider's log and checked alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gatepass.adapters.locksmith import AgeLocksmith
from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_audit import MemoryAuditLog
from gatepass.adapters.signing_keys import Ed25519Signatures
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.signed_file import PublicKey
from gatepass.usecases.check_export import CheckedExport, check_export
from gatepass.usecases.checkpoint_log import checkpoint_log, provider_signer
from gatepass.usecases.export_records import export_records
from gatepass.usecases.know_signer import Standing
from gatepass.usecases.provider_keys import KeyRing, init_keys, load_keys, rotate_keys
from tests.adapters.audit_logs import ACCOUNT, Key, records, signer

SIGNER = signer()
NAMES = ("acme-prod", "444455556666")


class Pins:
    """What a customer knows of providers."""

    def __init__(self, **known: PublicKey) -> None:
        self._known = known

    def known_key(self, provider: AccountId) -> PublicKey | None:
        return self._known.get(f"a{provider}")

    def pin(self, provider: AccountId, key: PublicKey) -> None:
        self._known[f"a{provider}"] = key


KNOWN = Pins(a111122223333=SIGNER.key.public_key)


@pytest.fixture
def log() -> MemoryAuditLog:
    found = MemoryAuditLog()
    found.append((*records(9), *records(2, 9, customer="444455556666")))
    return found


@pytest.fixture
def text(log: MemoryAuditLog) -> str:
    return export_records(log, NAMES, SIGNER).text


def checked(text: str, pins: Pins = KNOWN, given: str | None = None) -> CheckedExport:
    return check_export(text, pins, Ed25519Signatures(), given)


def changed(text: str, change: Callable[[dict[str, Any]], object]) -> str:
    tree = json.loads(text)
    change(tree)
    return json.dumps(tree)


def test_a_customer_gets_its_own_records_and_nobody_elses(text: str) -> None:
    found = checked(text)

    assert [record.id for record in found.records] == ["r0", "r2", "r4", "r6", "r8", "r9", "r10"]
    assert found.is_sound
    assert "zeta" not in text


def test_a_record_that_names_another_customer_in_passing_is_not_handed_out() -> None:
    log = MemoryAuditLog()
    log.append([replace(records(1)[0], customer="zeta", note='"customer":"acme-prod"'), *records(1, 2)])

    assert [line.index for line in export_records(log, NAMES, SIGNER).lines] == [1]


@pytest.mark.parametrize(
    ("field", "value"), [("actor", "somebody"), ("outcome", "refused"), ("at", "2026-11-22T09:00:00Z"), ("id", "x")]
)
def test_a_changed_record_is_named(text: str, field: str, value: str) -> None:
    tampered = changed(text, lambda tree: tree["records"][2]["record"].update({field: value}))

    found = checked(tampered)

    assert len(found.flaws) == 1
    assert found.flaws[0].startswith("record 4 ")
    assert len(found.records) == 6
    assert not found.is_sound


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree["records"].insert(0, tree["records"].pop()),
        lambda tree: tree["records"].append(tree["records"][0]),
        lambda tree: tree["records"][1].update(index=3),
        lambda tree: tree["records"][1].update(index=99),
        lambda tree: tree["records"][1].update(index=-1),
        lambda tree: tree["records"][1].update(proof=[]),
        lambda tree: tree["records"][1]["proof"].reverse(),
        lambda tree: tree["records"][1]["record"].update(extra="x"),
        lambda tree: tree.update(customer=["zeta"]),
        lambda tree: tree.update(checkpoint=tree["checkpoint"].replace("\n11\n", "\n12\n")),
        lambda tree: tree.update(key=str(Key("b").public_key)),
    ],
)
def test_whatever_else_is_changed_is_found(text: str, change: Callable[[dict[str, Any]], object]) -> None:
    found = checked(changed(text, change))

    assert found.flaws
    assert not found.is_sound


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree.update(version=2),
        lambda tree: tree.update(version=True),
        lambda tree: tree.update(more=1),
        lambda tree: tree.pop("key"),
        lambda tree: tree.update(records="all"),
        lambda tree: tree.update(checkpoint="none"),
        lambda tree: tree["records"][0].pop("proof"),
        lambda tree: tree["records"][0].update(proof=["zz"]),
        lambda tree: tree["records"][0].update(index="0"),
        lambda tree: tree.update(gatepass="pass"),
    ],
)
def test_what_is_no_export_is_refused(text: str, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(InvalidInput):
        checked(changed(text, change))


def test_an_export_signed_by_a_key_that_is_not_the_providers_is_not_sound(log: MemoryAuditLog) -> None:
    forged = export_records(log, NAMES, signer(Key("b"))).text

    found = checked(forged)

    assert found.standing is Standing.ANOTHER
    assert not found.is_sound


def test_an_unknown_key_is_left_to_be_compared(text: str) -> None:
    found = checked(text, Pins())

    assert (found.standing, found.flaws, found.is_sound) == (Standing.UNKNOWN, (), False)


@pytest.mark.parametrize("form", ["fingerprint", "text"])
def test_a_key_that_the_provider_told_by_telephone_is_enough(text: str, form: str) -> None:
    key = SIGNER.key.public_key
    told = key.fingerprint.lower() if form == "fingerprint" else str(key)

    assert checked(text, Pins(), told).is_sound
    assert checked(text, KNOWN, Key("b").public_key.fingerprint).standing is Standing.ANOTHER


def test_a_provider_that_exchanged_its_keys_is_still_known(log: MemoryAuditLog) -> None:
    ring = KeyRing(ACCOUNT, MemorySecrets(), AgeLocksmith())
    first = init_keys(ring, "Example").public.key
    checkpoint_log(log, provider_signer(ring, Ed25519Signatures()))
    of_first = export_records(log, NAMES, provider_signer(ring, Ed25519Signatures())).text
    rotate_keys(ring)
    second = load_keys(ring).public.key
    log.append(records(1, 20))
    of_both = export_records(log, NAMES, provider_signer(ring, Ed25519Signatures())).text

    assert checked(of_both, Pins(a111122223333=first)).standing is Standing.PINNED
    assert checked(of_both, Pins(a111122223333=second)).is_sound
    assert checked(of_first, Pins(a111122223333=first)).is_sound
    assert checked(of_both, Pins(a111122223333=Key("b").public_key)).standing is Standing.ANOTHER


def test_an_older_checkpoint_is_believed_by_who_knows_the_younger_key(log: MemoryAuditLog) -> None:
    ring = KeyRing(ACCOUNT, MemorySecrets(), AgeLocksmith())
    init_keys(ring, "Example")
    checkpoint_log(log, provider_signer(ring, Ed25519Signatures()))
    rotate_keys(ring)

    # The log has not grown, so that the older key's checkpoint is the one of its size.
    text = export_records(log, NAMES, provider_signer(ring, Ed25519Signatures())).text

    assert checked(text, Pins(a111122223333=load_keys(ring).public.key)).is_sound


def test_nobodys_records_are_no_export(log: MemoryAuditLog) -> None:
    with pytest.raises(NotThere, match="nobody"):
        export_records(log, ["nobody"], SIGNER)


def test_no_record_is_handed_out_of_a_log_that_is_not_sound(log: MemoryAuditLog) -> None:
    del log.kept[3]

    with pytest.raises(Conflict, match="not signed for"):
        export_records(log, NAMES, SIGNER)
