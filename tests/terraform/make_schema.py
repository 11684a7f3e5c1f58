"""Write schema.json: what hashicorp/aws says of the few resources we use, read from a public wheel.

The wheel `cdktn-provider-aws` (MPL-2.0) is generated from the provider's own schema. It is downloaded, read and thrown
away. Nested blocks are left out: the modules use none. What it does not tell (what forces a new resource, defaults)
stands in the stand-in by hand.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL = "cdktn-provider-aws==25.8.1"
SCHEMA = Path(__file__).with_name("schema.json")
RESOURCES = (
    "iam_role",
    "iam_role_policy",
    "iam_role_policy_attachment",
    "iam_policy",
    "iam_group_policy_attachment",
)
DATA_SOURCES = ("caller_identity", "partition", "iam_policy", "iam_role", "iam_roles")

# One comment and one getter for each attribute of a class.
_ATTRIBUTE = re.compile(
    r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n"
    r"(?:\s+_\w+[^\n]*\n)?\s+get \w+\(\) \{\n\s+return (?:this|cdktn\.Fn)\.([^;]+);"
)
_TYPES: dict[str, object] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "tolist": ["set", "string"],
    "getStringMapAttribute": ["map", "string"],
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "stringList": ["set", "string"],
}
_WRITTEN = re.compile(r'(\w+): \{\n\s+value: [^\n]*\n\s+isBlock: false,\n\s+type: "\w+",\n\s+storageClassType: "(\w+)"')
_VERSION = re.compile(r"providerVersion: '([\d.]+)'")


def main() -> None:
    """Download the wheel, and write the schema beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        # Some indexes write links that pip warns about; only what goes wrong counts.
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL]
        subprocess.run(argv, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        written = _schema(wheel)
    SCHEMA.write_text(json.dumps(written, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _schema(wheel: Path) -> dict[str, object]:
    with zipfile.ZipFile(wheel) as archive:
        (inner,) = (name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        packed = archive.read(inner)
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        folders = {
            f"package/lib/{_folder(name)}/index.js" for name in (*RESOURCES, *(f"data_aws_{d}" for d in DATA_SOURCES))
        }
        wanted = {*folders, "package/lib/provider/index.js"}
        texts = {member.name.split("/")[2]: _text(package, member) for member in package if member.name in wanted}
    version = _VERSION.search(texts["iam-role"])
    if version is None:
        raise SystemExit("the wheel does not say which provider it was made from")
    return {
        "source": {"wheel": WHEEL, "provider": f"hashicorp/aws {version[1]}", "licence": "MPL-2.0"},
        "version": version[1],
        "provider": _attributes(texts["provider"]),
        "resources": {f"aws_{name}": _attributes(texts[_folder(name)]) for name in RESOURCES},
        "data_sources": {f"aws_{name}": _attributes(texts[_folder(f"data_aws_{name}")]) for name in DATA_SOURCES},
    }


def _folder(name: str) -> str:
    return name.replace("_", "-")


def _text(package: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    stream = package.extractfile(member)
    if stream is None:
        raise SystemExit(f"{member.name} is not a file")
    # The source map behind it is one endless line.
    return stream.read().decode().partition("//# sourceMappingURL")[0]


def _attributes(text: str) -> dict[str, object]:
    """Return the attributes of the resource itself, which is the last class of its module."""
    body = text[text.rindex("\nclass ") :]
    # What can be written names its type here; blocks are told apart only here.
    written = {name: _TYPES[kind] for name, kind in _WRITTEN.findall(body) if kind in _TYPES}
    found: dict[str, object] = {}
    for name, computed, optional, required, getter in _ATTRIBUTE.findall(body):
        kind = _TYPES.get(getter.split("(")[0], written.get(name))
        if kind is not None:
            says = {"computed": computed, "optional": optional, "required": required}
            found[name] = {"type": kind, **{word: True for word, value in says.items() if value == "true"}}
    return found


if __name__ == "__main__":
    main()
