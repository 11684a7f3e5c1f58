"""Sessions that are ready to hand out, and the prompt's label: what one's own commands leave for each other."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from gatepass.adapters import prompt_label, warm_answers
from gatepass.adapters.cached_tokens import CachedTokens
from gatepass.adapters.session_cache import SessionCache, ready_text
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.session import Session
from gatepass.ports.sessions import TokenService

if TYPE_CHECKING:
    from gatepass.adapters.prompt_label import Place

USUAL_REGISTER = "customers.yml"


def question(target: str, seconds: int, register: str | None, store: str | None) -> str:
    """Return what asks for credentials of the target, here and now."""
    place = register or os.environ.get("GATEPASS_REGISTER") or USUAL_REGISTER
    kind = store or os.environ.get("GATEPASS_STORE") or ""
    return warm_answers.question("credential-process", target, str(seconds), os.path.abspath(place), kind)  # noqa: PTH100 - no pathlib here


def ready_answer(asked: str, least_left: float = warm_answers.LEAST_LEFT) -> str | None:
    """Return the credentials for the question, if they are ready and last that long; else None."""
    return warm_answers.ready_answer(asked, least_left)


def answer_since(asked: str, instant: float) -> str | None:
    """Return the credentials that somebody else made ready for the question since then, or that last long enough."""
    fresh = warm_answers.ready_answer(asked)
    name = warm_answers.session_name_of(asked) if fresh is None else None
    is_new = name is not None and SessionCache().was_kept_since(name, instant)
    return warm_answers.ready_answer(asked, 0.0) if is_new else fresh


def session_cache() -> SessionCache:
    """Return the sessions that one's own commands share."""
    return SessionCache()


def shared(tokens: TokenService, cache: SessionCache, hear_name: Callable[[str], None]) -> TokenService:
    """Return the token service, asked once for what several callers want; it tells the name of each session."""
    return CachedTokens(tokens, cache, hear_name)


def as_handed_out(session: Session) -> str:
    """Return the session's credentials as AWS's tools want them from a ``credential_process``."""
    return ready_text(session)


def forget_sessions(role: RoleArn | None = None) -> int:
    """Forget the sessions of the role that are ready to hand out, or all; return how many there were."""
    return SessionCache().purge(role)


def place_here() -> Place | None:
    """Return in which customer's account the prompt stands; None in one's own."""
    return prompt_label.place_here()
