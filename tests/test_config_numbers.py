"""Weights of accounts, and numbers as they are dialled: what the configuration takes."""

import pytest

from smsc.config import parse
from tests.test_config import FLEET, mistake


def test_an_account_has_a_weight_and_a_country() -> None:
    (account,) = parse(f'{FLEET}weight = 100\ncountry = "DE"\n', "smsc.toml").accounts
    assert (account.weight, account.country) == (100, "DE")


@pytest.mark.parametrize("weight", [0, -1, 101])
def test_a_weight_is_1_to_100(weight: int) -> None:
    told = mistake(f"{FLEET}weight = {weight}\n")
    assert told == f"smsc.toml:4: accounts[0].weight = {weight}: write 1 to 100"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[numbers]\ncountry = "XX"\n',
            "smsc.toml:2: numbers.country = 'XX': no such country;"
            ' write its two letters of ISO 3166, such as "DE"',
        ),
        (
            f'{FLEET}country = "de"\n',
            "smsc.toml:4: accounts[0].country = 'de': no such country;"
            ' write its two letters of ISO 3166, such as "DE"',
        ),
        (
            "[numbers]\nshort_code_digits = 9\n",
            "smsc.toml:2: numbers.short_code_digits = 9: platforms have 7 or 8; write one of them",
        ),
        (
            f'{FLEET}country = "DE"\naddresses = ["01701234567"]\n',
            "smsc.toml:5: accounts[0].addresses: '01701234567' is compared as '491701234567';",
        ),
        (
            f'[numbers]\ncountry = "DE"\n{FLEET}lists = {{ north = ["01701234567"] }}\n',
            "smsc.toml:6: accounts[0].lists",
        ),
        (
            '[numbers]\ncountry = "DE"\n[[devices]]\nmsisdn = "01701234567"\n',
            "smsc.toml:4: devices[0].msisdn = '01701234567': '01701234567' is compared as"
            " '491701234567'; write it so",
        ),
        (
            '[[devices]]\nmsisdn = "00491701234567"\n',
            "smsc.toml:2: devices[0].msisdn = '00491701234567': '00491701234567' is compared as"
            " '491701234567'; write it so",
        ),
    ],
)
def test_a_mistake_about_numbers_is_told(text: str, words: str) -> None:
    assert mistake(text).startswith(words)


def test_numbers_are_written_as_they_are_compared_in_the_accounts_country() -> None:
    text = (
        f'[numbers]\ncountry = "US"\n{FLEET}country = "DE"\naddresses = ["491701234567", "0800"]\n'
    )
    assert parse(text, "smsc.toml").accounts
