"""The story the SMSC is for: a message outlives its server, and its device comes back."""

from pathlib import Path

from tests.journeys.blocking import DELIVERED, Application, stated
from tests.journeys.server import DETACHED, Server, demo_world


def test_a_message_for_a_detached_device_survives_the_servers_death_and_is_receipted(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        with Application(server.smpp) as application:
            (message_id,) = application.transmitter().send(DETACHED, "turn left at the bridge")
            assert server.state(message_id) == "ENROUTE"

            server.kill()
            server.wait()
            application.disconnect()

        server.start()
        assert server.state(message_id) == "ENROUTE"
        assert server.inbox(DETACHED) == []

        server.command("devices", "attach", DETACHED)
        with Application(server.smpp) as application:
            receipt = application.receiver().next_heard()
        assert stated(receipt) == (message_id, DELIVERED)
        assert server.texts(DETACHED) == ["turn left at the bridge"]
        assert "state: DELIVERED" in server.command("messages", "show", message_id)


def test_where_a_device_was_moved_to_and_what_was_told_survive_the_servers_death(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        server.attach(DETACHED)
        with Application(server.smpp) as application:
            (told_id,) = application.transceiver().send(DETACHED, "told")
            assert stated(application.next_heard()) == (told_id, DELIVERED)
            (untold_id,) = application.send(DETACHED, "not told")
            assert stated(application.next_unanswered()) == (untold_id, DELIVERED)
            server.kill()
            server.wait()
            application.disconnect()

        server.start()
        assert server.get(f"/v1/devices/{DETACHED}")["attached"] is True
        assert [server.state(each) for each in (told_id, untold_id)] == ["DELIVERED"] * 2
        with Application(server.smpp) as application:
            application.receiver()
            assert stated(application.next_heard()) == (untold_id, DELIVERED), "the told is not"
            (next_id,) = server.device_sends(DETACHED, "1234", "next")
            assert application.next_heard().short_message == b"next"
        assert next_id > untold_id
