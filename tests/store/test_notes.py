"""Notes of the doors: read by kind and key, or in the order of keys."""

from smsc.store.store import Batch
from tests.store.samples import Shelf


def noting(*changes: tuple[str, str, bytes | None]) -> Batch:
    filled = Batch()
    filled.notes.update({(kind, key): text for kind, key, text in changes})
    return filled


async def test_notes_are_read_by_key_also_after_a_restart(shelf: Shelf) -> None:
    await shelf.write(noting(("a", "1", b"one"), ("a", "2", b""), ("b", "1", b"other")))
    await shelf.reopen()
    assert await shelf.store.notes("a", ["1", "2", "3", "1"]) == {"1": b"one", "2": b""}
    assert await shelf.store.notes("b", ["1", "2"]) == {"1": b"other"}
    assert await shelf.store.notes("a", []) == {}


async def test_a_note_is_what_it_was_last_or_gone(shelf: Shelf) -> None:
    await shelf.write(noting(("a", "1", b"one"), ("a", "2", b"two")))
    await shelf.write(noting(("a", "1", b"uno"), ("a", "2", None), ("a", "3", None)))
    assert await shelf.store.notes("a", ["1", "2", "3"]) == {"1": b"uno"}


async def test_notes_of_a_kind_are_listed_in_the_order_of_keys(shelf: Shelf) -> None:
    texts = [("a", key, key.encode()) for key in ("b", "a", "d", "'; --", "c")]
    await shelf.write(noting(*texts, ("b", "z", b"")))
    assert [*await shelf.store.notes_after("a", "", 3)] == ["'; --", "a", "b"]
    assert [*await shelf.store.notes_after("a", "b", 3)] == ["c", "d"]
    assert await shelf.store.notes_after("a", "d", 3) == {}


async def test_a_batch_of_notes_alone_is_something_to_write() -> None:
    assert noting(("a", "1", None))
