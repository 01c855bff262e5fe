"""What the versions differ in."""

import pytest

from smsc.smpp.commands import CommandId, CommandStatus, Version
from smsc.smpp.pdu import REQUESTS
from smsc.smpp.version import RULES, known_status

V33, V34, V50 = Version


def known(version: Version) -> list[int]:
    return [status for status in CommandStatus if known_status(status, version) == status]


def test_every_version_has_a_row() -> None:
    assert set(RULES) == set(Version)


def test_every_request_is_of_some_version_and_every_command_of_a_version_is_a_request() -> None:
    assert {kind.command_id for kind in REQUESTS} == {
        command for rules in RULES.values() for command in rules.requests
    }


def test_3_4_adds_transceivers_data_sm_and_what_a_message_centre_says_of_itself() -> None:
    assert RULES[V34].requests - RULES[V33].requests == {
        CommandId.bind_transceiver,
        CommandId.outbind,
        CommandId.data_sm,
        CommandId.alert_notification,
    }


def test_3_4_has_no_more_of_three_queries() -> None:
    assert RULES[V33].requests - RULES[V34].requests == {
        CommandId.param_retrieve,
        CommandId.query_last_msgs,
        CommandId.query_msg_details,
    }


def test_5_0_takes_nothing_away() -> None:
    assert RULES[V34].requests <= RULES[V50].requests


def test_5_0_knows_every_status() -> None:
    assert known(V50) == [*CommandStatus]


def test_3_4_knows_the_statuses_below_0x100() -> None:
    assert known(V34) == [status for status in CommandStatus if status < 0x100]


def test_3_3_knows_the_statuses_below_those_of_tlvs() -> None:
    assert known(V33) == [status for status in CommandStatus if status < 0xC0]


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("status", CommandStatus)
def test_what_a_peer_is_told_it_knows_and_an_error_stays_one(
    version: Version, status: CommandStatus
) -> None:
    told = known_status(status, version)
    assert told in known(version)
    assert (told == 0) is (status == 0)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (CommandStatus.ESME_RINVTLVSTREAM, CommandStatus.ESME_RINVCMDLEN),
        (CommandStatus.ESME_RINVTLVLEN, CommandStatus.ESME_RINVCMDLEN),
        (CommandStatus.ESME_RMISSINGTLV, CommandStatus.ESME_RSUBMITFAIL),
        (CommandStatus.ESME_RPROHIBITED, CommandStatus.ESME_RSUBMITFAIL),
    ],
)
def test_a_peer_without_tlvs_hears_of_octets_too_many_or_of_a_failure(
    status: CommandStatus, told: CommandStatus
) -> None:
    assert known_status(status, V33) == told
