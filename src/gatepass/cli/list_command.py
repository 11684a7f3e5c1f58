"""The command that lists an account's resources."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from itertools import groupby

import click

from gatepass.cli import completion
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, masked, note, print_table, result
from gatepass.domain.listing import DETAILED, EVERYWHERE, Gap, ResourceKind
from gatepass.domain.session import Session
from gatepass.domain.table import Table
from gatepass.render.shown_text import shown
from gatepass.render.tables import FORMATS, formatted, in_one_line_each, json_text
from gatepass.usecases.list_resources import Listed, Wish, list_resources
from gatepass.wiring import listing, sessions

_REGION = re.compile(r"[a-z]{2,5}(-[a-z]{2,12}){1,3}-[0-9]{1,2}", re.ASCII)


class _Regions(click.ParamType[tuple[str, ...]]):
    """Names of Regions with commas between them."""

    name = "regions"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the names."""
        names = _words(str(value))
        for name in names:
            if not _REGION.fullmatch(name):
                self.fail(f"{name!r} is not the name of a Region, such as eu-west-1", param, ctx)
        return names or self.fail("name at least one Region, such as eu-west-1", param, ctx)


@click.command("list")
@click.argument("resource", required=False, shell_complete=completion.resources)
@click.option("--filter", "filters", multiple=True, metavar="TEXT|K=V|K~V", help="Only rows with TEXT, or whose column K is V or contains V; repeat it.")  # fmt: skip  # noqa: E501
@click.option("--columns", "columns", default="", metavar="A,B", help="Show these columns, in this order.")
@click.option("--sort", "sort", default="", metavar="COLUMN", help="Order by the column; -COLUMN for downwards.")
@click.option("--region", type=_Regions(), metavar="REGION", help="The Region to look in.")
@click.option("--regions", type=_Regions(), metavar="A,B", help="Several Regions, all at once.")
@click.option("--all-regions", is_flag=True, help="Every Region that the account uses, all at once.")
@click.option("--output", type=click.Choice(FORMATS), help="The notation; table, unless --query is given.")
@click.option("--query", metavar="JMESPATH", help="Ask all that AWS told, as with the AWS CLI; JSON by default.")
@json_option
def list_command(  # noqa: PLR0913 - one argument for each option that people know from the AWS CLI
    resource: str | None, *, filters: tuple[str, ...], columns: str, sort: str, region: tuple[str, ...] | None,
    regions: tuple[str, ...] | None, all_regions: bool, output: str | None, query: str | None, as_json: bool,
) -> int:  # fmt: skip
    """List the RESOURCEs of the account you are in, such as s3bucket.

    RESOURCE is a name of the catalogue, one with -detailed behind it, or a CloudFormation type such
    as AWS::Lambda::Function. Without RESOURCE, the catalogue.
    """
    if as_json and output:
        raise click.UsageError("--json has a form of its own; use it without --output")
    if resource is None:
        return _show_catalogue(filters, output, as_json=as_json)
    if query is not None and (filters or columns or sort):
        raise click.UsageError("--query asks what AWS told, not the table: leave out --filter, --columns and --sort")
    if sum((region is not None, bool(regions), all_regions)) > 1:
        raise click.UsageError("use one of --region, --regions and --all-regions")
    if region is not None and len(region) > 1:
        raise click.UsageError(f"for several Regions: --regions {','.join(region)}")
    wish = Wish(resource, regions or (), all_regions, filters, _words(columns), _words(sort))
    ask = listing.item_query(query) if query is not None else None
    session = sessions.current_session()
    listed = list_resources(wish, listing.resources(session, region[0] if region else None), session, _progress)
    if ask is not None:
        found, table = ask(list(listed.listing.items))
        _print_query(found, table, output or "json", _facts(resource, session) if as_json else None)
    else:
        _print_listed(listed, wish, output or "table", _facts(resource, session) if as_json else None)
    _tell_of_missing(listed)
    return ExitCode.FAILED if listed.listing.gaps else ExitCode.DONE


def _print_listed(listed: Listed, wish: Wish, notation: str, facts: dict[str, object] | None) -> None:
    table = listed.listing.table
    if facts is not None:
        facts["rows"] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        if listed.regions or listed.listing.gaps:
            facts["missing"] = [{"where": gap.where, "what": gap.error.what, "why": masked(gap.error.why)} for gap in listed.listing.gaps]  # fmt: skip  # noqa: E501
        json_result(facts)
    elif notation != "table":
        result(formatted(table, notation))
    elif table.rows:
        print_table(in_one_line_each(table))
    else:
        note(_nothing(listed, wish))


def _print_query(found: object, table: Table, notation: str, facts: dict[str, object] | None) -> None:
    if facts is not None:
        result(json_text(facts | {"result": found}))
    elif notation == "json":
        result(json_text(found))
    elif notation == "table":
        if table.rows:
            print_table(in_one_line_each(table))
        else:
            note("the query finds nothing")
    else:
        result(formatted(table, notation))


def _nothing(listed: Listed, wish: Wish) -> str:
    spread = listed.regions not in {(), (EVERYWHERE,)}
    where = f" in {len(listed.regions)} Regions" if spread else ""
    match wish.filters:
        case ():
            return f"no {wish.name} in this account" + where
        case (text,) if "=" not in text and "~" not in text:
            return f"no {wish.name} contains {text}" + where
        case filters:
            return f"no {wish.name} meets {' and '.join(filters)}" + where


def _tell_of_missing(listed: Listed) -> None:
    if listed.left_out:
        note(f"not asked, because {listed.kind.service} is not offered there: {', '.join(listed.left_out)}")
    for (what, why, next_step), gaps in groupby(listed.listing.gaps, key=_same_words):
        where = ", ".join(gap.where for gap in gaps)
        note(f"{click.style('gatepass: missing:', fg='yellow')} {_line(where)}: {_line(what)}")
        for label, text in (("why: ", why), ("next:", next_step)):
            first, *rest = text.split("\n")
            if first:
                note(f"  {label} {_line(first)}")
            for line in rest:
                note(f"        {_line(line)}")


def _same_words(gap: Gap) -> tuple[str, str, str]:
    return gap.error.what, gap.error.why, gap.error.next_step


def _line(text: str) -> str:
    return shown(masked(text))


def _facts(resource: str, session: Session | None) -> dict[str, object]:
    return {"resource": resource, "account": str(session.account) if session else None}


def _show_catalogue(filters: Sequence[str], output: str | None, *, as_json: bool) -> int:
    kinds = [kind for kind in listing.resource_kinds() if all(_speaks_of(kind, text) for text in filters)]
    kinds.sort(key=lambda kind: (kind.service, kind.name))
    if as_json:
        json_result({"resources": [_kind_facts(kind) for kind in kinds]})
    elif output not in {None, "table"}:
        columns = ("Service", "Name", "Columns", "Type")
        rows = tuple((kind.service, kind.name, ", ".join(kind.columns), kind.type) for kind in kinds)
        result(formatted(Table(columns, rows), str(output)))
    else:
        widest = max((len(kind.name) for kind in kinds), default=0)
        for service, group in groupby(kinds, key=lambda kind: kind.service):
            result(click.style(service, bold=True))
            for kind in group:
                result(f"  {kind.name:{widest}}  {', '.join(kind.columns)}")
        note(f"{len(kinds)} names; each with more columns as NAME{DETAILED}; and any CloudFormation type")
    return ExitCode.DONE


def _speaks_of(kind: ResourceKind, text: str) -> bool:
    return any(text.lower() in word.lower() for word in (kind.name, kind.service, kind.type))


def _kind_facts(kind: ResourceKind) -> dict[str, object]:
    return {
        "name": kind.name,
        "service": kind.service,
        "type": kind.type or None,
        "global": kind.is_global,
        "columns": list(kind.columns),
        "detailed": list(kind.detailed),
    }


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for each in text.split(",") if (word := each.strip()))


def _progress(done: int, of: int) -> None:
    """Say at a terminal how far it is."""
    if sys.stderr.isatty() and of > 1:
        line = f"asked {done} of {of} Regions"
        click.echo("\r" + (" " * len(line) + "\r" if done == of else line), nl=False, err=True)
