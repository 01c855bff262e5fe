"""Figures held against their aims."""

from bench import memory, road, sessions
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
    stored: float = 1.0,
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
            stored_message=stored,
            stored=120_000,
            device_in_hand=in_hand,
        ),
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
    assert missed(figures(stored=10.0)) == ["memory of a stored message more"]


def test_a_line_tells_aim_figure_and_ratio() -> None:
    (accept,) = (line for line in lines(figures()) if line.figure == "accept, durable")
    assert accept[1:4] == ("at least 0.30 of the floor", "50,000/s", "0.500")
