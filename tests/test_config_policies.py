"""How the configuration tells mistakes in policies and limits: each new key, with its cure."""

import pytest

from smsc.config import ConfigError, parse
from smsc_routing.calendar_quota import Quota, Span
from smsc_routing.hours import parse_hours
from smsc_routing.quota import Rate

HEAD = '[[policies]]\nname = "meters"\n'
ACCOUNT = '[[accounts]]\nsystem_id = "fleet"\npassword = "pw"\n'
LIMIT = (
    "is not a count and a period: write it like 500/s, 10/min, 10/min burst 20, 100/hour, 200/day "
    "or 5000/month, with counts from 1 to 999999999"
)
RE2_CURE = (
    "see github.com/google/re2/wiki/Syntax, and mind that there is no look-ahead and no "
    "back-reference"
)


def mistake(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse(text, "smsc.toml")
    return str(raised.value)


def test_a_policy_may_have_every_key() -> None:
    (policy,) = parse(
        HEAD
        + """
        mt_limit = ["10/min burst 20", "200/day"]
        mo_limit = ["5000/month"]
        mt_limit_together = ["1000/s"]
        mo_limit_together = ["1000000/month"]
        timezone = "America/New_York"
        allowed_senders = ["BANK", "FLEET*"]
        blocked_sources = ["4912345", "SPAM*"]
        max_segments = 3
        binary = false
        forbidden_text = ['(?i)https?://', 'caf\u00e9']
        dark_hours = "mon-fri 22:00-06:00, sat-sun"
        """,
        "smsc.toml",
    ).policies
    assert [each.limit for each in policy.mt_limit] == [Rate(10, 60_000, 20), Quota(200, Span.DAY)]
    assert [each.limit for each in policy.mo_limit_together] == [Quota(1_000_000, Span.MONTH)]
    assert policy.timezone is not None
    assert str(policy.timezone.local_time.zone) == "America/New_York"
    assert policy.forbidden_text[0].search("see HTTP://x")
    assert policy.forbidden_text[1].search("un caf\u00e9")
    assert policy.dark_hours is not None
    assert policy.dark_hours.hours == parse_hours("mon-fri 22:00-06:00, sat-sun")


@pytest.mark.parametrize("key", ["mt_limit", "mo_limit", "mt_limit_together", "mo_limit_together"])
def test_a_limit_that_is_none_is_told(key: str) -> None:
    assert mistake(f'{HEAD}{key} = ["1/s", "10/week"]') == (
        f"smsc.toml:3: policies[0].{key}[1] = '10/week': limit '10/week' {LIMIT}"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            'mt_limit = ["200/day burst 5"]',
            "mt_limit[0] = '200/day burst 5': limit '200/day burst 5': a day of the calendar has "
            "no burst; leave 'burst' out, or write a rate per s, min or hour",
        ),
        (
            'timezone = "Europe/Berln"',
            "timezone = 'Europe/Berln': no time zone; did you mean 'Europe/Berlin'?",
        ),
        (
            'timezone = "../../etc/passwd"',
            "timezone = '../../etc/passwd': no time zone; write its IANA name, such as "
            "Europe/Berlin or UTC",
        ),
        (
            'allowed_senders = ["BA*NK"]',
            "allowed_senders[0] = 'BA*NK': 'BA*NK' is no pattern of senders: write a whole "
            "address, or its beginning and one '*' at the end",
        ),
        (
            'allowed_senders = ["BANK", "4912345"]',
            "allowed_senders[1] = '4912345': a number is no name, and passes anyway; leave it out",
        ),
        (
            'blocked_sources = ["+49123"]',
            "blocked_sources[0] = '+49123': compared as '49123'; write it so",
        ),
        (
            'blocked_sources = ["0049*"]',
            "blocked_sources[0] = '0049*': senders are compared without '+' or '00'; leave it out",
        ),
        (
            f'blocked_sources = ["{"1" * 21}*"]',
            f"blocked_sources[0] = '{'1' * 21}*': longer than any sender; write up to 20 "
            "characters",
        ),
        (
            "max_segments = 0",
            "max_segments = 0: a message has 1 to 255 segments; write one of them",
        ),
        (
            "max_segments = 256",
            "max_segments = 256: a message has 1 to 255 segments; write one of them",
        ),
        ('binary = "no"', "binary = 'no': Expected `bool`, got `str`; write true or false"),
        (
            'mt_limit = "200/day"',
            "mt_limit = '200/day': Expected `array`, got `str`; write a list, in brackets",
        ),
        (
            "deliver_to = 5",
            "deliver_to = 5: Expected `str | null`, got `int`; write text, in quotes",
        ),
        (
            'forbidden_text = ["fine", "a("]',
            f"forbidden_text[1] = 'a(': no expression of RE2: missing ): a(; {RE2_CURE}",
        ),
        (
            "forbidden_text = ['(?=x)']",
            "forbidden_text[0] = '(?=x)': no expression of RE2: invalid perl operator: (?=; "
            f"{RE2_CURE}",
        ),
        (
            'forbidden_text = [""]',
            "forbidden_text[0] = '': expression '' has 0 characters: write 1 to 256",
        ),
        (
            'dark_hours = "22-06"',
            "dark_hours = '22-06': hours '22-06': '22' is no day; days are mon tue wed thu fri sat "
            "sun; write days, times or both, like 22:00-06:00, sat-sun, or mon-fri 08:00-18:00, "
            "with commas between",
        ),
        ("dark_hours = 22", "dark_hours = 22: must be text, in quotes"),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_its_line_and_cure(line: str, words: str) -> None:
    assert mistake(HEAD + line) == f"smsc.toml:3: policies[0].{words}"


def test_an_expression_that_would_take_too_much_memory_is_refused() -> None:
    words = mistake(HEAD + "forbidden_text = ['(\\pL{900}){1}']")
    assert "pattern too large - compile failed" in words


def test_expressions_together_have_only_so_many_steps() -> None:
    assert parse(HEAD + "forbidden_text = ['\\pL{2}', '\\bcasino\\b']", "smsc.toml")
    words = mistake(HEAD + "forbidden_text = ['\\pL{2}', '\\pL{2}']")
    assert words.startswith("smsc.toml:3: policies[0].forbidden_text: takes ")
    assert words.endswith(
        " steps a character, at most 4096 are allowed; repeat less, and write smaller classes"
    )


@pytest.mark.parametrize(
    ("key", "entry", "most"),
    [
        ("mt_limit", "1/s", 8),
        ("mo_limit_together", "1/s", 8),
        ("allowed_senders", "BANK", 1000),
        ("blocked_sources", "4912345", 1000),
        ("forbidden_text", "x", 64),
    ],
)
def test_a_list_has_only_so_many_entries(key: str, entry: str, most: int) -> None:
    assert parse(f"{HEAD}{key} = {[entry] * most}", "smsc.toml").policies
    assert mistake(f"{HEAD}{key} = {[entry] * (most + 1)}") == (
        f"smsc.toml:3: policies[0].{key}: has {most + 1} entries; write {most} or fewer"
    )


@pytest.mark.parametrize("name", ["", "x" * 65, "a\\tb"])
def test_the_name_of_a_policy_is_short_and_can_be_printed(name: str) -> None:
    words = mistake(f'[[policies]]\nname = "{name}"')
    assert words.endswith("write 1 to 64 printable characters")


# Limits of accounts.


def test_an_account_has_a_rate_and_quotas() -> None:
    (account,) = parse(
        ACCOUNT + 'rate = "500/s burst 1000"\nquota = ["100000/day", "2000000/month"]', "smsc.toml"
    ).accounts
    assert account.rate is not None
    assert account.rate.rate == Rate(500, 1000, 1000)
    assert [each.quota for each in account.quota] == [
        Quota(100_000, Span.DAY),
        Quota(2_000_000, Span.MONTH),
    ]


def test_a_quota_where_a_rate_belongs_is_told() -> None:
    assert mistake(f'{ACCOUNT}rate = "200/day"') == (
        "smsc.toml:4: accounts[0].rate = '200/day': a day of the calendar has a quota and no rate; "
        "write a rate per s, min or hour, and quotas, of an account, in its 'quota'"
    )


def test_a_rate_where_a_quota_belongs_is_told() -> None:
    assert mistake(f'{ACCOUNT}quota = ["5/s"]') == (
        "smsc.toml:4: accounts[0].quota[0] = '5/s': a rate, and no quota of the calendar; write it "
        "in 'rate', and here a count per day or month"
    )


def test_of_many_accounts_only_one_like_it_is_named() -> None:
    accounts = "".join(ACCOUNT.replace("fleet", f"fleet{number}") for number in range(51))
    policy = '[[policies]]\nname = "meters"\ndeliver_to = '
    assert mistake(f'{accounts}{policy}"fleet7x"').endswith("; did you mean 'fleet7'?")
    assert mistake(f'{accounts}{policy}"bank"').endswith("no such account or webhook")
