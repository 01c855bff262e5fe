"""The PDUs as values."""

from typing import Any

import pytest

from smsc.smpp.commands import CommandId
from smsc.smpp.layout import ROWS, fields
from smsc.smpp.parts import MessageDetails
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    BindTransceiver,
    DistributionList,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    SmeAddress,
    SubmitSm,
    SubmitSmResp,
    UnsuccessSme,
    response_class,
)

PDUS = REQUESTS + RESPONSES


def test_every_command_has_a_pdu() -> None:
    assert {kind.command_id for kind in PDUS} == set(CommandId)


@pytest.mark.parametrize("kind", PDUS)
def test_a_class_is_named_as_its_command(kind: type[Pdu]) -> None:
    assert kind.command_id.name.replace("_", "") == kind.__name__.lower()


@pytest.mark.parametrize("kind", PDUS)
def test_a_sequence_number_is_enough_to_make_a_pdu(kind: type[Pdu]) -> None:
    assert kind(7).sequence_number == 7


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_is_fine_unless_it_says_otherwise(kind: type[SubmitSmResp]) -> None:
    assert kind(7).command_status == 0
    assert kind(7, 8).command_status == 8


def test_every_field_is_in_the_table_and_every_row_is_used() -> None:
    kinds = (*PDUS, SmeAddress, DistributionList, UnsuccessSme, MessageDetails)
    assert {name for kind in kinds for name, _ in fields(kind)} == set(ROWS)


def test_pdus_cannot_be_changed() -> None:
    pdu: Any = SubmitSm(1)
    with pytest.raises(AttributeError):
        pdu.short_message = b"other"


def test_a_password_is_not_printed() -> None:
    assert "hunter2" not in repr(BindTransceiver(1, "demo", "hunter2"))
    assert "hunter2" not in repr(Outbind(1, "demo", "hunter2"))
    assert "demo" in repr(Outbind(1, "demo", "hunter2"))


@pytest.mark.parametrize(
    ("command_id", "answer"),
    [
        (CommandId.submit_sm, SubmitSmResp),
        (CommandId.enquire_link, EnquireLinkResp),
        (CommandId.alert_notification, GenericNack),
        (CommandId.outbind, GenericNack),
        (0x10203, GenericNack),
    ],
)
def test_a_command_without_a_response_is_answered_by_generic_nack(
    command_id: int, answer: type[Pdu]
) -> None:
    assert response_class(command_id) is answer
