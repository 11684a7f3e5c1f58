"""A wrong file gets one error of Terraform's own, which names each wrong key; nothing secret is in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.terraform.runs import HCL, Terraform

_ROOT = """
variable "ids" {{
  type      = map(map(list(string)))
  sensitive = true
}}
module "policies" {{
  for_each     = toset({files})
  source       = "./service-provider-access/policies"
  file         = each.key
  external_ids = lookup(var.ids, each.key, {{}})
}}
module "teams" {{
  for_each = toset({registers})
  source   = "./customer-access/policies"
  register = each.key
}}
"""
_HEAD = 'gatepass: customer\nversion: 1\naccount: "444455556666"\n'
_GOOD = '  support: {provider: "111122223333", permissions: [SecurityAudit]}\n'

# The file's text, and what Terraform has to say about it.
_WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "bare-numbers": (
        "gatepass: customer\nversion: 1\naccount: 444455556666\ngrants:\n  support: {provider: 012345670123, permissions: [SecurityAudit]}\n",
        ("account: is not quoted", "grants.support.provider: is not quoted"),
    ),
    "unknown-keys": (
        _HEAD + 'grant: {}\ngrants:\n  support: {provider: "111122223333", permissions: [SecurityAudit], sesion: 2h}\nnaming: {team: a}\n',
        ("grant: unknown key", "grants.support.sesion: unknown key; use only: boundary,", "naming.team: unknown key"),
    ),
    "another-kind": ("gatepass: provider\nversion: 2\n", ("gatepass: this is not a customer's file", "version: this", "account: the account number is missing", "grants: no grant")),
    "nothing": ("~\n", ("gatepass: this is not a customer's file", "grants: no grant")),
    "a-list": ("- a\n", ("gatepass: this is not a customer's file",)),
    "empty-grant": (_HEAD + "grants:\n  support:\n", ("grants.support: write provider and permissions", "grants.support.provider: the provider is missing", "grants.support.permissions: this grant gives no permission")),
    "values": (
        _HEAD
        + """grants:
  "1st": {provider: "111122223333", permissions: [SecurityAudit]}
  a: {provider: vercelish, permissions: "SecurityAudit"}
  b: {provider: "1111", permissions: [Security Audit], session: 13h}
  c: {provider: "444455556666", permissions: [SecurityAudit], session: 3600}
  d: {provider: "111122223333", permissions: [], second_factor: maybe, boundary: Mine, role: Old, keeps_roles: true}
  e: {provider: "111122223333", permissions: [SecurityAudit], principals: [ann], source_ips: [203.0.113.9/24, 300.1.1.1], require_source_identity: "true"}
  f: {provider: "111122223333", permissions: [SecurityAudit], window: {from: tomorrow, to: 2026-01-01T00:00:00Z}}
  g: {provider: "111122223333", permissions: [SecurityAudit], window: {from: 2026-02-01T00:00:00Z, until: 2026-01-31T23:30:00-00:30}}
  h: {provider: "111122223333", custom_policy: nowhere.json}
  i: {provider: "111122223333", permissions: [arn:aws:iam::111122223333:role/No], boundary: arn:aws:iam::999900001111:policy/Theirs}
tags: {"aws:x": "1", "n": 7}
""",
        (
            "grants.1st: a grant's name",
            "grants.a.provider: no provider is known by this name",
            "grants.a.permissions: write a list",
            "grants.b.provider: an account number has exactly 12 digits",
            "grants.b.permissions[0]: a policy is written",
            "grants.b.session: write hours",
            "grants.c.provider: this is your own account",
            "grants.c.session: write hours",
            "grants.d.permissions: this grant gives no permission",
            "grants.d.second_factor: write required or none",
            "grants.d.boundary: a boundary is the ARN",
            "grants.d.role: Terraform makes its own roles",
            "grants.d.keeps_roles: Terraform does not keep the role",
            "grants.e.principals[0]: write role/PATH/NAME",
            "grants.e.source_ips[0]: write a range",
            "grants.e.source_ips[1]: write a range",
            "grants.e.require_source_identity: write true or false",
            "grants.f.window.from: write an instant",
            "grants.f.window.to: unknown key",
            "grants.g.window: it ends before it begins",
            "grants.h.custom_policy: no policy with a Statement",
            "grants.i.permissions[0]: a policy is written",
            "grants.i.boundary: it stands in another account",
            "tags.aws:x: a key has",
            "tags.n: is not quoted",
        ),
    ),
    "same-names": (_HEAD + "grants:\n" + _GOOD + _GOOD.replace("support", "Support"), ("grants: two names differ by case only",)),
    "ids": (
        _HEAD + "grants:\n" + _GOOD + _GOOD.replace("support", "free").replace("}", ", second_factor: none}") + _GOOD.replace("support", "many") + _GOOD.replace("support", "endless"),
        (
            'external_ids["suport"]: ids.yml has no grant of this name; it has: endless, free, many, support',
            'external_ids["support"]: STS takes 2 to 1,224',
            'external_ids["support"]: the same external ID stands twice',
            'external_ids["free"]: the file says second_factor: none',
            'external_ids["many"]: at most two',
            'external_ids["endless"]: two external IDs: say in overlap_ends until when',
        ),
    ),
}  # fmt: skip
_IDS = {
    "suport": ["never-shown-1"],
    "support": ["never shown", "never shown"],
    "free": ["never-shown-2"],
    "many": ["never-shown-3", "never-shown-4", "never-shown-5"],
    "endless": ["never-shown-6", "never-shown-7"],
}

_REGISTER = """gatepass: provider
version: 1
account: "111122223333"
teams:
  netops: {iam_group: [NetOps]}
customers:
  acme:
    account: 444455556666
    key: 7KQ2M9XW4T
    roles: {support: arn:aws:iam::444455556666:role/gatepass/S, audit: arn:aws:iam::777788889999:role/A}
    teams: {support: [netop], admin: [netops]}
  birch:
    account: "444455556666"
    key: 3HB8N5RQ2W
    acess: group
    roles: {support: arn:aws:iam::444455556666:role/other/s}
"""
_REGISTER_ERRORS = (
    "teams.netops.iam_group: unknown key",
    "customers.acme.account: is not quoted",
    "customers.acme.roles.audit: this role stands in another account",
    "customers.acme.teams.support: there is no team netop",
    "customers.acme.teams.admin: the customer has no role for this grant",
    "customers.birch.acess: unknown key",
    "customers.acme.roles.support and customers.birch.roles.support: one role belongs",
)


def test_every_wrong_key_is_named_and_no_external_id(configuration: Path, tmp_path: Path) -> None:
    """All the files in one run: a module for each, and each has an error of its own."""
    shutil.copytree(HCL / "modules", tmp_path, dirs_exist_ok=True)
    for name, (text, _) in _WRONG.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    (tmp_path / "register.yml").write_text(_REGISTER, encoding="utf-8")
    files = "[" + ", ".join(f'"{name}.yml"' for name in _WRONG) + "]"
    (tmp_path / "main.tf").write_text(_ROOT.format(files=files, registers='["register.yml"]'), encoding="utf-8")
    terraform = Terraform(tmp_path, configuration)
    terraform.says("init")

    done = terraform.types("plan", ids={"ids.yml": _IDS})

    said = {part.split(" cannot be used:")[0].split()[-1]: part for part in done.stdout.split("Error: ")[1:]}
    assert done.returncode == 1
    assert set(said) == {*(f"{name}.yml" for name in _WRONG), "register.yml"}, done.stdout
    for name, (_, expected) in {**_WRONG, "register": ("", _REGISTER_ERRORS)}.items():
        lines = [line.removeprefix("  - ") for line in said[f"{name}.yml"].splitlines()]
        for words in expected:
            assert any(line.startswith(words) for line in lines), f"{words}\n{said[f'{name}.yml']}"
    assert "never" not in done.stdout
