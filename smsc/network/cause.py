"""Why the network didn't deliver: the error codes of MAP, which receipts and traces quote.

The numbers are those of 3GPP TS 29.002, 17.6, as `network_error_code` carries them with network
type 3, GSM (SMPP 3.4, 5.3.2.31). An absent device answers mt-ForwardSM with absentSubscriberSM,
6; absentSubscriber, 27, is what MAP phase 1 and call handling say. A `Subscription` may inject
any other number: an operator's own causes need no name here.
"""

from enum import IntEnum


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
