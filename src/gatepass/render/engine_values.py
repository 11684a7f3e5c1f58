"""The values of the variables by which other engines get external IDs; the texts hold them in clear."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName
from gatepass.domain.sealed_factors import Factor
from gatepass.domain.trust import instant_text
from gatepass.render.cloudformation_names import grant_names


def terraform_values(factors: Mapping[GrantName, Factor]) -> str:
    """Return the text of an ``.auto.tfvars.json``."""
    ids = {
        str(name): [
            factor.external_id.reveal(),
            *([factor.also_valid.external_id.reveal()] if factor.also_valid else []),
        ]
        for name, factor in factors.items()
    }
    ends = {str(name): instant_text(factor.also_valid.until) for name, factor in factors.items() if factor.also_valid}
    return json.dumps({"external_ids": ids, **({"overlap_ends": ends} if ends else {})}, indent=2) + "\n"


def cloudformation_values(declaration: Declaration, factors: Mapping[GrantName, Factor]) -> str:
    """Return the text of a file of parameters, as the AWS CLI reads it."""
    values: dict[str, str] = {}
    grants = [grant.name for grant in declaration.grants]
    for name, names in zip(grants, grant_names(grants), strict=True):
        factor = factors.get(name)
        if factor is not None:
            values[names.external_id] = factor.external_id.reveal()
        if factor is not None and factor.also_valid is not None:
            values[names.old_id] = factor.also_valid.external_id.reveal()
            values[names.old_id_until] = instant_text(factor.also_valid.until)
    listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    return json.dumps(listed, indent=2) + "\n"
