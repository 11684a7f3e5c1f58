"""Customers' files drawn at random, always the same ones, written the many ways in which people write YAML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gatepass.domain.known_accounts import PRESETS

_FILES, _GRANTS = 12, 5
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# Terraform's reader follows YAML 1.1 for these, and its modules want them in quotes; numbers are written in more ways
# there too, such as 1e5.
_NOT_TEXT = ("y", "n", "yes", "no", "on", "off")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _is_text(word: str) -> bool:
    return word.lower() not in _NOT_TEXT and not word[:1].isdigit() and not word.startswith("-")


_WORDS = st.text(_LETTERS + "-", min_size=1, max_size=12).filter(_is_text)

_policies = st.sampled_from(
    (
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        "arn:aws:iam::444455556666:policy/team/Own",
    )
)
_documents = st.sampled_from(
    (
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}},
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Marked",
                    "Effect": "Allow",
                    "Action": ["ec2:Stop*", "ec2:Describe*"],
                    "Resource": ["arn:aws:ec2:*:*:instance/<&>${aws:PrincipalTag/host}"],
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}},
                },
                {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::ours/*"},
            ],
        },
    )
)
_zones = st.sampled_from((UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))))


@st.composite
def _instant(draw: st.DrawFn, day: int) -> object:
    instant = (_EPOCH + timedelta(days=day, minutes=draw(st.integers(0, 1439)))).astimezone(draw(_zones))
    return draw(
        st.sampled_from(
            (
                instant.isoformat(),
                instant.isoformat(sep=" "),
                instant.isoformat(timespec="minutes"),
                instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                instant,
            )
        )
    )


@st.composite
def _window(draw: st.DrawFn) -> dict[str, object]:
    ends = {"from": draw(_instant(draw(st.integers(0, 300)))), "until": draw(_instant(draw(st.integers(301, 900))))}
    return {end: ends[end] for end in draw(st.sampled_from((("from",), ("until",), ("from", "until"))))}


_optional: dict[str, st.SearchStrategy[Any]] = {
    "boundary": st.just("arn:aws:iam::444455556666:policy/PartnerBoundary"),
    "second_factor": st.sampled_from(("required", "none")),
    "principals": st.lists(st.sampled_from(("role/engineers/*", "user/ann", "role/?ns")), max_size=3, unique=True),
    "window": _window(),
    "session": st.sampled_from(("1h", "90m", "720m", "12h", "2h")),
    "source_ips": st.lists(
        st.sampled_from(("203.0.113.0/24", "198.51.100.7", "2001:DB8:0::/48", "2001:db8::1", "0.0.0.0/0")),
        max_size=3,
        unique=True,
    ),
    "require_source_identity": st.booleans(),
    "customer_key": st.just("7KQ2M9XW4T"),
    "seal_to": st.just("age1" + "q" * 58),
    "custom_policy": st.one_of(_documents, st.sampled_from(("extra.json", "extra.yml"))),
}
_grants = st.fixed_dictionaries(
    {
        "provider": st.one_of(st.sampled_from(("012345670123", "111122223333")), st.sampled_from(sorted(PRESETS))),
        "permissions": st.lists(_policies, min_size=1, max_size=3, unique=True),
    },
    optional=_optional,
)
_files = st.fixed_dictionaries(
    {
        "gatepass": st.just("customer"),
        "version": st.just(1),
        "account": st.just("444455556666"),
        "grants": st.dictionaries(
            st.from_regex(r"\A[a-z][a-z0-9-]{0,11}\Z").filter(_is_text), _grants, min_size=_GRANTS, max_size=_GRANTS
        ),
    },
    optional={
        "naming": st.dictionaries(
            st.sampled_from(("org", "lifecycle", "location")),
            st.text(_LETTERS, min_size=1, max_size=6).filter(_is_text),
        ),
        "tags": st.dictionaries(_WORDS, st.one_of(_WORDS, st.sampled_from(("a, b", "true", "007", "")))),
        "notify": st.just({"webhook": "https://example.org/hook"}),
        "second_factor_store": st.just("ssm"),
    },
)


def drawn_files() -> list[dict[str, Any]]:
    """Return the data of files, with as many grants in all as are worth comparing."""
    found: list[dict[str, Any]] = []

    @seed(8)
    @settings(
        max_examples=_FILES,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(_files)
    def draw(data: dict[str, Any]) -> None:
        found.append(data)

    draw()
    return found


def written_files(folder: Path) -> Iterator[Path]:
    """Write each file, with the policies that they name, and yield where it is."""
    folder.mkdir()
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "*"}]}'
    )
    (folder / "extra.json").write_text(policy, encoding="utf-8")
    text = "Version: 2012-10-17\nStatement:\n  - {Effect: Allow, Action: [s3:ListBucket, 's3:Get*'], Resource: '*'}\n"
    (folder / "extra.yml").write_text(text, encoding="utf-8")
    yaml = YAML(typ="safe", pure=True)
    # Terraform's reader wants a question mark inside [ ] in quotes.
    yaml.default_flow_style = False
    for number, data in enumerate(drawn_files()):
        path = folder / f"drawn-{number}.yml"
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(data, file)
        yield path
