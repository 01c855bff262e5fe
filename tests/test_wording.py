"""What accounts may want otherwise than others: what the configuration takes, and how it tells."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.config import Account, Receipt, parse
from smsc.esme import dialect, ids
from smsc.smpp import receipt
from smsc.smpp.receipt import FIELDS
from smsc.wording import APPENDIX_B, ReceiptText
from smsc_encodings import data_coding
from tests.test_config import FLEET, mistake


def test_an_account_may_want_its_messages_otherwise() -> None:
    config = parse(
        FLEET
        + """
service_type = "VMA"
default_alphabet = "latin1"
message_id = "hexadecimal"
deliver_with = "data_sm"
long_messages = "reassembled"
[accounts.receipt]
text = "{stat} {id}"
dates = "seconds"
id = "hexadecimal"
tlvs = false
""",
        "smsc.toml",
    )
    (account,) = config.accounts
    assert account.service_type == "VMA"
    assert account.default_alphabet == "latin1"
    assert account.message_id == "hexadecimal"
    assert account.deliver_with == "data_sm"
    assert account.long_messages == "reassembled"
    receipt = account.receipt
    assert (receipt.text.text, receipt.dates, receipt.id, receipt.tlvs) == (
        "{stat} {id}",
        "seconds",
        "hexadecimal",
        False,
    )


def test_receipts_are_those_of_appendix_b_by_default() -> None:
    assert Receipt().text.text == APPENDIX_B


def test_the_fields_of_a_receipt_are_those_that_can_be_written() -> None:
    assert set(ReceiptText.FIELDS) == FIELDS


def test_every_choice_is_one_that_the_door_knows() -> None:
    types = {field.name: field.type for field in msgspec.structs.fields(Account)}
    for name, known in (
        ("message_id", ids.Base),
        ("default_alphabet", data_coding.Zero),
        ("deliver_with", dialect.DeliverWith),
        ("long_messages", dialect.LongMessages),
    ):
        assert types[name].__args__ == tuple(known)


@given(st.text(max_size=40) | st.from_regex(r"({[a-z_]{0,12}}| |:){1,9}", fullmatch=True))
def test_a_text_for_receipts_that_is_accepted_can_be_written_and_fits(text: str) -> None:
    try:
        ReceiptText(text)
    except ValueError as error:
        assert str(error)
        return
    longest = receipt.Receipt("9" * 20, 999, 999, 0, 0, "x" * 7, "x" * 10, "x" * 20)
    assert len(receipt.layout(text, seconds=True)(longest)) <= 254


def test_default_messages_are_named_by_their_ids() -> None:
    text = '[smpp.default_messages]\n1 = "Your parcel is here."\n255 = "Ваша посылка здесь."\n'
    assert parse(text, "smsc.toml").smpp.default_messages == {
        "1": "Your parcel is here.",
        "255": "Ваша посылка здесь.",
    }


SECOND = FLEET + "[accounts.receipt]\n" + FLEET.replace("fleet", "other")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FLEET + 'service_type = "TOOLONG"', "smsc.toml:4: accounts[0].service_type = 'TOOLONG'"),
        (FLEET + 'service_type = "A B"', "smsc.toml:4: accounts[0].service_type = 'A B'"),
        (
            FLEET + 'long_messages = "whole"',
            "smsc.toml:4: accounts[0].long_messages = 'whole': no such word;"
            " known: message_payload, reassembled, sar, udh",
        ),
        (
            FLEET + "message_id = 16",
            "smsc.toml:4: accounts[0].message_id = 16: Expected `str`, got `int`",
        ),
        (
            SECOND + '[accounts.receipt]\ntext = "{id} {state}"',
            "smsc.toml:9: accounts[1].receipt.text = '{id} {state}': no such field; write id,",
        ),
        (
            SECOND + '[accounts.receipt]\ntxt = "{id}"',
            "smsc.toml:9: accounts[1].receipt.txt: no such key; did you mean 'text'?",
        ),
        (
            FLEET + '[accounts.receipt]\ntext = "{stat}"',
            "smsc.toml:5: accounts[0].receipt.text = '{stat}': nobody could use it without",
        ),
        (FLEET + '[accounts.receipt]\ntext = "{id} {stat:>9}"', "no such field"),
        (FLEET + '[accounts.receipt]\ntext = "{id} {stat"', "accounts[0].receipt.text"),
        (FLEET + 'long_messages = "reasembled"', "did you mean 'reassembled'?"),
        (FLEET + '[accounts.receipt]\ntext = "{id} {stat} ß"', "receipts are ASCII"),
        (FLEET + f'[accounts.receipt]\ntext = "{{id}} {{stat}}{"x" * 227}"', "255 characters"),
        (
            FLEET + '[accounts.receipt]\ndates = "hours"',
            "dates = 'hours': no such word; known: minutes, seconds",
        ),
        (
            '[smpp.default_messages]\n0 = "x"',
            "smsc.toml:2: smpp.default_messages.0 = 'x': sm_default_msg_id is an octet",
        ),
        ('[smpp.default_messages]\n256 = "x"', "write a number from 1 to 255"),
        ('[smpp.default_messages]\nhello = "x"', "smsc.toml:2: smpp.default_messages.hello"),
        ('[smpp.default_messages]\n01 = "x"', "smpp.default_messages.01 = 'x': not an id"),
        ('[smpp.default_messages]\n1 = ""', "smpp.default_messages.1 = '': no text"),
        ("[smpp.default_messages]\n1 = 2", "smpp.default_messages"),
    ],
)
def test_a_mistake_in_what_accounts_want_is_told(text: str, words: str) -> None:
    assert words in mistake(text)


def test_a_default_message_that_takes_too_many_parts_is_refused() -> None:
    assert "255 parts" in mistake(f'[smpp.default_messages]\n1 = "{"x" * 40_000}"')
