"""Pasted credentials: read in every form that people paste, refused when half, and never repeated."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.adapters.pasted_credentials import parse_credentials
from gatepass.domain.errors import InvalidInput
from gatepass.domain.session import Credentials

KEY, SECRET, TOKEN = "ASIAEXAMPLEEXAMPLE00", "secret/MARKER+one", "token//MARKER=="
LONG_KEY = "AKIAEXAMPLEEXAMPLE00"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 18, tzinfo=UTC)
MILLISECONDS = int(EVENING.timestamp() * 1000)
SHORT_LIVED = Credentials(KEY, SECRET, TOKEN)
PARTS = (("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", TOKEN))
# One line of each shell or tool, for one variable.
LINES = {
    "bash": "export {0}={1}",
    "bash, quoted": 'export {0}="{1}"',
    "bash, single quotes": "export {0}='{1}'",
    "bash with its prompt": "$ export {0}={1}",
    "zsh with a long prompt": "me@laptop ~/work (main) % export {0}={1}",
    "root's prompt": "[root@host ~]# export {0}={1};",
    "without export": "{0}={1}",
    "declare": 'declare -x {0}="{1}"',
    "docker": "-e {0}={1} \\",
    "PowerShell": '$Env:{0}="{1}"',
    "PowerShell with its prompt": 'PS C:\\Users\\me> $env:{0} = "{1}"',
    "PowerShell's other way": '[Environment]::SetEnvironmentVariable("{0}", "{1}")',
    "PowerShell's long way": 'Set-Item -Path env:{0} -Value "{1}"',
    "cmd": "set {0}={1}",
    "cmd with its prompt": "C:\\>set {0}={1}",
    "setx": 'setx {0} "{1}"',
    "fish": "set -gx {0} {1};",
    "fish, quoted": 'set -x {0} "{1}"',
    "tcsh": "setenv {0} {1}",
    "nushell": '$env.{0} = "{1}"',
    "Python": 'os.environ["{0}"] = "{1}"',
    "YAML": '  {0}: "{1}"',
    "a web page's quotes": "export {0}=\u201c{1}\u201d",
    "spaces that do not break": "export\u00a0{0}={1}\u00a0",
}
ANSWERS: dict[str, dict[str, object]] = {
    "credential_process": {"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET, "SessionToken": TOKEN},
    "aws sts assume-role": {
        "Credentials": {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "SessionToken": TOKEN},
        "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:n", "Arn": "arn:aws:sts::111122223333:assumed-role/r/n"},
    },
    "aws sso get-role-credentials": {
        "roleCredentials": {"accessKeyId": KEY, "secretAccessKey": SECRET, "sessionToken": TOKEN, "expiration": MILLISECONDS}
    },
    "aws cognito-identity": {"IdentityId": "i", "Credentials": {"AccessKeyId": KEY, "SecretKey": SECRET, "SessionToken": TOKEN, "Expiration": EVENING.timestamp()}},
    "an instance": {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": "2026-11-22T18:00:00Z"},
    "the CLI's cache": {"ProviderType": "sso", "Credentials": {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "SessionToken": TOKEN, "Expiration": "2026-11-22T18:00:00Z", "AccountId": "111122223333"}},
}  # fmt: skip


def repeated(error: InvalidInput) -> bool:
    return "MARKER" in f"{error.what}{error.why}{error.next_step}{error.args}"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no access key ID and no secret access key"),
        (f"export AWS_ACCESS_KEY_ID={KEY}\n", "no secret access key"),
        (f"export AWS_SECRET_ACCESS_KEY={SECRET}\nexport AWS_SESSION_TOKEN={TOKEN}\n", "no access key ID"),
        (f"export AWS_ACCESS_KEY_ID={KEY}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n", "session token is missing"),
        (f"export AWS_ACCESS_KEY_ID={KEY[:-3]}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n", "is not one"),
        (f"AWS_ACCESS_KEY_ID=short\nAWS_SECRET_ACCESS_KEY={SECRET}\n", "is not one"),
        (f'export AWS_ACCESS_KEY_ID={KEY}\nexport AWS_SECRET_ACCESS_KEY="{SECRET}', "no closing quotation mark"),
        (f"AWS_ACCESS_KEY_ID={LONG_KEY}\nAWS_SECRET_ACCESS_KEY='", "no closing quotation mark"),
        (f"AWS_ACCESS_KEY_ID={LONG_KEY}\nAWS_SECRET_ACCESS_KEY=MARKER\nMARKERrestOfTheSecretKey\n", "several lines"),
        (f"AWS_ACCESS_KEY_ID={LONG_KEY}\nAWS_SECRET_ACCESS_KEY=MARKER****\n", "not whole"),
        (f"AWS_ACCESS_KEY_ID={LONG_KEY}\nAWS_SECRET_ACCESS_KEY=MARKER...\n", "not whole"),
        (f"AWS_ACCESS_KEY_ID={LONG_KEY}\nAWS_SECRET_ACCESS_KEY=MÄRKER\n", "not whole"),
        ('{"AccessKeyId": "ASIA', "not whole JSON"),
        (json.dumps(ANSWERS["an instance"] | {"Code": "Failed"}), "gave no credentials"),
        ('{"Account": "111122223333"}', "no access key ID and no secret"),
        (f"AWS_ACCESS_KEY_ID={KEY}\nAWS_ACCESS_KEY_ID={LONG_KEY}\nAWS_SECRET_ACCESS_KEY=x\n", "two different"),
        (json.dumps([ANSWERS["an instance"], {"AccessKeyId": LONG_KEY, "SecretAccessKey": SECRET}], indent=2), "two different"),
        (json.dumps(ANSWERS["an instance"] | {"Expiration": "MARKER"}), "expiry is not a date"),
        (json.dumps(ANSWERS["an instance"] | {"Expiration": 1e300}), "expiry is not a date"),
        (json.dumps(ANSWERS["an instance"] | {"Expiration": "2026-11-22T11:59:00Z"}), "have expired"),
    ],
)  # fmt: skip
def test_half_a_paste_is_refused_without_repeating_it(text: str, what: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_credentials(text, NOW)

    assert what in caught.value.what
    assert not repeated(caught.value)


def test_what_has_expired_says_how_long_ago() -> None:
    for form in ("2026-11-22T10:30:00Z", "2026-11-22T11:30:00+01:00", "2026-11-22 10:30:00"):
        with pytest.raises(InvalidInput, match="expired") as caught:
            parse_credentials(
                "\n".join(f"{n}={v}" for n, v in (*PARTS, ("AWS_CREDENTIAL_EXPIRATION", f'"{form}"'))), NOW
            )
        assert "1 h 30 min ago" in caught.value.why


@pytest.mark.parametrize("form", LINES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_credentials_are_read_from_the_lines_of_every_shell(form: str, ending: str) -> None:
    text = "\ufeff" + "".join(LINES[form].format(name, value) + ending for name, value in PARTS)

    assert parse_credentials(text, NOW) == SHORT_LIVED


@pytest.mark.parametrize("joined", [" ", "; ", " && ", "&"])
def test_several_assignments_may_share_a_line(joined: str) -> None:
    assert parse_credentials(joined.join(f"set {name}={value}" for name, value in PARTS), NOW) == SHORT_LIVED


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("before", ["", "\ufeff", "$ aws sts assume-role --role-arn x\n"])
def test_credentials_are_read_from_the_json_of_every_tool(answer: str, before: str) -> None:
    found = parse_credentials(f"{before}{json.dumps(ANSWERS[answer], indent=4)}\n$ ", NOW)

    assert (found.access_key_id, found.secret_access_key, found.session_token) == (KEY, SECRET, TOKEN)
    assert found.expires_at == (EVENING if "xpiration" in json.dumps(ANSWERS[answer]) else None)


def test_an_iam_users_key_is_read_as_the_aws_command_and_the_console_print_it() -> None:
    printed = (
        f'{{"AccessKey": {{"UserName": "n", "AccessKeyId": "{LONG_KEY}", "SecretAccessKey": "s", "Status": "Active"}}}}'
    )
    handed_out = f"\ufeffAccess key ID,Secret access key\r\n{LONG_KEY},s\r\n"

    assert parse_credentials(printed, NOW) == parse_credentials(handed_out, NOW) == Credentials(LONG_KEY, "s")


def profile(name: str, key: str) -> str:
    return f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key={SECRET}\naws_session_token={TOKEN}\nregion = eu-west-1\n"


def test_a_profile_is_read_as_the_access_portal_hands_it_out() -> None:
    assert parse_credentials(profile("444455556666_Admin", KEY), NOW) == SHORT_LIVED


def test_of_several_profiles_one_must_be_named() -> None:
    several = profile("MARKER-one", KEY) + profile("two", LONG_KEY)

    with pytest.raises(InvalidInput, match="2 profiles were pasted") as caught:
        parse_credentials(several, NOW)
    assert not repeated(caught.value)
    with pytest.raises(InvalidInput, match="no profile of that name") as caught:
        parse_credentials(several, NOW, "three")
    assert not repeated(caught.value)
    assert parse_credentials(several, NOW, "two").access_key_id == LONG_KEY


def test_the_same_profile_twice_is_no_question() -> None:
    assert parse_credentials(profile("one", KEY) + profile("two", KEY), NOW) == SHORT_LIVED


WORDS = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+", min_size=1, max_size=60)


@given(
    st.sampled_from(sorted(LINES)), st.text("ABCDEFGHIJKLMNOP234567", min_size=16, max_size=16), WORDS, WORDS,
    st.permutations(range(3)),
)  # fmt: skip
def test_whatever_the_values_and_their_order_they_come_back(
    form: str, key: str, secret: str, token: str, order: list[int]
) -> None:
    values = [("AWS_ACCESS_KEY_ID", f"ASIA{key}"), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", token)]
    text = "\n".join(LINES[form].format(*values[each]) for each in order)

    assert parse_credentials(text, NOW) == Credentials(f"ASIA{key}", secret, token)


@given(st.sampled_from(sorted(ANSWERS)), st.integers(min_value=0, max_value=400))
def test_a_cut_off_answer_is_refused(answer: str, kept: int) -> None:
    whole = json.dumps(ANSWERS[answer])

    with pytest.raises(InvalidInput) as caught:
        parse_credentials(whole[: min(kept, len(whole) - 1)], NOW)
    assert not repeated(caught.value)


@given(st.text(max_size=200) | st.text("{}[]\"'=: \nAWS_ACCESS_KEY_ID", max_size=200) | st.recursive(
    st.none() | st.floats() | st.text(max_size=20), lambda inner: st.dictionaries(st.sampled_from(["AccessKeyId", "Expiration", "x"]), inner)
).map(json.dumps))  # fmt: skip
def test_no_paste_ends_in_a_traceback(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert parse_credentials(text, NOW).access_key_id


def test_the_expiry_must_lie_ahead() -> None:
    text = json.dumps(ANSWERS["an instance"])

    assert parse_credentials(text, EVENING - timedelta(seconds=1)).expires_at == EVENING
    with pytest.raises(InvalidInput, match="have expired"):
        parse_credentials(text, EVENING)
