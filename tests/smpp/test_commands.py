"""The names and numbers of SMPP."""

import pytest
import smpplib.consts

from smsc.smpp.commands import (
    FIRST_STATUS_OF_5_0,
    RESPONSE_BIT,
    CommandId,
    CommandStatus,
    PduError,
)


def test_every_response_is_its_request_with_the_highest_bit() -> None:
    for command in CommandId:
        if command.name.endswith("_resp"):
            assert command == CommandId[command.name.removesuffix("_resp")] | RESPONSE_BIT


def test_only_outbind_and_alert_notification_have_no_response() -> None:
    requests = {command for command in CommandId if not command & RESPONSE_BIT}
    answered = {command for command in requests if f"{command.name}_resp" in CommandId.__members__}
    assert requests - answered == {CommandId.outbind, CommandId.alert_notification}


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0x0A, "ESME_RINVSRCADR"),
        (0x0B, "ESME_RINVDSTADR"),
        (0x14, "ESME_RMSGQFUL"),
        (0x45, "ESME_RSUBMITFAIL"),
        (0x58, "ESME_RTHROTTLED"),
        (0x61, "ESME_RINVSCHED"),
        (0x62, "ESME_RINVEXPIRY"),
        (0xFF, "ESME_RUNKNOWNERR"),
        (0x101, "ESME_RPROHIBITED"),
        (0x104, "ESME_RINVDCS"),
        (0x112, "ESME_RINVBCASTCHANIND"),
    ],
)
def test_statuses_have_the_numbers_of_the_specification(number: int, name: str) -> None:
    assert CommandStatus(number).name == name


def test_the_statuses_are_those_of_the_specification() -> None:
    of_3_4 = [*range(9), *range(0x0A, 0x10), 0x11, 0x13, 0x14, 0x15, 0x33, 0x34, 0x40]
    of_3_4 += [*range(0x42, 0x46), 0x48, 0x49, 0x50, 0x51, 0x53, 0x54, 0x55, 0x58]
    of_3_4 += [*range(0x61, 0x68), *range(0xC0, 0xC5), 0xFE, 0xFF]
    assert [*CommandStatus] == [*of_3_4, *range(0x100, 0x113)]


def test_smpplib_and_we_give_the_statuses_of_3_4_the_same_names() -> None:
    theirs = vars(smpplib.consts).items()
    statuses = {name[5:]: number for name, number in theirs if name.startswith("SMPP_ESME_")}
    assert len(statuses) > 40
    assert {name: CommandStatus[name].value for name in statuses} == statuses


def test_a_status_renamed_by_5_0_keeps_its_older_name() -> None:
    assert CommandStatus["ESME_RINVPARLEN"] is CommandStatus.ESME_RINVTLVLEN


def test_statuses_from_0x100_on_are_unknown_before_5_0() -> None:
    older = [status for status in CommandStatus if status < FIRST_STATUS_OF_5_0]
    assert max(older) is CommandStatus.ESME_RUNKNOWNERR


def test_a_pdu_error_says_why_and_with_which_status() -> None:
    error = PduError(CommandStatus.ESME_RINVCMDLEN, "the PDU ends inside password", 9, 1)
    assert str(error) == "the PDU ends inside password (ESME_RINVCMDLEN)"
    assert (error.command_id, error.sequence_number) == (9, 1)
