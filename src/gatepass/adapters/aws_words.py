"""What AWS's error codes mean in our words, whichever way AWS was asked."""

from __future__ import annotations

from gatepass.domain.errors import AccessRefused, Conflict, CredentialsRefused, GatepassError, NotAnswered, NotThere
from gatepass.domain.identifiers import EngineerName
from gatepass.domain.kept_secrets import SECRETS_PATH
from gatepass.domain.session import Entry

_REFUSALS = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "UnauthorizedAccess"}
)
_DEAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
        "RequestExpired",
        "AuthFailure",
    }
)
_GONE = frozenset({"NoSuchEntity", "NoSuchEntityException"})
_THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "PriorRequestNotComplete",
        "SlowDown",
    }
)
_FAILURES = frozenset({"InternalFailure", "InternalError", "ServiceFailure", "ServiceUnavailable"})
# What is worth asking again.
PASSING = _THROTTLES | _FAILURES


def in_words(code: str, message: str, subject: str) -> GatepassError:
    """Return our error for one of AWS's answers, with AWS's own words in it."""
    why = f"{code}: {message}"
    if code in _REFUSALS:
        return AccessRefused(
            f"AWS refused {subject}",
            why=why,
            next_step="ask whoever keeps these permissions, or use other credentials",
            code=code,
            message=message,
        )
    if code in _DEAD_CREDENTIALS:
        return CredentialsRefused(
            f"AWS does not accept the credentials for {subject}",
            why=why,
            next_step="load fresh ones with gatepass creds load, or run gatepass leave and enter again",
            code=code,
            message=message,
        )
    if code in _GONE:
        return NotThere(f"{subject}: there is no such thing", why=why, next_step="look with gatepass plan what stands")
    if code in _THROTTLES:
        return NotAnswered(
            f"AWS is too busy for {subject}",
            why=f"{why}; it was tried several times",
            next_step="run the command again in a minute; it goes on from where it was",
        )
    kind = NotAnswered if code in _FAILURES else Conflict
    return kind(f"AWS could not do {subject}", why=why, next_step=_next_step(code))


def no_answer(cause: str, subject: str) -> NotAnswered:
    """Return our error for a call that nobody answered."""
    return NotAnswered(
        f"AWS does not answer to {subject}",
        why=f"{cause}; it was tried several times",
        next_step="check the network and AWS_ENDPOINT_URL, then run it again; it goes on from where it was",
    )


def no_credentials(cause: str) -> GatepassError:
    """Return our error for a call that nobody could sign."""
    return GatepassError(
        "there are no AWS credentials to use",
        why=cause,
        next_step="paste some into: gatepass creds load, or set AWS_PROFILE",
    )


def name_missing_right(error: GatepassError, action: str, on: str = f"{SECRETS_PATH}*") -> None:
    """Say in a refusal by a secret store which right is missing; other errors stay as they are."""
    if isinstance(error, AccessRefused) and not isinstance(error, CredentialsRefused):
        error.next_step = f"ask for the right to {action} on {on}, or keep secrets in another store"


def hide(error: GatepassError, secret: str) -> None:
    """Take a secret out of an error; an empty one is none."""
    if not secret:
        return
    for part in ("what", "why", "next_step", "message"):
        if hasattr(error, part):
            setattr(error, part, getattr(error, part).replace(secret, "****"))
    error.args = (error.what,)


def carried_name(carried: str | None, entry: Entry) -> EngineerName:
    """Return the source identity that the session inherited; a session without one is thrown away.

    Raises:
        AccessRefused: it inherited none.
    """
    if not carried:
        raise AccessRefused(
            f"a session of {entry.role} would carry no source identity",
            why="your own session carries none, and none could be set",
        )
    return EngineerName(carried)


def _next_step(code: str) -> str:
    match code:
        case "LimitExceeded":
            return "ask AWS for a higher quota, or grant less in one role; then run the command again"
        case "EntityAlreadyExists":
            return "find out who made it at the same time, then run the command again"
        case "DeleteConflict":
            return "remove what still uses it, then run the command again"
        case "InternalFailure" | "InternalError" | "ServiceFailure" | "ServiceUnavailable":
            return "AWS has a failure of its own: run the command again in a minute; it goes on from where it was"
        case _:
            return "mend what AWS names, then run the command again; it goes on from where it was"
