"""Commands that print what a person puts into place by other means than Gatepass."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.options import file_argument
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.render_engines import cloudformation, quick_create, terraform, terraform_json
from gatepass.domain.errors import GatepassError
from gatepass.wiring import file_access, machine, own_account


@click.group()
def render() -> None:
    """Print templates and policies for other tools; nothing is changed."""


for _command in (terraform, terraform_json, cloudformation, quick_create):
    render.add_command(_command)


@render.command("notify", short_help="Rules and schedules that tell you of entries, changes and ends.")
@file_argument
def notify_command(file: Path) -> int:
    """Print a CloudFormation template that tells you when somebody enters or changes the roles of FILE."""
    from gatepass.render.notify_remarks import notify_remarks
    from gatepass.render.notify_template import notify_template

    declaration = file_access.load_customer_file(file).declaration
    now = machine.clock().now()
    json_result(notify_template(declaration, now))
    for remark in notify_remarks(declaration, now):
        note(remark)
    return ExitCode.DONE


@render.command()
@click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--kind", type=click.Choice(["scp", "rcp"]), help="Only this one; both otherwise.")
@click.option("--organization", metavar="ID", help="The organisation, o-...; asked of AWS otherwise.")
@click.option(
    "--admins", metavar="PATTERN", multiple=True,
    help="Who may write on the roles: role/NAME, user/NAME, or an ARN, with * and ?. As often as needed.",
)  # fmt: skip
@click.option("--tag-exception", is_flag=True, help="Leave roles alone that carry the tag dp:exclude:identity=true.")
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Write scp.json and rcp.json into this folder.")
def guardrail(  # noqa: PLR0913 - one parameter for each option
    files: tuple[Path, ...],
    *,
    kind: str | None,
    organization: str | None,
    admins: tuple[str, ...],
    tag_exception: bool,
    folder: Path | None,
) -> int:
    """Print policies for AWS Organizations that let in only the providers of every FILE.

    The resource control policy (rcp) lets nobody else in from outside, and them only with an external ID and only
    under our path. The service control policy (scp) lets only --admins write on these roles.
    """
    from gatepass.cli.guardrail_text import guardrail_notes, write_policies
    from gatepass.cli.partition import chosen_partition
    from gatepass.render import guardrail as policies

    kinds = (kind,) if kind else ("scp", "rcp")
    if "scp" in kinds and not admins:
        raise click.UsageError("the scp has to say who may write on the roles; name them with --admins, or --kind rcp")
    partition = chosen_partition()
    known = policies.declared([file_access.load_customer_file(file).declaration for file in files], partition)
    documents = {}
    if "scp" in kinds:
        patterns = [policies.administrator_pattern(text, partition) for text in admins]
        documents["scp"] = policies.service_control_policy(known, patterns, tag_exception=tag_exception)
    if "rcp" in kinds:
        own = policies.organization_id(organization if organization is not None else _own_organization())
        documents["rcp"] = policies.resource_control_policy(known, own, tag_exception=tag_exception)
    texts = {name: policies.control_policy_text(document, name) for name, document in documents.items()}
    if folder is not None:
        for path in write_policies(folder, texts):
            result(f"written: {path}")
    elif kind:
        result(texts[kind])
    else:
        json_result(documents)
    for line in guardrail_notes(kinds, known, tag_exception=tag_exception):
        note(line)
    return ExitCode.DONE


def _own_organization() -> str:
    try:
        return own_account.own_organization()
    except GatepassError as error:
        error.next_step = "name the organisation with --organization o-..."
        raise
