"""What AWS tells of a refusal."""

from __future__ import annotations

from gatepass.domain.session import Session
from gatepass.ports.refusals import MessageDecoder
from gatepass.wiring.own_account import connected, connected_with


def message_decoder(session: Session | None) -> MessageDecoder:
    """Return what decodes refusals as the session, or as the person outside one."""
    from gatepass.adapters.message_decoder import StsDecoder

    return StsDecoder(connected_with(session.credentials) if session is not None else connected())
