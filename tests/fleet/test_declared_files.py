"""Customers' files are read once for a run, and anew when somebody has edited them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepass.domain.errors import GatepassError
from gatepass.wiring.declared_files import declaration
from tests.people import GRANT

TEXT = 'gatepass: customer\nversion: 1\naccount: "444455556666"\ngrants:\n  support:\n    provider: "{provider}"\n'


def test_a_file_is_read_once_and_anew_when_it_was_edited(tmp_path: Path) -> None:
    file = tmp_path / "access.yml"
    with pytest.raises(GatepassError):
        declaration(file)
    file.write_text(TEXT.format(provider=GRANT.provider) + "    permissions: [AmazonS3FullAccess]\n", encoding="utf-8")

    assert declaration(file) is declaration(file)
    file.write_text(TEXT.format(provider="999988887777") + "    permissions: [SecurityAudit]\n", encoding="utf-8")
    (grant,) = declaration(file).grants
    assert str(grant.provider) == "999988887777"
