"""300 customers' grants by Terraform with the stand-in for hashicorp/aws: seconds to plan and to apply.

Run it from the project's root: ``.venv/bin/python -m bench.terraform``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gatepass.sandbox.embedded import EmbeddedAws
from tests.terraform.runs import HCL, Terraform, provider_mirror

GRANTS = 300
WANTED_SECONDS = 25.0
_ACCOUNT = "444455556666"
_GRANT = '  support-{0}: {{provider: "{1}", permissions: [AmazonS3FullAccess], session: 2h}}\n'


def main() -> None:
    """Print what a plan of many grants takes, against one of a single grant."""
    if shutil.which("terraform") is None:
        sys.stdout.write("terraform is not on PATH: nothing was measured\n")
        return
    with tempfile.TemporaryDirectory() as folder, EmbeddedAws() as aws:
        keys = aws.root_credentials(_ACCOUNT)
        place = {"AWS_ENDPOINT_URL": aws.endpoint, "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
        root = Path(folder)
        configuration = provider_mirror(root)
        one, many = (_folder(root, grants) for grants in (1, GRANTS))
        ids = {f"support-{number}": [f"gp1.KEY{number:08}.made-up"] for number in range(GRANTS)}
        small = Terraform(one, configuration, place)
        small.says("init")
        baseline = _seconds(lambda: small.says("plan -out=customer.plan", external_ids={"support-0": ids["support-0"]}))
        _row("plan of 1 grant (baseline)", baseline, baseline)
        terraform = Terraform(many, configuration, place)
        terraform.says("init")
        planned = _seconds(lambda: terraform.says("plan -out=customer.plan", external_ids=ids))
        _row(f"plan of {GRANTS} grants", planned, baseline, f"wanted: under {WANTED_SECONDS:.0f} s")
        applied = _seconds(lambda: terraform.says("apply customer.plan"))
        _row(f"apply of {GRANTS} grants", applied, baseline, f"{GRANTS * 3} resources")
        again = _seconds(lambda: terraform.says("plan", external_ids=ids))
        _row("plan again, nothing to change", again, baseline, "every resource is read")


def _folder(root: Path, grants: int) -> Path:
    """Lay out the example with so many grants."""
    folder = root / f"grants-{grants}"
    shutil.copytree(HCL, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    head = f'gatepass: customer\nversion: 1\naccount: "{_ACCOUNT}"\ngrants:\n'
    body = "".join(_GRANT.format(number, 111122220000 + number) for number in range(grants))
    (folder / "examples/customer/example.yml").write_text(head + body, encoding="utf-8")
    return folder / "examples/customer"


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _row(name: str, seconds: float, baseline: float, remark: str = "") -> None:
    sys.stdout.write(f"{name:<50} {seconds:8.2f} s {seconds / baseline:8.1f} x  {remark}\n")


if __name__ == "__main__":
    main()
