"""`[[webhooks]]`: what may be written there, and how mistakes are told."""

import pytest

from smsc.config import Config, ConfigError, parse

BASE = """
[[accounts]]
system_id = "fleet"
password = "secret"
addresses = ["1234", "FLEET"]
"""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def config(*hooks: str, more: str = "") -> Config:
    """Read a file with these webhooks, each the lines of its table but for name and URL."""
    tables = [
        f'[[webhooks]]\nname = "hook{at}"\n'
        + ("" if "url" in lines else 'url = "https://example.com/"\n')
        + lines
        for at, lines in enumerate(hooks)
    ]
    return parse(BASE + "\n".join(tables) + more, "smsc.toml")


def test_a_webhook_needs_no_more_than_a_name_and_a_url() -> None:
    (hook,) = config("").webhooks
    assert (hook.shape, hook.concurrency, hook.timeout.seconds) == ("native", 8, 15)
    assert not hook.allow_private


def test_voip_number_is_called_with_its_host_unless_another_is_named() -> None:
    hooks = config('shape = "voipnumber"', 'shape = "voipnumber"\nhost = ""', "").webhooks
    assert [hook.forged_host for hook in hooks] == ["api.voipnumber.net", "", ""]


def test_a_policy_may_deliver_to_a_webhook() -> None:
    policy = '\n[[policies]]\nname = "meters"\ndeliver_to = "hook0"\n'
    assert config("", more=policy).policies[0].deliver_to == "hook0"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('url = "ftp://example.com/"', "not a URL of HTTP"),
        ('url = "https:///path"', "not a URL of HTTP"),
        ('url = "https://user:pw@example.com/"', "whoever sees it"),
        ('url = "https://example.com/a b"', "characters of ASCII"),
        ('url = "https://example.com:99999/"', "not a URL"),
        ('url = "http://127.0.0.1/"', "set allow_private"),
        ('url = "http://[::ffff:10.0.0.1]/"', "set allow_private"),
        ('url = "http://localhost/"', "set allow_private"),
        ('shape = "emnfy"', "did you mean 'emnify'"),
        ('secrets = ["letmein"]', "whsec_"),
        ('secrets = ["whsec_c2hvcnQ="]', "24 to 64"),
        ('shape = "emnify"\nsecrets = ["a", "b"]', "one api_secret"),
        ('shape = "emnify"\nsecrets = [""]', "characters"),
        (f"secrets = {[SECRET] * 5}", "4 at most"),
        ('account = "fleeet"', "did you mean 'fleet'"),
        ('addresses = ["1234"]', "name the account"),
        ('account = "fleet"\naddresses = ["1235"]', "did you mean '1234'"),
        ("concurrency = 0", "1 to 100"),
        ('timeout = "2m"', "100ms to 60s"),
        ('host = "a b"', "no name of a host"),
    ],
)
def test_a_mistake_is_told_with_its_cure(lines: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        config(lines)
    assert words in str(told.value)
    assert "letmein" not in str(told.value)


def test_no_webhook_goes_by_the_name_of_an_account() -> None:
    hook = '[[webhooks]]\nname = "fleet"\nurl = "https://example.com/"\n'
    with pytest.raises(ConfigError, match="an account goes by it"):
        parse(BASE + hook, "smsc.toml")


def test_two_webhooks_of_an_account_have_different_addresses() -> None:
    apart = 'account = "fleet"\naddresses = ["1234"]', 'account = "fleet"'
    assert len(config(*apart).webhooks) == 2
    with pytest.raises(ConfigError, match="'hook0' has it already"):
        config(apart[0], apart[0])
    with pytest.raises(ConfigError, match="'hook0' has all of its addresses"):
        config(apart[1], apart[1])


def test_a_private_address_may_be_named_if_that_is_allowed() -> None:
    assert config('url = "http://10.0.0.1/"\nallow_private = true').webhooks[0].allow_private
