"""Credentials in the store: what was renewed or bound is so after it was opened again."""

from tests.store.samples import NOW, Shelf


async def test_a_token_that_was_renewed_stands_in_the_place_of_the_first(shelf: Shelf) -> None:
    assert await shelf.store.renewed_tokens() == {}
    await shelf.store.renew_token("first", "second", NOW)
    await shelf.store.renew_token("first", "third", NOW)
    await shelf.store.renew_token("other", "another", NOW)
    await shelf.reopen()
    assert await shelf.store.renewed_tokens() == {"first": "third", "other": "another"}


async def test_a_thing_is_bound_to_the_application_that_came_first(shelf: Shelf) -> None:
    assert await shelf.store.bind_application("mower", "first") == "first"
    assert await shelf.store.bind_application("mower", "second") == "first"
    assert await shelf.store.bind_application("pump", "second") == "second"
    await shelf.reopen()
    assert await shelf.store.bind_application("mower", "second") == "first"
