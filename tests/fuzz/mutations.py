"""PDUs that are nearly right: golden ones, each mutated a few times by a seeded chance."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeAlias

from smsc.smpp.codec import encode
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    DataSm,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
)
from smsc.smpp.session import LONGEST_PDU
from smsc.smpp.tlv import TABLE, Tag, Tlv

GOLDEN = Path(__file__).parents[1] / "smpp" / "golden"
COMMANDS = [kind.command_id for kind in REQUESTS + RESPONSES]
LENGTHS = (0, 1, 15, 16, 17, LONGEST_PDU, LONGEST_PDU + 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
MOST_MUTATIONS = 4
HEADER = 16

Mutation: TypeAlias = Callable[["Mutator", bytearray], bytearray]


def seeds() -> list[bytes]:
    """Return the PDUs that mutants are made of: the golden ones, and some with much in them."""
    octets = [read(path) for path in sorted(GOLDEN.glob("*.hex"))]
    many = tuple(
        SmeAddress(1, 1, f"4917{number}") if number % 3 else DistributionList(f"list {number}")
        for number in range(40)
    )
    tlvs = tuple(
        Tlv(tag, 1) for tag, row in sorted(TABLE.items()) if row.shortest == row.longest == 1
    )
    octets.append(encode(SubmitMulti(1, dest_address=many, short_message=b"hello", tlvs=tlvs)))
    octets.append(encode(SubmitSm(2, short_message=bytes(range(255)), tlvs=tlvs)))
    octets.append(encode(DataSm(3, tlvs=(Tlv(Tag.message_payload, bytes(2000)), *tlvs))))
    return octets


def read(path: Path) -> bytes:
    """Read the octets of a file in hexadecimal, where # begins a line of words."""
    lines = path.read_text("utf-8").splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


class Mutator:
    """An endless supply of mutants; the same seed makes the same ones.

    `honest` is the share of those that say their own length. One that says too much swallows what
    comes behind it on a connection, and one that says what can't be ends it.
    """

    def __init__(self, seed: int, honest: float = 0.8) -> None:
        self.chance = Random(seed)
        self.honest = honest
        self.seeds = seeds()

    def mutant(self) -> bytes:
        """Return a PDU that was mutated once or more."""
        chance = self.chance
        octets = bytearray(chance.choice(self.seeds))
        for _ in range(chance.randint(1, MOST_MUTATIONS)):
            octets = chance.choice(MUTATIONS)(self, octets)
        if chance.random() < self.honest and len(octets) >= HEADER:
            octets[:4] = len(octets).to_bytes(4, "big")
        return bytes(octets)

    def place(self, octets: bytearray) -> int:
        """Choose a place in a PDU, in its body more often than in its header."""
        if len(octets) > HEADER and self.chance.random() < 0.8:
            return self.chance.randint(HEADER, len(octets))
        return self.chance.randint(0, len(octets))

    def piece(self, octets: bytearray) -> tuple[int, int]:
        """Choose a piece of a PDU: where it begins and where it ends."""
        begin = self.place(octets)
        return begin, min(len(octets), begin + self.chance.randint(0, 24))

    # The mutations.

    def flip_bits(self, octets: bytearray) -> bytearray:
        for _ in range(self.chance.randint(1, 8)):
            if octets:
                octets[self.chance.randrange(len(octets))] ^= 1 << self.chance.randrange(8)
        return octets

    def set_octets(self, octets: bytearray) -> bytearray:
        for _ in range(self.chance.randint(1, 4)):
            if octets:
                value = self.chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
                octets[min(self.place(octets), len(octets) - 1)] = value
        return octets

    def truncate(self, octets: bytearray) -> bytearray:
        return octets[: self.place(octets)]

    def extend(self, octets: bytearray) -> bytearray:
        return octets + self.chance.randbytes(self.chance.randint(1, 40))

    def splice(self, octets: bytearray) -> bytearray:
        other = bytearray(self.chance.choice(self.seeds))
        return octets[: self.place(octets)] + other[self.place(other) :]

    def lie_about_the_length(self, octets: bytearray) -> bytearray:
        near = max(0, len(octets) + self.chance.randint(-9, 9))
        octets[:4] = self.chance.choice((*LENGTHS, near, near)).to_bytes(4, "big")
        return octets

    def lie_about_a_count(self, octets: bytearray) -> bytearray:
        at = self.place(octets)
        octets[at : at + 1] = bytes([self.chance.randrange(256)])
        return octets

    def swap_fields(self, octets: bytearray) -> bytearray:
        (a, b), (c, d) = sorted((self.piece(octets), self.piece(octets)))
        c = max(b, c)
        d = max(c, d)
        return octets[:a] + octets[c:d] + octets[b:c] + octets[a:b] + octets[d:]

    def put_nuls(self, octets: bytearray) -> bytearray:
        at = self.place(octets)
        return octets[:at] + bytes(self.chance.randint(1, 6)) + octets[at:]

    def fill_nuls(self, octets: bytearray) -> bytearray:
        begin, end = self.piece(octets)
        return octets[:begin] + octets[begin:end].replace(b"\0", b"x") + octets[end:]

    def add_a_tlv(self, octets: bytearray) -> bytearray:
        tag = self.chance.choice((*TABLE, 0x1400, 0xFFFF))
        value = self.chance.randbytes(self.chance.choice((0, 1, 2, 3, 4, 5, 65, 66, 257)))
        length = len(value) if self.chance.random() < 0.8 else self.chance.randrange(0x10000)
        return octets + tag.to_bytes(2, "big") + length.to_bytes(2, "big") + value

    def repeat_a_tlv(self, octets: bytearray) -> bytearray:
        """Repeat the end of a PDU, where its TLVs are."""
        last = octets[-self.chance.choice((4, 5, 6, 8, 9, 20)) :]
        return octets + last * self.chance.choice((1, 2, 3, 50))

    def put_a_pdu_inside(self, octets: bytearray) -> bytearray:
        at = self.place(octets)
        return octets[:at] + self.chance.choice(self.seeds) + octets[at:]

    def append_a_pdu(self, octets: bytearray) -> bytearray:
        return octets + self.chance.choice(self.seeds)

    def call_it_another(self, octets: bytearray) -> bytearray:
        known = self.chance.random() < 0.9
        command = self.chance.choice(COMMANDS) if known else self.chance.randrange(2**32)
        octets[4:8] = command.to_bytes(4, "big")
        return octets

    def change_status_and_number(self, octets: bytearray) -> bytearray:
        numbers = (0, 1, 2, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
        octets[8:12] = self.chance.choice((0, 8, 0x100, 0x4FF, 0xFFFFFFFF)).to_bytes(4, "big")
        octets[12:16] = self.chance.choice(numbers).to_bytes(4, "big")
        return octets

    def repeat_a_piece(self, octets: bytearray) -> bytearray:
        begin, end = self.piece(octets)
        return octets[:end] + octets[begin:end] * self.chance.choice((1, 3, 300)) + octets[end:]

    def drop_a_piece(self, octets: bytearray) -> bytearray:
        begin, end = self.piece(octets)
        return octets[:begin] + octets[end:]


MUTATIONS: tuple[Mutation, ...] = (
    Mutator.flip_bits,
    Mutator.set_octets,
    Mutator.truncate,
    Mutator.extend,
    Mutator.splice,
    Mutator.lie_about_the_length,
    Mutator.lie_about_a_count,
    Mutator.swap_fields,
    Mutator.put_nuls,
    Mutator.fill_nuls,
    Mutator.add_a_tlv,
    Mutator.repeat_a_tlv,
    Mutator.put_a_pdu_inside,
    Mutator.append_a_pdu,
    Mutator.call_it_another,
    Mutator.change_status_and_number,
    Mutator.repeat_a_piece,
    Mutator.drop_a_piece,
)
