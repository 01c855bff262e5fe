"""The pages of the dialects are true: their tables list what there is."""

import re

from smsc.web.tr50.commands import COMMANDS
from smsc.web.tr50.envelope import MOST_COMMANDS, Code
from smsc.web.tr50.history import FURTHEST, MOST_IDS
from smsc.web.tr50.login import LOCKOUT
from smsc.web.tr50.sessions import IDLE_SECONDS, MOST_OF_AN_ACCOUNT
from smsc.web.voipnumber.answers import ErrorCode
from tests.docs.test_manual import listed, page, sections


def test_every_code_of_tr50_is_described_and_no_other() -> None:
    told = re.findall(r"^\| (-\d+) \|", sections(page("tr50.md"))["Codes"], re.MULTILINE)
    assert [int(code) for code in told] == sorted(Code, reverse=True)


def test_every_command_of_tr50_is_described_and_no_other() -> None:
    told = set(re.findall(r"`([a-z0-9]+(?:\.[a-z_]+)+)`", sections(page("tr50.md"))["Commands"]))
    assert told == {*COMMANDS}


def test_every_bound_of_tr50_is_as_the_page_says() -> None:
    text = page("tr50.md")
    assert f"up to {MOST_COMMANDS} commands" in text
    assert (IDLE_SECONDS, "for eight hours" in text) == (8 * 3600, True)
    assert f"account's {MOST_OF_AN_ACCOUNT:,} sessions" in text
    assert (LOCKOUT, "Eight failures lock" in text) == ((8, 1800, 1800), True)
    assert f"at most {FURTHEST:,})" in text
    assert f"an array of up to {MOST_IDS} " in text


def test_every_error_of_voip_number_is_described_in_its_order() -> None:
    _, *told = listed(sections(page("voipnumber.md"))["Errors"])
    assert told == [str(code) for code in ErrorCode]
