"""An application on smpplib, which blocks until it has what it asked for."""

import ssl
from types import TracebackType
from typing import Any

from smpplib import consts, gsm
from smpplib.client import Client

SECONDS_AT_MOST = 30
DELIVERED = consts.SMPP_MESSAGE_STATE_DELIVERED
ESM_TYPE_RECEIPT = 0x04  # esm_class, SMPP 3.4, 5.2.12; the library has no name for it


class Application:
    """Connected between `with` and its end; how it binds is for the test to say."""

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        host, port = address
        if tls is not None:
            tls.check_hostname = False  # the library never says whom it wants to reach
        self.client = Client(
            host,
            port,
            timeout=SECONDS_AT_MOST,
            ssl_context=tls,
            allow_unknown_opt_params=True,
        )
        self.client.set_message_sent_handler(self._sent)
        self.client.set_message_received_handler(self._received)
        self.client.set_query_resp_handler(self._told)
        self.answers: list[Any] = []
        self.heard: list[Any] = []
        self.queried: list[Any] = []

    def __enter__(self) -> "Application":
        self.client.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.client.state != consts.SMPP_CLIENT_STATE_CLOSED:
            self.client.unbind()
            self.disconnect()

    def disconnect(self) -> None:
        """Hang up."""
        self.client.state = consts.SMPP_CLIENT_STATE_OPEN  # else it warns that it was bound
        self.client.disconnect()

    def _sent(self, pdu: Any) -> None:
        self.answers.append(pdu)

    def _received(self, pdu: Any) -> None:
        self.heard.append(pdu)

    def _told(self, pdu: Any) -> None:
        self.queried.append(pdu)

    # The three ways to bind.

    def transmitter(self) -> "Application":
        self.client.bind_transmitter(system_id="demo", password="demo")
        return self

    def receiver(self) -> "Application":
        self.client.bind_receiver(system_id="demo", password="demo")
        return self

    def transceiver(self) -> "Application":
        self.client.bind_transceiver(system_id="demo", password="demo")
        return self

    # What a test has it do.

    def send(self, to: str, text: str) -> list[str]:
        """Submit a text, in parts if it is long; return the ids of the submit_sm_resps."""
        parts, data_coding, esm_class = gsm.make_parts(text)
        return [self.submit(to, part, data_coding, esm_class) for part in parts]

    def submit(
        self, to: str, octets: bytes, data_coding: int, esm_class: int = 0, **fields: Any
    ) -> str:
        """Submit octets, asking for a receipt; return the id of the submit_sm_resp."""
        self.client.send_message(
            source_addr_ton=consts.SMPP_TON_UNK,
            source_addr_npi=consts.SMPP_NPI_ISDN,
            source_addr="1234",
            dest_addr_ton=consts.SMPP_TON_INTL,
            dest_addr_npi=consts.SMPP_NPI_ISDN,
            destination_addr=to,
            short_message=octets,
            data_coding=data_coding,
            esm_class=esm_class,
            registered_delivery=True,
            **fields,
        )
        while not self.answers:
            self._read()
        return str(self.answers.pop(0).message_id, "ascii")

    def query(self, message_id: str) -> Any:
        """Ask how a message stands; return the query_sm_resp."""
        self.client.query_message(
            message_id=message_id,
            source_addr_ton=consts.SMPP_TON_UNK,
            source_addr_npi=consts.SMPP_NPI_ISDN,
            source_addr="1234",
        )
        while not self.queried:
            self._read()
        return self.queried.pop(0)

    def next_heard(self) -> Any:
        """Return the next deliver_sm."""
        while not self.heard:
            self._read()
        return self.heard.pop(0)

    def next_unanswered(self) -> Any:
        """Return the next PDU, as an application does that dies before it could answer."""
        return self.client.read_pdu()

    def _read(self) -> None:
        self.client.read_once(auto_send_enquire_link=False)


def is_receipt(pdu: Any) -> bool:
    """Whether a deliver_sm is a receipt, by the type of message in its esm_class."""
    return bool(pdu.esm_class & ESM_TYPE_RECEIPT)


def stated(pdu: Any) -> tuple[str, int]:
    """Return what smpplib reads in a receipt: the id it is about, and the final state."""
    return str(pdu.receipted_message_id, "ascii"), pdu.message_state
