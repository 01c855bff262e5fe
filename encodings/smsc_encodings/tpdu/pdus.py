"""The six TPDUs as values (3GPP TS 23.040, 9.2.2).

User data is in two pieces, as everywhere in this package: `header`, the octets
of the user data header with its length (empty if TP-UDHI is not set), and
`body`, what follows it, with GSM septets unpacked to an octet each.  TP-MTI,
TP-UDHI, TP-VPF, TP-PI and the lengths follow from the rest and are no fields.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from smsc_encodings import gsm7, udh
from smsc_encodings.address import Address
from smsc_encodings.dcs import Alphabet, Dcs, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import shifts_in
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.udh import Udh
from smsc_encodings.validity import Validity

Direction: TypeAlias = Literal["mo", "mt"]
MO: Direction = "mo"
MT: Direction = "mt"

_NO_SCHEME = Dcs()


class _UserData:
    """What the TPDUs that carry user data can tell about it."""

    __slots__ = ()

    dcs: Dcs | None
    header: bytes
    body: bytes | None

    @property
    def udh(self) -> Udh | None:
        """The user data header, or None where there is none.

        Raises EncodingError if `header` can't be read; what was decoded can.
        """
        return udh.decode(self.header) if self.header else None

    @property
    def text(self) -> str | None:
        """The text, or None where there is none: no user data, binary, or not what TP-DCS says."""
        try:
            return self.read_text()
        except EncodingError:
            return None

    def read_text(self) -> str:
        """Read the text, with the languages its header announces; TP-DCS left out is 0 (9.2.3.27).

        Raises EncodingError, which says why there is none.
        """
        if self.body is None:
            raise EncodingError("there is no user data")
        scheme = self.dcs or _NO_SCHEME
        if scheme.compressed:
            raise EncodingError("compressed text (3GPP TS 23.042) can't be read")
        if scheme.alphabet is Alphabet.GSM7:
            return gsm7.decode(self.body, *shifts_in(self.header))
        return decode_text(self.body, 0, scheme.alphabet)


@dataclass(frozen=True, slots=True)
class Deliver(_UserData):
    """SMS-DELIVER: a message for a phone (9.2.2.1).

    `more` (TP-MMS) says that others wait, `loop` (TP-LP) that it was forwarded,
    `status_report` (TP-SRI) that its sender gets a report.
    """

    direction: ClassVar[Direction] = MT
    origin: Address
    timestamp: Timestamp
    body: bytes = b""
    header: bytes = b""
    dcs: Dcs = _NO_SCHEME
    pid: int = 0
    more: bool = False
    loop: bool = False
    status_report: bool = False
    reply_path: bool = False


@dataclass(frozen=True, slots=True)
class Submit(_UserData):
    """SMS-SUBMIT: a message from a phone (9.2.2.2).

    `reject_duplicates` is TP-RD, `status_report` (TP-SRR) asks for a report.
    """

    direction: ClassVar[Direction] = MO
    destination: Address
    body: bytes = b""
    header: bytes = b""
    dcs: Dcs = _NO_SCHEME
    pid: int = 0
    reference: int = 0
    validity: Validity | None = None
    reject_duplicates: bool = False
    status_report: bool = False
    reply_path: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport(_UserData):
    """SMS-STATUS-REPORT: what became of a message from a phone (9.2.2.3).

    `reference` is that of the SMS-SUBMIT or, if `of_command` (TP-SRQ), of the
    SMS-COMMAND; `status` is TP-ST.
    """

    direction: ClassVar[Direction] = MT
    reference: int
    recipient: Address
    timestamp: Timestamp
    discharged: Timestamp
    status: int
    pid: int | None = None
    dcs: Dcs | None = None
    body: bytes | None = None
    header: bytes = b""
    more: bool = False
    loop: bool = False
    of_command: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """SMS-COMMAND: a phone asks about, or deletes, what it sent (9.2.2.4).

    `number` (TP-MN) is the reference of the message that is meant; `header`,
    with its length, is what TP-UDHI announces in front of `data` (TP-CD).
    """

    direction: ClassVar[Direction] = MO
    reference: int
    command: int
    number: int
    destination: Address
    data: bytes = b""
    header: bytes = b""
    pid: int = 0
    status_report: bool = False

    @property
    def text(self) -> str | None:
        """A command has none."""
        return None


@dataclass(frozen=True, slots=True)
class DeliverReport(_UserData):
    """SMS-DELIVER-REPORT: a phone's answer to what it was sent (9.2.2.1a).

    `cause` (TP-FCS) is there in an RP-ERROR, not in an RP-ACK.
    """

    direction: ClassVar[Direction] = MO
    cause: int | None = None
    pid: int | None = None
    dcs: Dcs | None = None
    body: bytes | None = None
    header: bytes = b""


@dataclass(frozen=True, slots=True)
class SubmitReport(_UserData):
    """SMS-SUBMIT-REPORT: an SMSC's answer to what a phone sent (9.2.2.2a).

    `cause` (TP-FCS) is there in an RP-ERROR, not in an RP-ACK.
    """

    direction: ClassVar[Direction] = MT
    timestamp: Timestamp
    cause: int | None = None
    pid: int | None = None
    dcs: Dcs | None = None
    body: bytes | None = None
    header: bytes = b""


Tpdu: TypeAlias = Deliver | Submit | StatusReport | Command | DeliverReport | SubmitReport

MOST_OCTETS: dict[type, int] = {
    Deliver: 140,
    Submit: 140,
    StatusReport: 143,
    Command: 156,
    DeliverReport: 159,
    SubmitReport: 152,
}
"""The octets of TP-UD, or TP-CD, at most; one less in a report with a cause (9.2.2)."""


def most_octets(kind: type, cause: bool) -> int:
    """Return how many octets of user data fit a TPDU of this kind (9.2.2)."""
    return MOST_OCTETS[kind] - cause
