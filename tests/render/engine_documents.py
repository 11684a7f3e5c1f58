"""What a template or a configuration makes of a grant: trust, permissions and the rest, evaluated as the engine would."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatepass.domain.documents import Document, document

Json = dict[str, Any]
_NOTHING = object()


@dataclass(frozen=True)
class Template:
    """A template of CloudFormation with its parameters given, in one account."""

    template: Json
    parameters: Mapping[str, str]
    account: str = "444455556666"

    def roles(self) -> dict[str, Json]:
        """Return the properties of each role that is made, by the role's name."""
        found = {}
        for resource in self.template["Resources"].values():
            if "Condition" not in resource or self.holds(resource["Condition"]):
                properties = self.value(resource["Properties"])
                found[properties["RoleName"]] = properties
        return found

    def outputs(self) -> list[str]:
        """Return the names of the outputs that there are."""
        outputs = self.template["Outputs"].items()
        return [name for name, one in outputs if "Condition" not in one or self.holds(one["Condition"])]

    def complaints(self) -> list[str]:
        """Return what the rules say against the parameters."""
        found = [each for rule in self.template.get("Rules", {}).values() for each in rule["Assertions"]]
        return [each["AssertDescription"] for each in found if not self.holds(each["Assert"])]

    def holds(self, condition: Any) -> bool:  # noqa: ANN401 - JSON
        match condition:
            case str(name) | {"Condition": str(name)}:
                return self.holds(self.template["Conditions"][name])
            case {"Fn::Equals": [first, second]}:
                return bool(self.value(first) == self.value(second))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": list(inner)}:
                return all(self.holds(each) for each in inner)
            case {"Fn::Or": list(inner)}:
                return any(self.holds(each) for each in inner)
        raise AssertionError(condition)

    def value(self, value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON, one form a line
        match value:
            case {"Ref": "AWS::NoValue"}:
                return _NOTHING
            case {"Ref": str(name)}:
                return self._known(name)
            case {"Fn::If": [name, first, second]}:
                return self.value(first if self.holds(name) else second)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{(!?)([^}]*)\}", lambda found: self._substituted(found[1], found[2]), text)
            case dict():
                filled = {key: self.value(inner) for key, inner in value.items()}
                return {key: inner for key, inner in filled.items() if inner is not _NOTHING}
            case list():
                return [inner for inner in map(self.value, value) if inner is not _NOTHING]
        return value

    def _substituted(self, escape: str, name: str) -> str:
        return f"${{{name}}}" if escape else self._known(name)

    def _known(self, name: str) -> str:
        if name == "AWS::AccountId":
            return self.account
        return self.parameters.get(name, self.template["Parameters"][name]["Default"])


def documents_of(properties: Json) -> dict[str, Document]:
    """Return the trust and the inline policies of a role in a template, in canonical form."""
    inline = {each["PolicyName"]: document(each["PolicyDocument"]) for each in properties["Policies"]}
    return {"trust": document(_earliest(properties["AssumeRolePolicyDocument"])), **inline}


def _earliest(trust: Json) -> Json:
    """Return the trust with its ends in one: both instants have to be ahead, so the earlier one counts."""
    trust = json.loads(json.dumps(trust))
    for statement in trust["Statement"]:
        condition = statement.get("Condition", {})
        other = condition.pop("DateLessThanIfExists", None)
        if other is not None:
            ends = (condition["DateLessThan"]["aws:CurrentTime"], other["aws:CurrentTime"])
            condition["DateLessThan"] = {"aws:CurrentTime": min(ends)}
    return trust


def terraform_documents(
    text: str, states: Mapping[str, Mapping[str, object]], folder: Path
) -> dict[str, dict[str, dict[str, Document]]]:
    """Return the documents of each grant in each state, as Terraform itself evaluates them; no provider is needed.

    Args:
        text: the rendered configuration; only its variables, values and checks are kept.
        states: the values of the variables by the state's name.
        folder: where Terraform may work.
    """
    configuration = json.loads(text)
    names = list(configuration["output"]["role_arns"]["value"])
    kept = {key: configuration[key] for key in ("variable", "locals")}
    found = {name: _references(configuration, name) for name in names}
    checks = configuration["output"]["role_arns"]["precondition"]
    kept["output"] = {"documents": {"value": found, "precondition": checks, "sensitive": True}}
    (folder / "module").mkdir()
    (folder / "module" / "main.tf.json").write_text(json.dumps(kept))
    modules = {state: {"source": "./module", **values} for state, values in states.items()}
    outputs = {state: {"value": f"${{module.{state}.documents}}", "sensitive": True} for state in states}
    (folder / "main.tf.json").write_text(json.dumps({"module": modules, "output": outputs}))
    run_terraform(folder, "init")
    run_terraform(folder, "apply", "-auto-approve")
    answered = json.loads(run_terraform(folder, "output", "-json"))
    return {
        state: {
            name: {key: document(json.loads(one)) for key, one in documents.items() if one}
            for name, documents in output["value"].items()
        }
        for state, output in answered.items()
    }


def _references(configuration: Json, name: str) -> Json:
    """Return the expressions of a grant's documents; a policy that is counted to none is empty."""
    inline = configuration["resource"]["aws_iam_role_policy"]
    own = [each for each in inline.values() if each["role"] == f"${{aws_iam_role.{name}.name}}"]
    found = {"trust": configuration["resource"]["aws_iam_role"][name]["assume_role_policy"]}
    for each in own:
        text = each["policy"].removeprefix("${").removesuffix("}")
        count = each.get("count", "${1}").removeprefix("${").removesuffix("}")
        found[each["name"]] = f'${{({count}) == 1 ? {text} : ""}}'
    return found


def run_terraform(folder: Path, *words: str) -> str:
    """Run Terraform in the folder and return what it prints.

    Raises:
        AssertionError: it failed; with its own words.
    """
    settings = folder / "terraform.rc"
    settings.touch()
    done = subprocess.run(
        ["terraform", *words, *(["-no-color"] if words[0] != "output" else [])],  # noqa: S607 - found as people do
        check=False, cwd=folder, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TF_CLI_CONFIG_FILE": str(settings)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
