"""Read what AWS encoded of a refusal, where its plain words tell too little."""

from __future__ import annotations

from dataclasses import replace

from gatepass.domain.refused_call import RefusedCall, parse_decoded
from gatepass.ports.refusals import MessageDecoder


def needs_decoding(call: RefusedCall) -> bool:
    """Say whether the message tells more than is known without it."""
    return bool(call.encoded) and (not call.action or call.action.startswith(":") or not call.resource)


def decode_refusal(call: RefusedCall, decoder: MessageDecoder) -> RefusedCall:
    """Return the call with what its message tells.

    Raises:
        AccessRefused: it needs sts:DecodeAuthorizationMessage.
        GatepassError: it cannot be decoded.
    """
    told = parse_decoded(decoder.decoded(call.encoded))
    return replace(told, layer=call.layer, is_denied=told.is_denied or call.is_denied)
