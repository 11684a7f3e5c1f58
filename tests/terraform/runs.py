"""Terraform as a person runs it: a folder, a mirror with the stand-in for hashicorp/aws, and the sandbox behind it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
HCL = ROOT / "terraform"
_SCHEMA = Path(__file__).with_name("schema.json")


def provider_mirror(folder: Path) -> Path:
    """Lay the stand-in into a filesystem mirror, and return the CLI configuration that knows no other place."""
    version = json.loads(_SCHEMA.read_text(encoding="utf-8"))["version"]
    place = folder / f"mirror/registry.terraform.io/hashicorp/aws/{version}/{_platform()}"
    place.mkdir(parents=True)
    program = place / f"terraform-provider-aws_v{version}_x5"
    start = f"exec {shlex.quote(sys.executable)} -m tests.terraform.standin\n"
    path = shlex.quote(f"{ROOT}{os.pathsep}{ROOT / 'src'}")
    program.write_text(f"#!/bin/sh\nPYTHONPATH={path}\nexport PYTHONPATH\n{start}", encoding="utf-8")
    program.chmod(0o755)
    configuration = folder / "terraform.rc"
    mirror = json.dumps(str(folder / "mirror"))
    configuration.write_text(
        f"disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n",
        encoding="utf-8",
    )
    return configuration


def _platform() -> str:
    said = subprocess.run(["terraform", "version", "-json"], check=True, capture_output=True, text=True)  # noqa: S607
    return str(json.loads(said.stdout)["platform"])


@dataclass
class Terraform:
    """Terraform in one folder.

    Attributes:
        folder: where the root module is.
        configuration: the CLI configuration of the mirror.
        environment: what differs from an empty environment, such as access keys.
    """

    folder: Path
    configuration: Path
    environment: dict[str, str] = field(default_factory=dict)

    def types(self, command: str, **variables: object) -> subprocess.CompletedProcess[str]:
        """Run the command line, without its word terraform; variables go by the environment as JSON."""
        return subprocess.run(
            ["terraform", *shlex.split(command)],  # noqa: S607 - a person's terraform, wherever it is
            check=False, stdin=subprocess.DEVNULL, text=True, cwd=self.folder, env=self._environment(variables),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def says(self, command: str, **variables: object) -> str:
        """Run what has to go well, and return what it says."""
        done = self.types(command, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _environment(self, variables: dict[str, object]) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TF_CLI_CONFIG_FILE": str(self.configuration),
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_ARGS": "-no-color",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            **{f"TF_VAR_{name}": json.dumps(value) for name, value in variables.items()},
            **self.environment,
        }


def copied(example: str, folder: Path) -> Path:
    """Copy the modules with an example, as a person would check them out, and return the example's folder."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.plan", "__pycache__")
    shutil.copytree(HCL, folder, ignore=ignored, dirs_exist_ok=True)
    return folder / "examples" / example
