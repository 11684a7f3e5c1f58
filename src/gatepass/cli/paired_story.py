"""The story of a handover by files: the provider offers, the customer accepts, and nobody mails a secret."""

from __future__ import annotations

from gatepass.cli.demo_story import BUCKETS, ROLE, Facts, Scene, Step

REGISTER_FILE = """\
gatepass: provider
version: 1
account: "111122223333"
teams:
  netops: {iam_groups: [NetOps]}
customers: {}
"""
_OFFER = (
    "gatepass offer acme-prod --customer-account 444455556666 --grant support"
    " --permissions AmazonS3FullAccess,AmazonEC2ReadOnlyAccess --reason 'run your buckets' --for 90d -o acme.offer.json"
)


def _loads(name: str) -> Step:
    def keys(facts: Facts) -> str:
        return facts.keys(name)

    return Step(name, "gatepass creds load", "done", (f"user/{name}",), keys, f"gatepass creds load < {name}-key.json")


PAIRED_STORY = (
    Scene(
        "1. The provider offers. The customer compares the key by telephone, accepts, and hands over a pass.",
        (
            Step("lead", "gatepass keys init --name Harbour", "done", ("fingerprint: ",)),
            Step("lead", _OFFER, "done", ("written: acme.offer.json",)),
            Step(
                "admin", "gatepass review acme.offer.json", "done", ("cannot:", "key: "), brings="lead/acme.offer.json"
            ),
            Step("admin", "gatepass accept acme.offer.json --yes --trust-key", "done", ("written: grant support",)),
            Step("admin", "gatepass apply access.yml --yes", "done", (ROLE,)),
            Step("admin", "gatepass pass support -o acme.pass.json", "done", ("second factor: sealed",)),
        ),
    ),
    Scene(
        "2. The provider proves that the door opens to the right key only, and lets its team in.",
        (
            Step(
                "lead",
                "gatepass admit acme.pass.json --team support=netops --yes",
                "done",
                ("handshake:     sound", "admitted: acme-prod/support"),
                brings="admin/acme.pass.json",
            ),
            Step("lead", "gatepass apply customers.yml --yes", "done", ("netops: 1 customer by group NetOps, +1",)),
            _loads("netops-1"),
            Step(
                "netops-1",
                "gatepass sudo acme-prod",
                "done",
                ("in customer account 444455556666",),
                brings="lead/customers.yml",
            ),
            _loads("helpdesk-1"),
            Step(
                "helpdesk-1",
                "gatepass sudo acme-prod",
                "refused",
                ("acme-prod/support is for: netops",),
                brings="lead/customers.yml",
            ),
        ),
    ),
    Scene(
        "3. Inside: always knowing whose account it is, and no more than was granted.",
        (
            Step("netops-1", "gatepass whoami", "done", ("444455556666", "customer", "source identity: netops-1")),
            Step("netops-1", "gatepass list s3bucket", "done", BUCKETS),
            Step("netops-1", "gatepass list eks-clusters", "refused", ("AccessDenied", "eks:ListClusters")),
        ),
    ),
)
