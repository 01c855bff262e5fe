"""What a process uses, read from /proc about this one."""

import os
import time

from bench.process import Processor, memory


def test_the_processor_that_was_used_is_counted_as_python_counts_it() -> None:
    while time.process_time() < 0.1:
        pass
    before = time.process_time()
    used = Processor.of(os.getpid())
    assert before - 0.02 <= used.all <= time.process_time() + 0.02
    assert 0 < used.loop <= used.all


def test_shares_are_of_the_time_in_between() -> None:
    before, after = Processor(1.0, 0.5, 0.0), Processor(3.0, 2.0, 0.25)
    assert after.since(before, 4.0) == Processor(0.5, 0.375, 0.062)


def test_no_time_has_no_shares() -> None:
    assert Processor(3.0, 2.0, 1.0).since(Processor(1.0, 1.0, 1.0), 0.0) == Processor(0, 0, 0)


def test_memory_grows_by_what_is_taken() -> None:
    before = memory(os.getpid())
    taken = bytearray(os.urandom(1)) * 64_000_000
    assert memory(os.getpid()) - before > 60_000_000
    del taken
