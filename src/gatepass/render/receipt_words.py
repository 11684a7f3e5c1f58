"""A provider's receipt in plain words, for the customer whose door was tried."""

from __future__ import annotations

from gatepass.domain.handshake import Answer, Handshake, Probe, Verdict
from gatepass.domain.receipt import Receipt
from gatepass.domain.signed_file import PublicKey
from gatepass.domain.trust import instant_text

_VERDICTS = {
    Verdict.SOUND: "the door is sound: it opened as it should, and to nothing else that was tried",
    Verdict.SHUT: "the door did not open: nobody of the provider could work",
    Verdict.UNSAFE: "THE DOOR IS NOT SAFE: it opened to something that it should refuse",
}


def receipt_lines(receipt: Receipt, key: PublicKey) -> list[str]:
    """Return what the provider says it tried and saw, one fact a line."""
    subject, handshake = receipt.subject, receipt.handshake
    return [
        f"from:      account {subject.provider}, signed with the key that you know it by",
        f"key:       {key.fingerprint}",
        f"grant:     {subject.grant}",
        f"role:      {handshake.role}",
        f"tried at:  {instant_text(handshake.at)}, by the provider's clock",
        f"asks for:  {'an external ID' if handshake.has_second_factor else 'no external ID'}",
        f"so:        {_VERDICTS[handshake.verdict]}",
        "tried:",
        *(f"  {'ok ' if probe.is_as_expected else 'BAD'} {_seen(probe)}" for probe in handshake.probes),
        *_limits(handshake),
    ]


def _seen(probe: Probe) -> str:
    seen = "AWS let it in" if probe.seen is Answer.OPENED else "AWS refused it"
    return f"{probe.trial.value}: {seen}"


def _limits(handshake: Handshake) -> list[str]:
    if handshake.has_second_factor:
        return []
    return ["  without an external ID only the provider's own care keeps other customers of it from coming in"]
