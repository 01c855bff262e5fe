"""A device whose memory is full: messages wait, also through a crash, until it is emptied."""

from pathlib import Path

from tests.journeys.remote import Remote, node_smpp
from tests.journeys.server import Server, demo_world

FULL = "491530000001"
DEVICE = f"""
[[devices]]
msisdn = "{FULL}"
memory = 2
"""
DEMO = {"system_id": "demo", "password": "demo", "interface_version": 0x34}


def submit(remote: Remote, text: str, **tlvs: int) -> str:
    answer = remote.ask(
        "submit_sm",
        source_addr_ton=0,
        source_addr_npi=1,
        source_addr="1234",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=FULL,
        short_message=text,
        **tlvs,
    )
    assert answer["command_status"] == 0
    return str(answer["message_id"])


def shown_until(server: Server, *lines: str) -> None:
    """Look at the device until it is shown with these lines."""
    while not set(lines) <= set(shown := server.command("devices", "show", FULL).splitlines()):
        assert f"msisdn: {FULL}" in shown


def received_until(server: Server, *texts: str) -> None:
    """Look into the inbox until it has so many texts, which are these."""
    while len(found := server.texts(FULL)) < len(texts):
        pass
    assert found == list(texts)


def test_who_asked_is_alerted_and_what_waits_goes_when_the_device_is_cleared(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path, DEVICE)) as server:
        server.start()
        with node_smpp(server.smpp) as application:
            application.ask("bind_transceiver", **DEMO)
            for text in ("one", "two"):
                submit(application, text)
            submit(application, "three", set_dpf=1)
            submit(application, "four")
            shown_until(server, "messages_waiting: yes", "mcef: yes")
            received_until(server, "one", "two")
            server.command("devices", "clear", FULL)
            alert = application.hear("alert_notification")
            assert (alert["source_addr"], alert["esme_addr"]) == (FULL, "1234")
            assert alert["ms_availability_status"] == 0
        received_until(server, "three", "four")
        assert "mcef" not in server.command("devices", "show", FULL)


def test_what_waits_for_memory_survives_the_servers_death(tmp_path: Path) -> None:
    with Server(demo_world(tmp_path, DEVICE)) as server:
        server.start()
        with node_smpp(server.smpp) as application:
            application.ask("bind_transceiver", **DEMO)
            for text in ("one", "two", "three", "four"):
                last = submit(application, text)
            shown_until(server, "mcef: yes")
            server.kill()
            server.wait()
        server.start()
        assert server.state(last) == "ENROUTE"
        server.command("devices", "clear", FULL)
        received_until(server, "three", "four")
