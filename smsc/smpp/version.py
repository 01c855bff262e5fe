"""What the versions of SMPP differ in: one table, which everything that depends on it reads.

A session has the highest version that both sides know (3.4 clause 5.2.4, 5.0 clause 4.7.13); its
row says what may be sent to the peer, and how it is written. What the peer sends is read alike in
every version: a request or a TLV that is newer than the version it bound with does no harm, and
peers that say 3.3 or 3.4 in their bind and mean more are common.

The fields of a PDU are the same in every version; some may be longer in a newer one (a message_id
of 3.3 has 8 characters, a short_message of 3.4 has 254 octets), and are read at their longest.
"""

from typing import Final, NamedTuple

from smsc.smpp.commands import CommandId, CommandStatus, Version

_OF_ALL: Final = frozenset(
    {
        CommandId.bind_receiver,
        CommandId.bind_transmitter,
        CommandId.unbind,
        CommandId.submit_sm,
        CommandId.submit_multi,
        CommandId.deliver_sm,
        CommandId.query_sm,
        CommandId.cancel_sm,
        CommandId.replace_sm,
        CommandId.enquire_link,
    }
)
_OF_3_3: Final = _OF_ALL | {
    CommandId.param_retrieve,
    CommandId.query_last_msgs,
    CommandId.query_msg_details,
}
_OF_3_4: Final = _OF_ALL | {
    CommandId.bind_transceiver,
    CommandId.outbind,
    CommandId.data_sm,
    CommandId.alert_notification,
}
_OF_5_0: Final = _OF_3_4 | {
    CommandId.broadcast_sm,
    CommandId.query_broadcast_sm,
    CommandId.cancel_broadcast_sm,
}


class Rules(NamedTuple):
    """What a session of one version may be told, and ask."""

    requests: frozenset[CommandId]
    """The requests that the version has, of both sides. An ESME isn't sent any other; one that it
    sends is served if we serve it at all."""
    tlvs: bool
    """Whether the peer knows TLVs (5.0 clause 3.4.4)."""
    words: bool
    """Whether a refusal says why in additional_status_info_text (5.0 clause 4.8.4.1)."""
    congestion: bool
    """Whether responses carry congestion_state (5.0 clause 4.8.4.18)."""
    hexadecimal_ids: bool
    """Whether a message_id is eight hexadecimal digits (3.4 clause 5.2.23)."""
    scheduled: bool
    """Whether the peer knows the message_state SCHEDULED (5.0 clause 4.7.15)."""
    last_status: int
    """The highest status of the specification that the peer knows."""


RULES: Final[dict[Version, Rules]] = {
    Version.V33: Rules(_OF_3_3, False, False, False, True, False, CommandStatus.ESME_RQUERYFAIL),
    Version.V34: Rules(_OF_3_4, True, False, False, False, False, CommandStatus.ESME_RUNKNOWNERR),
    Version.V50: Rules(_OF_5_0, True, True, True, False, True, CommandStatus.ESME_RINVBCASTCHANIND),
}

FALLBACK: Final = CommandStatus.ESME_RSUBMITFAIL
"""What an older peer is told instead of a status that it doesn't know."""

# To a peer without TLVs they are octets too many.
_TOO_LONG: Final = frozenset({CommandStatus.ESME_RINVTLVSTREAM, CommandStatus.ESME_RINVTLVLEN})


def negotiated(interface_version: int) -> Version:
    """Return the highest version both sides know; below 3.3 there is none (5.0 4.7.13)."""
    return max(
        (version for version in Version if version <= interface_version), default=Version.V33
    )


def known_status(status: int, version: Version) -> int:
    """Return the status as a peer of this version knows it (5.0 clause 4.7.6)."""
    if status <= RULES[version].last_status:
        return status
    return CommandStatus.ESME_RINVCMDLEN if status in _TOO_LONG else FALLBACK
