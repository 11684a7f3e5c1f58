"""A link to the console that begins a stack from a template; it never carries a second factor."""

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import Partition

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_S3 = re.compile(r"(?:.+\.)?s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", re.ASCII)
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}", re.ASCII)


def stack_name(declaration: Declaration) -> str:
    """Return the name for the stack of a file whose person chose none."""
    return f"gatepass-{declaration.account}"


def quick_create_link(template_url: str, name: str, region: str, partition: Partition) -> str:
    """Return the link. Everything but the second factor stands in the template; the person types that.

    Args:
        template_url: where the rendered template lies in S3.
        name: the stack's name.
        region: where the stack is made.
        partition: whose console.

    Raises:
        InvalidInput: the URL is none of S3, or is signed; or the name cannot be a stack's.
    """
    if not _STACK_NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} cannot be the name of a stack",
            why="a stack's name is a letter, then letters, digits and hyphens, at most 128",
            next_step="choose another with --stack-name",
        )
    _demand_template_url(template_url)
    base = f"https://{region}.{_CONSOLES[partition.name]}/cloudformation/home?region={region}"
    return f"{base}#/stacks/quickcreate?templateURL={quote(template_url, safe='')}&stackName={quote(name, safe='')}"


def _demand_template_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port, parts.username
    except ValueError:
        host, port, user, parts = "", None, None, urlsplit("")
    in_s3 = parts.scheme == "https" and _S3.fullmatch(host) and port in (None, 443) and user is None
    if not in_s3 or not parts.path.strip("/"):
        raise InvalidInput(
            "that is not the URL of a template in S3",
            why="CloudFormation reads templates from S3 only, over https",
            next_step="upload the template, and give: https://BUCKET.s3.REGION.amazonaws.com/gatepass.yaml",
        )
    # A signed URL works for whoever sees it, and ends on its own; what it holds is a credential.
    if parts.query or parts.fragment:
        raise InvalidInput(
            "the URL of the template is signed or has something else behind its path",
            why="whoever sees the link could use a signature in it",
            next_step="give the plain URL, without ? and what follows; the stack's maker must be able to read it",
        )
