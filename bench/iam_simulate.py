"""Decisions a second of the npm package @cloud-copilot/iam-simulate, where node and the package are present.

For comparison only: nothing of ours uses it. Install it anywhere (``npm install @cloud-copilot/iam-simulate``) and
name its ``node_modules`` in the environment variable NODE_PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gatepass.decision.request import Request

_PACKAGE = "@cloud-copilot/iam-simulate"
_SECONDS = 2.0
_SCRIPT = """
const { runSimulation } = require('@cloud-copilot/iam-simulate');
const { cases, seconds } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const answers = [];
  for (const each of cases) {
    const answer = await runSimulation(each, {});
    answers.push(answer.overallResult === 'Allowed');
  }
  let count = 0;
  const began = process.hrtime.bigint();
  let took = 0;
  while (took < seconds) {
    for (const each of cases) await runSimulation(each, {});
    count += cases.length;
    took = Number(process.hrtime.bigint() - began) / 1e9;
  }
  console.log(JSON.stringify({ answers, rate: count / took }));
})();
"""


def is_present() -> bool:
    """Say whether node finds the package."""
    folders = [Path(each) for each in os.environ.get("NODE_PATH", "").split(os.pathsep) if each]
    return shutil.which("node") is not None and any((each / _PACKAGE).is_dir() for each in folders)


def measured(requests: Sequence[Request], policies: Mapping[str, object]) -> tuple[float, list[bool]]:
    """Return decisions a second, and which requests were allowed.

    Args:
        requests: what is asked, all on the same policies.
        policies: these, in the package's own form.
    """
    cases = [{**_NO_POLICIES, **policies, "request": _request(each)} for each in requests]
    finished = subprocess.run(
        [shutil.which("node") or "node", "-e", _SCRIPT],
        check=True,
        capture_output=True,
        text=True,
        input=json.dumps({"cases": cases, "seconds": _SECONDS}),
    )
    found = json.loads(finished.stdout)
    return float(found["rate"]), [bool(each) for each in found["answers"]]


def named(*documents: object) -> list[dict[str, object]]:
    """Return documents as the package lists them."""
    return [{"name": str(number), "policy": each} for number, each in enumerate(documents)]


_NO_POLICIES: dict[str, object] = {"identityPolicies": [], "serviceControlPolicies": [], "resourceControlPolicies": []}


def _request(request: Request) -> dict[str, object]:
    keys = {key: values[0] if len(values) == 1 else list(values) for key, values in request.context.items()}
    return {
        "principal": request.principal.arn,
        "action": request.action,
        "resource": {"resource": request.resource, "accountId": request.resource_account},
        "contextVariables": keys,
    }
