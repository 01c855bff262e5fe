"""Why the network didn't deliver: the error codes of MAP, which receipts and traces quote.

The numbers are those of 3GPP TS 29.002, 17.6, as `network_error_code` carries them with network
type 3, GSM (SMPP 3.4, 5.3.2.31). An absent device answers mt-ForwardSM with absentSubscriberSM,
6; absentSubscriber, 27, is what MAP phase 1 and call handling say. sm-DeliveryFailure, 32, comes
with a cause of its own (TS 29.002, 17.7.6): that is told as 40 and this cause, as SMSCs do. What
MAP has no error for is told from 70 on. A `Subscription` may inject any other number: an
operator's own causes need no name here.
"""

from enum import IntEnum
from typing import Final


class Cause(IntEnum):
    """The causes that end a mobile terminated short message, by their names in TS 29.002."""

    UNKNOWN_SUBSCRIBER = 1
    UNIDENTIFIED_SUBSCRIBER = 5
    ABSENT_SUBSCRIBER_SM = 6
    ILLEGAL_SUBSCRIBER = 9
    TELESERVICE_NOT_PROVISIONED = 11
    ILLEGAL_EQUIPMENT = 12
    CALL_BARRED = 13
    FACILITY_NOT_SUPPORTED = 21
    ABSENT_SUBSCRIBER = 27
    SUBSCRIBER_BUSY_FOR_MT_SMS = 31
    SM_DELIVERY_FAILURE = 32
    MESSAGE_WAITING_LIST_FULL = 33
    SYSTEM_FAILURE = 34
    DATA_MISSING = 35
    UNEXPECTED_DATA_VALUE = 36
    MEMORY_CAPACITY_EXCEEDED = 40
    EQUIPMENT_PROTOCOL_ERROR = 41
    EQUIPMENT_NOT_SM_EQUIPPED = 42
    NB_IOT_ONLY = 70


PERMANENT: Final = frozenset(
    {
        Cause.UNKNOWN_SUBSCRIBER,
        Cause.ILLEGAL_SUBSCRIBER,
        Cause.TELESERVICE_NOT_PROVISIONED,
        Cause.ILLEGAL_EQUIPMENT,
        Cause.EQUIPMENT_NOT_SM_EQUIPPED,
    }
)
"""Those that no later attempt mends (3GPP TS 23.040, 3.3.2)."""


_WORDS: Final[dict[int, str]] = {
    Cause.UNKNOWN_SUBSCRIBER: "unknown subscriber",
    Cause.UNIDENTIFIED_SUBSCRIBER: "unidentified subscriber",
    Cause.ABSENT_SUBSCRIBER_SM: "absent subscriber",
    Cause.ILLEGAL_SUBSCRIBER: "illegal subscriber",
    Cause.TELESERVICE_NOT_PROVISIONED: "teleservice not provisioned",
    Cause.ILLEGAL_EQUIPMENT: "illegal equipment",
    Cause.CALL_BARRED: "call barred",
    Cause.FACILITY_NOT_SUPPORTED: "facility not supported",
    Cause.ABSENT_SUBSCRIBER: "absent subscriber (MAP phase 1)",
    Cause.SUBSCRIBER_BUSY_FOR_MT_SMS: "subscriber busy for MT SMS",
    Cause.SM_DELIVERY_FAILURE: "short message delivery failure",
    Cause.MESSAGE_WAITING_LIST_FULL: "message waiting list full",
    Cause.SYSTEM_FAILURE: "system failure",
    Cause.DATA_MISSING: "data missing",
    Cause.UNEXPECTED_DATA_VALUE: "unexpected data value",
    Cause.MEMORY_CAPACITY_EXCEEDED: "memory capacity exceeded",
    Cause.EQUIPMENT_PROTOCOL_ERROR: "equipment protocol error",
    Cause.EQUIPMENT_NOT_SM_EQUIPPED: "equipment not equipped for short messages",
    Cause.NB_IOT_ONLY: "attached over NB-IoT only",
}


def in_words(error: int) -> str:
    """Say what a cause means; nothing for an operator's own."""
    return _WORDS.get(error, "")
