"""A fake platform for trying by hand, with a sandbox and both sides' files: ``python -m tests.platforms.fake scalr``.

It needs terraform on PATH. It ends with Ctrl-C, and leaves nothing behind.
"""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
from pathlib import Path

from tests.cli.person import Person
from tests.platforms.fake.platform import Api
from tests.platforms.scene import Scene, scene
from tests.terraform.runs import provider_mirror


def main() -> None:
    """Start everything, say what to type where, and stay until Ctrl-C."""
    api = Api(sys.argv[1] if len(sys.argv) > 1 else "scalr")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="platform-by-hand-") as made:
        home = Path(made)
        (home / "terraform").mkdir()
        with scene(api, home, provider_mirror(home / "terraform")) as everybody:
            _tell(everybody)
            try:
                signal.pause()
            except KeyboardInterrupt:
                sys.stdout.write("\nended\n")


def _tell(everybody: Scene) -> None:
    people = {
        "administrator": ("the customer's administrator", everybody.admin),
        "nightly-job": ("the same without AWS credentials", everybody.cron),
        "access-lead": ("the provider's access lead", everybody.lead),
        "engineer": ("the provider's engineer", everybody.engineer),
    }
    for file, (name, person) in people.items():
        path = everybody.admin.home.parent / f"{file}.env"
        path.write_text(_exports(person), encoding="utf-8")
        sys.stdout.write(f"as {name}, in a shell:\n  . {path}\n")
    sys.stdout.write(f"the customer begins with: gatepass apply own.yml; {everybody.verb} setup\n")
    sys.stdout.flush()


def _exports(person: Person) -> str:
    around = {
        "HOME": str(person.home),
        "XDG_STATE_HOME": str(person.home / "state"),
        "AWS_CONFIG_FILE": str(person.home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(person.home / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
        **person.environment,
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in around.items()]
    return "\n".join(
        ["unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", *lines, f"cd {shlex.quote(str(person.home))}", ""]
    )


if __name__ == "__main__":
    main()
