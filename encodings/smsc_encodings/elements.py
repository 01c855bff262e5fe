"""The information elements of a user data header as values, a class each.

3GPP TS 23.040, 9.2.3.24.  Fields hold every bit of what was read, reserved ones
too, so that it can be written as it was; they stand in the order of the octets.
An element without a class of its own, or that breaks its clause, stays the
octets it was: `Element`, `Malformed`.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from smsc_encodings.address import Address


class Concatenation(NamedTuple):
    """Part `sequence` (from 1) of `total` (at most 255) of message `reference`.

    `wide` tells a 16 bit reference (IEI 0x08, 9.2.3.24.8) from one of 8 bits
    (IEI 0x00, 9.2.3.24.1).
    """

    reference: int
    total: int
    sequence: int
    wide: bool = False


class Element(NamedTuple):
    """An information element taken as it is: `iei` 0 to 255, at most 253 octets of data."""

    iei: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Malformed:
    """A known element whose data breaks its clause; a receiver ignores it.

    `offset` is that of its identifier in what was read.
    """

    iei: int
    data: bytes
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class SpecialIndication:
    """IEI 0x01: messages wait (9.2.3.24.2).  Repeatable, one for each kind."""

    flags: int
    count: int

    @property
    def store(self) -> bool:
        """Whether the message is to be stored, once the indicator is set."""
        return bool(self.flags & 0x80)

    @property
    def profile(self) -> int:
        """The subscriber's profile, from 1 to 4."""
        return 1 + (self.flags >> 5 & 3)

    @property
    def extended_kind(self) -> int:
        """What "other" (kind 3) means: 0 no more than that, 1 video."""
        return self.flags >> 2 & 7

    @property
    def kind(self) -> int:
        """The `dcs.Indication`: 0 voice, 1 fax, 2 e-mail, 3 other."""
        return self.flags & 3


@dataclass(frozen=True, slots=True)
class Ports8:
    """IEI 0x04: ports of applications, 8 bits each (9.2.3.24.3)."""

    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class Ports16:
    """IEI 0x05: ports of applications, 16 bits each (9.2.3.24.4)."""

    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class SmscControl:
    """IEI 0x06: when this part wants status reports (9.2.3.24.5).

    Bit 0: when it is done; 1: after a permanent error; 2: after a temporary one
    without further attempts; 3: with further attempts; 6: one report for an
    error cancels those of the other parts; 7: with this header.
    """

    flags: int


@dataclass(frozen=True, slots=True)
class SourceIndicator:
    """IEI 0x07: whose the elements behind it are (9.2.3.24.6).

    1: the original sender's, 2: the original receiver's, 3: the SMSC's.
    """

    source: int


@dataclass(frozen=True, slots=True)
class Wcmp:
    """IEI 0x09: the Wireless Control Message Protocol (9.2.3.24.9)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class TextFormatting:
    """IEI 0x0A: a format for `length` characters from `position` on (9.2.3.24.10.1.1).

    `mode`: bits 0 and 1 alignment, 2 and 3 size, 4 bold, 5 italic, 6
    underlined, 7 struck through.  `colour` is one octet or none.
    """

    position: int
    length: int
    mode: int
    colour: bytes = b""


@dataclass(frozen=True, slots=True)
class PredefinedSound:
    """IEI 0x0B: the phone's sound `number` (9.2.3.24.10.1.2)."""

    position: int
    number: int


@dataclass(frozen=True, slots=True)
class UserDefinedSound:
    """IEI 0x0C: an iMelody of at most 128 octets (9.2.3.24.10.1.3)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PredefinedAnimation:
    """IEI 0x0D: the phone's animation `number` (9.2.3.24.10.1.4)."""

    position: int
    number: int


@dataclass(frozen=True, slots=True)
class LargeAnimation:
    """IEI 0x0E: four pictures of 16 by 16 pixels (9.2.3.24.10.1.5)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SmallAnimation:
    """IEI 0x0F: four pictures of 8 by 8 pixels (9.2.3.24.10.1.6)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class LargePicture:
    """IEI 0x10: a picture of 32 by 32 pixels (9.2.3.24.10.1.7)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """IEI 0x11: a picture of 16 by 16 pixels (9.2.3.24.10.1.8)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class VariablePicture:
    """IEI 0x12: a picture of `width` octets by `height` pixels (9.2.3.24.10.1.9)."""

    position: int
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class UserPrompt:
    """IEI 0x13: ask the user about the next `count` objects (9.2.3.24.10.1.10)."""

    count: int


@dataclass(frozen=True, slots=True)
class ExtendedObject:
    """IEI 0x14: an object, or a piece of one that goes on in other parts (9.2.3.24.10.1.11)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ReusedExtendedObject:
    """IEI 0x15: the object `reference` once more (9.2.3.24.10.1.12)."""

    reference: int
    position: int


@dataclass(frozen=True, slots=True)
class CompressionControl:
    """IEI 0x16: compressed objects, or a piece of them (9.2.3.24.10.1.13)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ObjectDistribution:
    """IEI 0x17: whether the next `count` objects may be passed on (9.2.3.24.10.1.14).

    Bit 0 of `attributes` forbids it.
    """

    count: int
    attributes: int


@dataclass(frozen=True, slots=True)
class StandardWvg:
    """IEI 0x18: a drawing, Wireless Vector Graphics (9.2.3.24.10.1.15)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CharacterSizeWvg:
    """IEI 0x19: a drawing as high as a character (9.2.3.24.10.1.16)."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ExtendedObjectDataRequest:
    """IEI 0x1A: a request for data of an extended object (9.2.3.24.10.1.17)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Rfc822Header:
    """IEI 0x20: the text begins with an e-mail header of `length` (9.2.3.24.11)."""

    length: int


@dataclass(frozen=True, slots=True)
class Hyperlink:
    """IEI 0x21: a title and a URL in the text, from `position` on (9.2.3.24.12)."""

    position: int
    title_length: int
    url_length: int


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """IEI 0x22: where answers go (9.2.3.24.14)."""

    address: Address


@dataclass(frozen=True, slots=True)
class EnhancedVoiceMail:
    """IEI 0x23: what is new in a mailbox, or what was deleted (9.2.3.24.13).

    `flags`: bit 0 set for a confirmation of deletion, bits 2 and 3 profile, 4
    store, 5 mailbox almost full, 6 full, 7 an extension follows.  `entries` are
    the octets behind the count: extension and entries, as they are.
    """

    flags: int
    access: Address
    waiting: int
    count: int
    entries: bytes = b""

    @property
    def deletion(self) -> bool:
        """Whether it confirms deletion, rather than tells of messages."""
        return bool(self.flags & 1)


@dataclass(frozen=True, slots=True)
class NationalSingleShift:
    """IEI 0x24: whose extension table the text uses (9.2.3.24.15; 3GPP TS 23.038, 6.2.1.2.4)."""

    language: int


@dataclass(frozen=True, slots=True)
class NationalLockingShift:
    """IEI 0x25: whose basic table the text uses (9.2.3.24.16; 3GPP TS 23.038, 6.2.1.2.4)."""

    language: int


InformationElement: TypeAlias = (
    Concatenation
    | Element
    | Malformed
    | SpecialIndication
    | Ports8
    | Ports16
    | SmscControl
    | SourceIndicator
    | Wcmp
    | TextFormatting
    | PredefinedSound
    | UserDefinedSound
    | PredefinedAnimation
    | LargeAnimation
    | SmallAnimation
    | LargePicture
    | SmallPicture
    | VariablePicture
    | UserPrompt
    | ExtendedObject
    | ReusedExtendedObject
    | CompressionControl
    | ObjectDistribution
    | StandardWvg
    | CharacterSizeWvg
    | ExtendedObjectDataRequest
    | Rfc822Header
    | Hyperlink
    | ReplyAddress
    | EnhancedVoiceMail
    | NationalSingleShift
    | NationalLockingShift
)
