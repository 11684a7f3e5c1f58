"""What is typed into each shell: in, deeper in, out again, with everything that could go wrong on the way."""

from __future__ import annotations

# Prints what other tools see, and whose session that is.
LOOK = """\
import json, os, sys
import boto3
names = {k: v for k, v in os.environ.items() if k.startswith(("AWS_", "GATEPASS_"))}
who = boto3.client("sts").get_caller_identity()["Arn"] if sys.argv[2:] else ""
json.dump({"names": names, "who": who}, open(sys.argv[1] + ".json", "w"))
"""

_POSIX = """\
{options}
eval "$(gatepass shell-init {shell} --no-prompt --no-completion)"
env > before.env
code=0
gatepass sudo --for 15m "$ROLE" gp1.AAAAAAAAAA.WRONGWRONGWRONGWRONG || code=$?
echo "refused: $code"
env > refused.env
gatepass sudo "$ROLE" --for 15m -- "$ID"
python look.py first call
gatepass assume --for 15m "$ROLE" < id.txt
gatepass region eu-central-1
python look.py second
gatepass whoami --json > whoami.json
code=0
gatepass exec -- sh -c 'env > exec.env; exit 7' || code=$?
echo "exec: $code"
{shell} {flags} nested.{shell}
python look.py kept
gatepass leave
python look.py third
gatepass status --json > status.json
gatepass leave
env > after.env
"""
# A shell that is started inside knows where it is, and what it leaves is its own matter.
_POSIX_NESTED = """\
{options}
eval "$(gatepass shell-init {shell} --no-prompt --no-completion)"
gatepass assume --help > help.txt
gatepass region > region.txt
env > inner.env
gatepass leave
env > nested.env
"""
_OPTIONS = {
    "bash": "set -euo pipefail",
    "zsh": "setopt err_exit no_unset pipe_fail no_sh_word_split warn_create_global",
}
_FISH = """\
gatepass shell-init fish --no-prompt --no-completion | source
env > before.env
gatepass sudo --for 15m $ROLE gp1.AAAAAAAAAA.WRONGWRONGWRONGWRONG
echo "refused: $status"
env > refused.env
gatepass sudo $ROLE --for 15m -- $ID; or exit
python look.py first call
gatepass assume --for 15m $ROLE < id.txt; or exit
gatepass region eu-central-1
python look.py second
gatepass whoami --json > whoami.json
gatepass exec -- sh -c 'env > exec.env; exit 7'
echo "exec: $status"
fish --no-config nested.fish
python look.py kept
gatepass leave
python look.py third
gatepass status --json > status.json
gatepass leave
env > after.env
"""
_FISH_NESTED = """\
gatepass shell-init fish --no-prompt --no-completion | source
gatepass assume --help > help.txt
gatepass region > region.txt
env > inner.env
gatepass leave
env > nested.env
"""
FLAGS = {"bash": "--norc", "zsh": "-f", "fish": "--no-config"}


def scripts(shell: str) -> tuple[str, str]:
    """Return the story, and what the shell that is started in its middle does."""
    if shell == "fish":
        return _FISH, _FISH_NESTED
    words = {"shell": shell, "flags": FLAGS[shell], "options": _OPTIONS[shell]}
    return _POSIX.format(**words), _POSIX_NESTED.format(**words)
