"""Rendering a large file for other engines, against writing the same text from memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import AccountId, GrantName, Partition
from gatepass.render.cloudformation import cloudformation_text
from gatepass.render.terraform_json import terraform_json
from gatepass.usecases.resolve_offline import resolve_offline

GRANTS, IN_ONE_TEMPLATE = 1000, 50


def main() -> None:
    """Print seconds; the baseline is the JSON library writing what was rendered for Terraform."""
    file, partition = _file(), Partition()
    policies = resolve_offline(file, partition, lambda: None)
    text, seconds = _timed(lambda: terraform_json(file, partition, policies))
    loaded = json.loads(text)
    _, baseline = _timed(lambda: json.dumps(loaded, indent=2))
    _, of_templates = _timed(lambda: "".join(cloudformation_text(each, partition, policies) for each in _parts(file)))
    _row(f"json.dumps of {len(text) / 1e6:.1f} MB (baseline)", baseline, baseline)
    _row(f"terraform-json of {GRANTS} grants", seconds, baseline)
    _row(f"cloudformation of {GRANTS} grants, {IN_ONE_TEMPLATE} a template", of_templates, baseline)


def _file() -> Declaration:
    grants = (
        Grant(GrantName(f"g{number}"), AccountId(str(111122220000 + number)), ("SecurityAudit", "AmazonS3FullAccess"))
        for number in range(GRANTS)
    )
    return Declaration(AccountId("444455556666"), tuple(grants))


def _parts(file: Declaration) -> list[Declaration]:
    starts = range(0, GRANTS, IN_ONE_TEMPLATE)
    return [Declaration(file.account, file.grants[start : start + IN_ONE_TEMPLATE]) for start in starts]


def _timed(work: Callable[[], str]) -> tuple[str, float]:
    began = time.perf_counter()
    made = work()
    return made, time.perf_counter() - began


def _row(name: str, seconds: float, baseline: float) -> None:
    print(f"{name:<52} {seconds:7.2f} s {seconds / baseline:6.1f} x")  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main()
