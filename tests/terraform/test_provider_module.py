"""The provider's side by Terraform: each team enters exactly its customers' roles, under its engineers' own names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from gatepass.adapters.provider_file import load_register
from gatepass.domain.documents import Document, parse_document
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import USER_NAME
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.prove_assignment import proves
from tests.conftest import CUSTOMER, PROVIDER, Cloud
from tests.terraform.runs import HCL, Terraform, copied

_POLICIES = HCL / "modules/customer-access/policies"
_ROOT = """
module "folder" {
  source   = "./policies"
  register = "${path.module}/register"
}
output "policies" {
  value = module.folder.policies
}
output "left_out" {
  value = module.folder.left_out
}
"""
_HEAD = """gatepass: provider
version: 1
account: "111122223333"
teams:
  netops: {iam_groups: [NetOps, OnCall], iam_roles: [NetOpsRole]}
  robots: {iam_roles: [Robots]}
  people: {identity_center_group: People}
"""
_CUSTOMERS = 100


def _register(folder: Path) -> None:
    """Write a register of many files: roles under our path and others, some with signs that mean something in a policy."""
    folder.mkdir()
    (folder / "provider.yml").write_text(_HEAD, encoding="utf-8")
    for number in range(_CUSTOMERS):
        account = f"{444455550000 + number}"
        paths = {"support": f"gatepass/HIO-DEV-EUW1-ServiceProvider-support-{number % 7}", "legacy": "a*b?/$x/Vendor"}
        roles = {grant: f"arn:aws:iam::{account}:role/{path}" for grant, path in paths.items()}
        teams = {
            "support": ["netops", *(["robots"] if number % 3 == 0 else [])],
            "legacy": ["netops"] * (number % 5 == 0),
        }
        access = {"access": "role"} if number % 10 == 1 else {}
        one = {"account": account, "key": f"KEY{number:08}", "roles": roles, "teams": teams, **access}
        if number == 7:
            one["teams"] = {"support": ["people"]}
        document = {"gatepass": "provider", "version": 1, "customers": {f"customer-{number}": one}}
        (folder / f"customer-{number}.yml").write_text(json.dumps(document), encoding="utf-8")


def test_the_policies_reach_exactly_the_teams_roles(configuration: Path, tmp_path: Path) -> None:
    """Proved by deciding every call, for a register whose teams need several policies."""
    shutil.copytree(_POLICIES, tmp_path / "policies")
    (tmp_path / "main.tf").write_text(_ROOT, encoding="utf-8")
    _register(tmp_path / "register")
    terraform = Terraform(tmp_path, configuration)
    terraform.says("init")
    terraform.says("apply -auto-approve")
    made = json.loads(terraform.says("output -json"))

    assigned = _assigned(tmp_path / "register")
    assert len(made["policies"]["value"]) > len(assigned)
    assert made["left_out"]["value"] == ["people to customer-7 support by permission-set"]
    for (team, means), roles in assigned.items():
        policies = [
            each for each in made["policies"]["value"].values() if (each["team"], each["means"]) == (team, means)
        ]
        documents: list[Document] = [parse_document(each["document"]) for each in policies]
        assert proves(documents, roles, own_name=USER_NAME if means == "group" else None) == ()
        assert all(document.size <= 6144 for document in documents)
        assert len(documents) <= 10


def _assigned(register: Path) -> dict[tuple[str, str], list[RoleArn]]:
    found: dict[tuple[str, str], list[RoleArn]] = {}
    for team, customer, _, role in load_register(register).register.assignments():
        means = (customer.access or team.means[0]).value
        if means in ("group", "role"):
            found.setdefault((str(team.name), means), []).append(role)
    return found


def test_the_example_lets_engineers_in_under_their_own_names_and_nobody_else(
    configuration: Path, tmp_path: Path
) -> None:
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        keys = aws.root_credentials(PROVIDER)
        place = {"AWS_ENDPOINT_URL": aws.endpoint, "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
        iam = cloud.client("iam", keys)
        iam.create_group(GroupName="NetOps")
        trust = {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"},
        }
        iam.create_role(RoleName="Auditors", AssumeRolePolicyDocument=json.dumps(trust))
        users = {name: cloud.user(PROVIDER, name, '{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}') for name in ("ann", "bob")}  # fmt: skip
        iam.add_user_to_group(GroupName="NetOps", UserName="ann")
        customer = cloud.client("iam", aws.root_credentials(CUSTOMER))
        for name in ("support", "audit"):
            trust["Statement"]["Action"] = json.loads('["sts:AssumeRole", "sts:SetSourceIdentity"]')  # type: ignore[index]
            role = f"ServiceProvider-111122223333-{name}"
            customer.create_role(RoleName=role, Path="/gatepass/", AssumeRolePolicyDocument=json.dumps(trust))
        terraform = Terraform(copied("provider", tmp_path / "hcl"), configuration, place)

        terraform.says("init")
        terraform.says("plan -out=provider.plan")
        terraform.says("apply provider.plan")

        assert terraform.types("plan -detailed-exitcode").returncode == 0
        attached = iam.list_attached_role_policies(RoleName="Auditors")["AttachedPolicies"]
        assert {each["PolicyName"] for each in attached} == {
            "gatepass-auditors-role-gatepass-1",
            "gatepass-auditors-role-other-1",
        }
        for name, grant, says in (("bob", "support", "bob"), ("ann", "audit", "ann"), ("ann", "support", "bob")):
            with pytest.raises(ClientError, match="AccessDenied"):
                _enter(cloud, users[name], grant, says)
        _enter(cloud, users["ann"], "support", "ann")


def _enter(cloud: Cloud, keys: tuple[str, str], grant: str, name: str) -> None:
    arn = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-111122223333-{grant}"
    cloud.client("sts", keys).assume_role(RoleArn=arn, RoleSessionName=name, SourceIdentity=name)
