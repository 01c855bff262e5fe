"""Send a first message to a simulated device, and wait for its delivery receipt.

Start the demo world in one terminal with `smsc serve`, then run this in another:

    python examples/first_message.py [HOST] [PORT]

It needs `pip install smpplib`.
"""

import sys
from typing import Any

from smpplib import consts, gsm
from smpplib.client import Client

HOST = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 2775
DEVICE = "491700000001"

# Whatever the SMSC sends goes to one of these, and is answered for us.
accepted: list[Any] = []
delivered: list[Any] = []
client = Client(HOST, PORT, allow_unknown_opt_params=True)
client.set_message_sent_handler(lambda pdu: accepted.append(pdu))
client.set_message_received_handler(lambda pdu: delivered.append(pdu))

# A transceiver sends messages, and is sent receipts and what devices send.
client.connect()
client.bind_transceiver(system_id="demo", password="demo")

# The library turns the text into octets, in several parts if it is long; this one isn't.
(octets,), data_coding, esm_class = gsm.make_parts("Hello, device")
client.send_message(
    source_addr="1234",
    dest_addr_ton=consts.SMPP_TON_INTL,
    dest_addr_npi=consts.SMPP_NPI_ISDN,
    destination_addr=DEVICE,
    short_message=octets,
    data_coding=data_coding,
    esm_class=esm_class,
    registered_delivery=consts.SMPP_SMSC_DELIVERY_RECEIPT_BOTH,
)

# The answer names the message: from now on it is on the SMSC's disk.
while not accepted:
    client.read_once()
message_id = accepted[0].message_id
print(f"accepted as {message_id.decode()}")

# What has become of it comes in a receipt of its own.
while not (receipts := [pdu for pdu in delivered if pdu.receipted_message_id == message_id]):
    client.read_once()
print(receipts[0].short_message.decode())

client.unbind()
client.disconnect()
