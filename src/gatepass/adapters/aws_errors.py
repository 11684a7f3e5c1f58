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

from gatepass.adapters.aws_words import in_words, no_answer, no_credentials
from gatepass.domain.errors import GatepassError


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
        raise no_credentials(str(error)) from None
    except (ConnectionError, HTTPClientError) as error:
        raise no_answer(str(error), subject) from None
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
    return in_words(code, message, subject)
