"""Figures held against their aims."""

from bench import memory, road, sessions, stored, storm
from bench.machine import Disk, Machine
from bench.results import Figures, lines
from bench.road import Row
from bench.sessions import Pair
from bench.timeline import OverTime

MACHINE = Machine(
    processor="Abacus 9",
    cores=2,
    memory=8 << 30,
    kernel="Linux 6.1",
    python="CPython 3.11.7",
    sqlite="3.54.1",
    disk=Disk(0.2, 1.5),
    load_average=(0.1, 0.2, 0.3),
    date="2026-11-21",
)


def row(*rates: float, p99: float | None = None) -> Row:
    return Row(
        rates=list(rates),
        p99_at_half=p99,
        latency_at_half=[] if p99 is None else [(p99 / 2, 99), (p99, 1)],
        server_cpu=1.2,
        loop_cpu=0.9,
        loop_waited=0.01,
        generator_cpu=0.3,
    )


def figures(
    accept: float = 50_000.0,
    p99: float = 5.0,
    many: float = 90.0,
    at_start: int = 70_000_000,
    in_hand: float = 900.0,
    stored_message: float = 1.0,
    accept_stored: float = 45_000.0,
    start: float = 1.0,
    read_us: float = 150.0,
    storm_p99: float = 20.0,
    storm_rate: float = 15_000.0,
) -> Figures:
    """Make figures that meet all aims, but for what is said otherwise."""
    pair = Pair(few=row(100.0), many=row(many))
    return Figures(
        machine=MACHINE,
        rounds=5,
        count=100_000,
        seconds=300.0,
        road=road.Figures(
            floor=row(100_000.0, 80_000.0, 120_000.0),
            accept=row(accept, p99=p99),
            datagram=row(70_000.0, p99=p99),
            end_to_end=row(15_000.0, p99=p99),
        ),
        over_time={"accept, durable": OverTime(0.1, [100, 110, 105, 4])},
        sessions=sessions.Figures(few=10, many=1000, unanswered=5000, accept=pair, end_to_end=pair),
        memory=memory.Figures(
            devices=40_000,
            at_start=at_start,
            warm=at_start,
            waiting_device=100.0,
            stored_message=stored_message,
            stored=120_000,
            device_in_hand=in_hand,
        ),
        stored=[point(1_000, 50_000.0), point(10_000_000, accept_stored, start, read_us)],
        storm=storm.Figures(
            devices=100_000,
            steady_rate=500.0,
            attach_seconds=0.5,
            storm_seconds=7.0,
            delivered=storm_rate,
            end_to_end=16_000.0,
            before=wait(5.0),
            storm=wait(storm_p99),
            accounts={"few": storm.Progress(messages=10_000, half=1.0, all=2.0)},
            crowd_when_few_had_all=20_000,
            duplicates=0,
            rss_before=90_000_000,
            rss_peak=120_000_000,
        ),
    )


def point(
    messages: int, accept: float, start: float = 1.0, read_us: float = 150.0
) -> stored.Figures:
    return stored.Figures(
        messages=messages,
        octets_a_message=250.0,
        fill_rate=100_000.0,
        start_seconds=start,
        start_empty_seconds=0.9,
        restart_seconds=start,
        accept=accept,
        accept_empty=50_000.0,
        memory_mb=70.0,
        memory_loaded_mb=85.0,
        memory_loaded_empty_mb=84.0,
        greeting_seconds=2.0,
        read_first_us=2 * read_us,
        read_us=read_us,
        read_p99_us=2 * read_us,
        attach_ms=12.0,
    )


def wait(p99: float) -> storm.Wait:
    return storm.Wait(
        answer_p50=p99 / 4, answer_p99=p99, answer_max=p99, receipt_p50=p99, receipt_p99=p99
    )


def missed(figures: Figures) -> list[str]:
    return [line.figure for line in lines(figures) if not line.met]


def test_every_aim_can_be_met() -> None:
    assert missed(figures()) == []


def test_a_rate_is_held_against_its_share_of_the_median_floor() -> None:
    assert missed(figures(accept=30_000.0)) == []
    assert missed(figures(accept=29_999.0)) == ["accept, durable"]


def test_the_answer_of_each_load_has_to_come_in_time() -> None:
    assert len(missed(figures(p99=10.0))) == 3


def test_many_binds_may_cost_a_fifth_of_the_rate() -> None:
    assert missed(figures(many=80.0)) == []
    assert missed(figures(many=79.0)) == [
        "1,000 binds instead of 10, accept",
        "1,000 binds instead of 10, end to end",
    ]


def test_memory_has_bounds_at_the_start_and_for_each_device_and_message() -> None:
    assert missed(figures(at_start=150_000_000)) == ["memory at the start"]
    assert missed(figures(in_hand=1000.0)) == [
        "memory of a device within reach with a message in hand"
    ]
    assert missed(figures(stored_message=10.0)) == ["memory of a stored message more"]


def test_the_largest_store_is_held_against_the_aims() -> None:
    behind = "with 10,000,000 stored messages"
    assert missed(figures(accept_stored=35_000.0)) == []
    assert missed(figures(accept_stored=34_000.0)) == [f"accept {behind}"]
    assert missed(figures(start=5.0)) == [
        f"start to first bind {behind}",
        f"start after a kill under load {behind}",
    ]
    assert missed(figures(read_us=1000.0)) == [f"reading the queue of a device {behind}"]


def test_in_a_storm_answers_come_in_time_and_messages_at_the_rate_of_the_road() -> None:
    when = "while 100,000 devices attach"
    assert missed(figures(storm_p99=50.0)) == [f"submit p99 {when}"]
    assert missed(figures(storm_rate=12_800.0)) == []
    assert missed(figures(storm_rate=12_799.0)) == [f"delivered {when}"]


def test_a_line_tells_aim_figure_and_ratio() -> None:
    (accept,) = (line for line in lines(figures()) if line.figure == "accept, durable")
    assert accept[1:4] == ("at least 0.30 of the floor", "50,000/s", "0.500")
