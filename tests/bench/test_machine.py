"""The machine's description."""

from bench.machine import describe, disk, processor


def test_the_processor_is_called_as_linux_calls_it() -> None:
    lines = ["processor\t: 0", "model name\t: AMD EPYC: the large one", "model name\t: another"]
    assert processor(lines) == "AMD EPYC: the large one"


def test_a_processor_without_a_name_is_called_by_its_kind() -> None:
    assert processor(["processor\t: 0"])


def test_a_sync_takes_time_and_the_slowest_more() -> None:
    tried = disk(syncs=20)
    assert 0 < tried.sync_ms_median <= tried.sync_ms_p99


def test_everything_about_this_machine_is_known() -> None:
    machine = describe()
    assert machine.cores > 0 and machine.memory > 0
    assert machine.kernel.startswith("Linux ")
    assert machine.python and machine.sqlite.startswith("3.")
