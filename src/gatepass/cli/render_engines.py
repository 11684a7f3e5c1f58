"""Commands that write a customer's grants for Terraform and CloudFormation."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatepass.cli.options import file_argument
from gatepass.cli.output import ExitCode, bullet_list, note, result
from gatepass.cli.rendered_files import hand_out, hand_out_secret
from gatepass.wiring import file_access, machine, own_account

if TYPE_CHECKING:
    from gatepass.domain.grant import Declaration
    from gatepass.domain.identifiers import GrantName, Partition, PolicyArn
    from gatepass.domain.sealed_factors import Factor
    from gatepass.ports.roles import RoleDirectory

_MODULE_SOURCE = "./modules/service-provider-access"
_VALUES = "external-ids.auto.tfvars.json"
_PARAMETERS = "parameters.json"
_IN_TERRAFORM = "Terraform's state, in saved plans and by terraform show -json, and in AWS with iam:GetRole"
_IN_CLOUDFORMATION = "AWS with iam:GetRole, and in CloudTrail; the console and describe-stacks mask them"

Command = TypeVar("Command", bound=Callable[..., Any])


def _folder_option(command: Command) -> Command:
    kind = click.Path(path_type=Path, file_okay=False)
    return click.option("-o", "folder", metavar="DIR", type=kind, help="Write into this folder.")(command)


def _with_id_option(command: Command) -> Command:
    return click.option(
        "--with-external-id",
        "with_id",
        is_flag=True,
        help="With -o: also write the external IDs that AWS holds now, into a file for you alone.",
    )(command)


@click.command("terraform", short_help="A root module of Terraform that calls our module.")
@file_argument
@_folder_option
@click.option(
    "--module-source", metavar="SOURCE", default=_MODULE_SOURCE, show_default=True,
    help="Where the module service-provider-access is: a path, a registry's address or a git URL.",
)  # fmt: skip
@click.option(
    "--for", "platform", type=click.Choice(["scalr", "hcp"]),
    help="For a workspace of Scalr or HCP Terraform that gatepass scalr or gatepass hcp keeps.",
)  # fmt: skip
@_with_id_option
def terraform(file: Path, *, folder: Path | None, module_source: str, platform: str | None, with_id: bool) -> int:
    """Print a root module that calls the module service-provider-access with FILE, main.tf.

    The external IDs come in by the variable external_ids, or for a platform by the variable doors; nothing secret is
    printed.
    """
    from gatepass.render.terraform_root import MARK, terraform_root

    if platform is not None and with_id:
        raise click.UsageError(f"the platform gets the external IDs from: gatepass {platform} setup")
    target = _target(folder, with_id=with_id)
    declaration = file_access.load_customer_file(file).declaration
    seen = Path(os.path.relpath(file, folder) if folder is not None else file.name).as_posix()
    if platform is None:
        text = terraform_root(declaration, seen, module_source)
    else:
        text = _platform_root(declaration, seen, platform, module_source)
    hand_out(text, MARK, folder, "main.tf")
    if module_source == _MODULE_SOURCE:
        note(f"copy the module to {_MODULE_SOURCE} beside it, or say with --module-source where it is")
    return _finish_terraform(declaration, target) if platform is None else _finish_platform(platform)


def _platform_root(declaration: Declaration, seen: str, platform: str, source: str) -> str:
    from gatepass.cli.partition import chosen_partition
    from gatepass.domain.workspace_setup import Platform
    from gatepass.render.platform_root import platform_root

    return platform_root(declaration, seen, Platform(platform), chosen_partition(), source)


def _finish_platform(platform: str) -> int:
    note("commit it with the file and the module to the repository that the workspace reads")
    note(f"then: gatepass {platform} setup workspace.yml")
    note("the platform keeps the external IDs in clear in the state of its workspaces: few people should read that")
    return ExitCode.DONE


@click.command("terraform-json", short_help="Everything for Terraform in one file, without a module.")
@file_argument
@_folder_option
@_with_id_option
def terraform_json(file: Path, *, folder: Path | None, with_id: bool) -> int:
    """Print one self-contained configuration of Terraform for FILE, main.tf.json.

    The external IDs come in by the variable external_ids; nothing secret is printed.
    """
    from gatepass.render import terraform_json as rendering

    target = _target(folder, with_id=with_id)
    found = _read(file)
    text = rendering.terraform_json(found.declaration, found.partition, found.policies)
    hand_out(text, rendering.MARK, folder, "main.tf.json")
    return _finish_terraform(found.declaration, target)


@click.command("cloudformation", short_help="A template of CloudFormation, or one for StackSets.")
@file_argument
@_folder_option
@click.option("--stack-set", is_flag=True, help="For the accounts of an organisation, not the file's alone.")
@_with_id_option
def cloudformation(file: Path, *, folder: Path | None, stack_set: bool, with_id: bool) -> int:
    """Print a template of CloudFormation for FILE.

    The external IDs come in by parameters that the console does not show; nothing secret is printed.
    """
    from gatepass.render import cloudformation as rendering
    from gatepass.render.engine_values import cloudformation_values

    if stack_set and with_id:
        raise click.UsageError("--with-external-id reads one account's IDs; each account of a stack set needs its own")
    target = _target(folder, with_id=with_id)
    found = _read(file)
    declaration = found.declaration
    text = rendering.cloudformation_text(declaration, found.partition, found.policies, stack_set=stack_set)
    hand_out(text, rendering.MARK, folder, "gatepass-stack-set.yaml" if stack_set else "gatepass.yaml")
    if len(text.encode()) > rendering.LARGEST_BODY:
        note(f"the template is larger than {rendering.LARGEST_BODY:,} bytes: CloudFormation reads it from S3 only")
    if stack_set:
        _note_stack_set(declaration)
    if target is not None:
        if factors := _factors(declaration):
            hand_out_secret(cloudformation_values(declaration, factors), target, _PARAMETERS, _IN_CLOUDFORMATION)
    else:
        note("the doors are closed until a parameter holds an external ID")
        _note_drawing(declaration)
    note("the stack needs --capabilities CAPABILITY_NAMED_IAM")
    return ExitCode.DONE


@click.command("quick-create", short_help="A link to the console that makes a stack of the template.")
@file_argument
@click.option(
    "--template-url", metavar="URL", required=True, help="Where the rendered template lies in S3: https://..."
)
@click.option("--stack-name", metavar="NAME", help="The stack's name; by default gatepass-ACCOUNT.")
def quick_create(file: Path, *, template_url: str, stack_name: str | None) -> int:
    """Print a link by which a person in the console makes the stack of FILE's template.

    It holds everything but the second factor, which the person types.
    """
    from gatepass.cli.partition import chosen_partition
    from gatepass.render import quick_create as rendering

    declaration = file_access.load_customer_file(file).declaration
    name = stack_name if stack_name is not None else rendering.stack_name(declaration)
    region = machine.region() or "us-east-1"
    result(rendering.quick_create_link(template_url, name, region, chosen_partition()))
    note("the link is no secret: it holds no external ID, and the console ignores one that somebody writes into it")
    note("whoever follows it can change every value and the template before the stack is made, so afterwards:")
    note(bullet_list([f"sign in to account {declaration.account} first", "gatepass doors shows what was made"]))
    _note_drawing(declaration)
    return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a rendering."""

    declaration: Declaration
    partition: Partition
    policies: Mapping[str, PolicyArn]


def _read(file: Path) -> _Read:
    from gatepass.cli.loading import placed
    from gatepass.cli.partition import chosen_partition
    from gatepass.usecases.resolve_offline import resolve_offline

    loaded, partition = file_access.load_customer_file(file), chosen_partition()
    with placed(loaded):
        return _Read(loaded.declaration, partition, resolve_offline(loaded.declaration, partition, _own_roles))


def _own_roles() -> RoleDirectory | None:
    return own_account.own_roles() if own_account.has_credentials() else None


def _target(folder: Path | None, *, with_id: bool) -> Path | None:
    """Return where external IDs go, or None when they are not asked for."""
    if with_id and folder is None:
        raise click.UsageError("--with-external-id writes a file for you alone; say where with -o DIR")
    return folder if with_id else None


def _factors(declaration: Declaration) -> Mapping[GrantName, Factor]:
    from gatepass.usecases.factors_in_force import factors_in_force

    found = factors_in_force(declaration, own_account.own_roles(), machine.clock())
    for grant in declaration.grants:
        if grant.needs_second_factor and grant.name not in found:
            note(f"{grant.name}: no external ID, because AWS holds none: the role is closed or not there")
    return found


def _finish_terraform(declaration: Declaration, target: Path | None) -> int:
    from gatepass.render.engine_values import terraform_values

    if target is not None:
        if factors := _factors(declaration):
            hand_out_secret(terraform_values(factors), target, _VALUES, _IN_TERRAFORM)
        return ExitCode.DONE
    note("the doors are closed until the variable external_ids holds an external ID")
    _note_drawing(declaration)
    note("Terraform keeps it in clear in its state and in saved plans: guard both")
    return ExitCode.DONE


def _note_drawing(declaration: Declaration) -> None:
    """Say how to draw an external ID without Gatepass."""
    from gatepass.render.engine_roles import how_to_draw

    needing = [grant for grant in declaration.grants if grant.needs_second_factor]
    # A customer key of the provider's is part of the line, so each grant may have a line of its own.
    for line in dict.fromkeys(how_to_draw(grant) for grant in needing):
        names = ", ".join(str(grant.name) for grant in needing if how_to_draw(grant) == line)
        shown = names if len(names) <= 60 else f"{names[:60]}..."
        note(f"to draw one, for {shown}:\n  {line}")


def _note_stack_set(declaration: Declaration) -> None:
    from gatepass.render.cloudformation import names_account_in_custom_policy

    note(f"account {declaration.account} stands nowhere in it: each account's own number takes its place")
    for name in names_account_in_custom_policy(declaration):
        note(f"  also in the custom_policy of {name}: look whether that is what you mean")
    note("give each account an external ID of its own, by overriding the parameter for it")
