"""What an account and we agreed on: how its messages are written, in both directions.

A `Profile` is what the operator configured. A `Dialect` is made from it once a bind, when the
version is known too; everything that would have to be decided for each message is decided there.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from smsc.esme.ids import Base, Ids, ids_of
from smsc.smpp import receipt
from smsc.smpp.commands import Version
from smsc.smpp.receipt import Receipt
from smsc.smpp.version import RULES
from smsc.wording import APPENDIX_B
from smsc_encodings.data_coding import Zero
from smsc_encodings.dcs import data_coding_for, encode_text
from smsc_encodings.segmentation import smallest

HIGHEST_PRIORITY: Final = 3
HIGHEST_PRIORITY_OF_5_0: Final = 4
"""SMPP 5.0 knows one more level (4.7.19), 3.4 reserves it (5.2.14)."""

LONGEST_SHORT_MESSAGE: Final = 254
LONGEST_PAYLOAD: Final = 0xFFFF
NEVER: Final = 1 << 32


class LongMessages(StrEnum):
    """How an account gets messages that devices send in parts."""

    UDH = "udh"
    """Each part as it came."""
    SAR = "sar"
    """Each part, with what its header says in TLVs."""
    MESSAGE_PAYLOAD = "message_payload"
    """Joined, and always in message_payload."""
    REASSEMBLED = "reassembled"
    """Joined, in short_message if it fits."""


class DeliverWith(StrEnum):
    """The operation that brings an account its messages."""

    DELIVER_SM = "deliver_sm"
    DATA_SM = "data_sm"


class ReceiptProfile(Struct, frozen=True):
    """How receipts are written: see `smsc.smpp.receipt.layout`; `base` is that of their ids."""

    text: str = APPENDIX_B
    seconds: bool = False
    tlvs: bool = True
    base: Base = Base.DECIMAL


class Profile(Struct, frozen=True, kw_only=True):
    """What the operator configured for an account."""

    service_type: str = ""
    default_alphabet: Zero = Zero.GSM
    message_id: Base = Base.DECIMAL
    deliver_with: DeliverWith = DeliverWith.DELIVER_SM
    long_messages: LongMessages = LongMessages.UDH
    receipt: ReceiptProfile = ReceiptProfile()


class Canned(Struct, frozen=True):
    """A text that is kept here, for a sm_default_msg_id to name (3.4 clause 5.2.20)."""

    payload: bytes
    data_coding: int


class Dialect(Struct, frozen=True, eq=False, kw_only=True):
    """How to talk with one bind of an account."""

    account: str
    version: Version
    highest_priority: int
    service_type: str
    default_alphabet: Zero
    canned: Mapping[int, Canned]
    ids: Ids
    receipt_ids: Ids
    write_receipt: Callable[[Receipt], bytes]
    tlvs: bool
    """Whether the peer knows TLVs."""
    receipt_tlvs: bool
    with_data_sm: bool
    joins: bool
    """Whether parts wait for each other."""
    payload_from: int
    """A text of so many octets or more goes into message_payload."""
    most: int
    """Octets of text that one PDU can carry."""
    strips: bool
    """Whether headers become TLVs."""
    as_it_is: bool
    """Whether messages go as the road has them, and data_coding 0 comes as the road wants it."""


def canned(text: str) -> Canned:
    """Write a text for devices; raises EncodingError if it can't be written."""
    alphabet = smallest(text)
    return Canned(encode_text(text, alphabet), data_coding_for(alphabet))


def dialect_of(
    account: str, profile: Profile, version: Version, texts: Mapping[int, Canned]
) -> Dialect:
    """Prepare for a bind of this version; one without TLVs gets what needs none."""
    tlvs = RULES[version].tlvs
    long = profile.long_messages if tlvs else LongMessages.UDH
    alphabet = profile.default_alphabet
    return Dialect(
        account=account,
        version=version,
        highest_priority=HIGHEST_PRIORITY_OF_5_0 if version >= Version.V50 else HIGHEST_PRIORITY,
        service_type=profile.service_type,
        default_alphabet=alphabet,
        canned=texts,
        ids=ids_of(version, profile.message_id),
        receipt_ids=ids_of(version, profile.receipt.base),
        write_receipt=receipt.layout(profile.receipt.text, profile.receipt.seconds),
        tlvs=tlvs,
        receipt_tlvs=tlvs and profile.receipt.tlvs,
        with_data_sm=tlvs and profile.deliver_with is DeliverWith.DATA_SM,
        joins=long in (LongMessages.MESSAGE_PAYLOAD, LongMessages.REASSEMBLED),
        payload_from=_payload_from(long) if tlvs else NEVER,
        most=LONGEST_PAYLOAD if tlvs else LONGEST_SHORT_MESSAGE,
        strips=long is not LongMessages.UDH,
        as_it_is=long is LongMessages.UDH and alphabet is Zero.GSM,
    )


def _payload_from(long: LongMessages) -> int:
    return 0 if long is LongMessages.MESSAGE_PAYLOAD else LONGEST_SHORT_MESSAGE + 1
