"""What the versions of SMPP differ in: one table, which everything that depends on it reads.

A session has the highest version that both sides know (3.4 clause 5.2.4, 5.0 clause 4.7.13); its
row says what may be sent to the peer, and how it is written.
"""

from typing import Final, NamedTuple

from smsc.smpp.commands import CommandId, CommandStatus, Version

_OF_3_3: Final = frozenset(
    {
        CommandId.bind_receiver,
        CommandId.bind_transmitter,
        CommandId.unbind,
        CommandId.submit_sm,
        CommandId.submit_multi,
        CommandId.query_sm,
        CommandId.cancel_sm,
        CommandId.replace_sm,
        CommandId.enquire_link,
    }
)
_OF_3_4: Final = _OF_3_3 | {CommandId.bind_transceiver, CommandId.data_sm}


class Rules(NamedTuple):
    """What a session of one version may be told, and ask."""

    requests: frozenset[CommandId]
    """The requests that an ESME of this version may know; a newer one is served all the same."""
    tlvs: bool
    """Whether the peer knows TLVs (5.0 clause 3.4.4)."""
    words: bool
    """Whether a refusal says why in additional_status_info_text (5.0 clause 4.8.4.1)."""
    congestion: bool
    """Whether responses carry congestion_state (5.0 clause 4.8.4.18)."""
    hexadecimal_ids: bool
    """Whether a message_id is eight hexadecimal digits (3.4 clause 5.2.23)."""
    last_status: int
    """The highest status of the specification that the peer knows."""


RULES: Final[dict[Version, Rules]] = {
    Version.V33: Rules(_OF_3_3, False, False, False, True, CommandStatus.ESME_RQUERYFAIL),
    Version.V34: Rules(_OF_3_4, True, False, False, False, CommandStatus.ESME_RUNKNOWNERR),
    Version.V50: Rules(_OF_3_4, True, True, True, False, CommandStatus.ESME_RINVBCASTCHANIND),
}

FALLBACK: Final = CommandStatus.ESME_RSUBMITFAIL
"""What an older peer is told instead of a status that it doesn't know."""


def negotiated(interface_version: int) -> Version:
    """Return the highest version both sides know; below 3.3 there is none (5.0 4.7.13)."""
    return max(
        (version for version in Version if version <= interface_version), default=Version.V33
    )


def known_status(status: int, version: Version) -> int:
    """Return the status as a peer of this version knows it (5.0 clause 4.7.6)."""
    return status if status <= RULES[version].last_status else FALLBACK
