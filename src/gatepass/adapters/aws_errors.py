"""AWS's errors in our words, translated once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name, used in one place
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from gatepass.domain.errors import AccessRefused, Conflict, CredentialsRefused, GatepassError, NotThere

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
_THROTTLES = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})


@contextmanager
def in_our_words(subject: str) -> Iterator[None]:
    """Turn AWS's errors into ours; ``subject`` says what was asked, such as ``iam:CreateRole``.

    Raises:
        CredentialsRefused: AWS does not accept the credentials.
        AccessRefused: AWS said no.
        NotThere: the thing does not exist.
        Conflict: AWS could not do it as things stand.
        GatepassError: AWS could not be reached, or there are no credentials.
    """
    try:
        yield
    except ClientError as error:
        raise translated(error, subject) from None
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise GatepassError(
            "there are no AWS credentials to use",
            why=str(error),
            next_step="paste some into: gatepass creds load, or set AWS_PROFILE",
        ) from None
    except (ConnectionError, HTTPClientError) as error:
        raise GatepassError(
            f"AWS does not answer to {subject}",
            why=f"{error}; it was tried several times",
            next_step="check the network and AWS_ENDPOINT_URL, then run it again; it goes on from where it was",
        ) from None
    except BotoCoreError as error:
        raise GatepassError(
            f"{subject} could not be asked",
            why=str(error),
            next_step="check AWS_REGION, AWS_PROFILE and the AWS configuration file",
        ) from None


def translated(error: ClientError, subject: str) -> GatepassError:
    """Return our error for one of AWS's answers, with AWS's own words in it."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", ""))
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
        return Conflict(
            f"AWS is too busy for {subject}",
            why=f"{why}; it was tried several times",
            next_step="run the command again in a minute; it goes on from where it was",
        )
    return Conflict(f"AWS could not do {subject}", why=why, next_step=_next_step(code))


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
