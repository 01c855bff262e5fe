"""API tokens as they are now: those of the configuration, and those in their place."""

from copy import deepcopy

from smsc.web.tokens import Tokens

CONFIGURED = {"a": "fleet", "b": "bank"}


def test_a_renewed_token_is_its_accounts_and_the_old_one_is_nobodys() -> None:
    tokens = Tokens(CONFIGURED, {})
    tokens.renew("a", "a2")
    assert dict(tokens) == {"a2": "fleet", "b": "bank"}
    assert len(tokens) == 2


def test_a_token_that_is_renewed_again_goes_by_the_first() -> None:
    tokens = Tokens(CONFIGURED, {})
    tokens.renew("a", "a2")
    tokens.renew("a2", "a3")
    assert (tokens.original("a3"), tokens.original("b")) == ("a", "b")
    assert dict(tokens) == {"a3": "fleet", "b": "bank"}


def test_what_was_renewed_counts_after_a_restart() -> None:
    tokens = Tokens(CONFIGURED, {"a": "a3"})
    assert dict(tokens) == {"a3": "fleet", "b": "bank"}
    assert tokens.original("a3") == "a"


def test_a_token_that_the_operator_has_replaced_takes_its_renewed_one_with_it() -> None:
    assert dict(Tokens({"new": "fleet"}, {"a": "a3"})) == {"new": "fleet"}


def test_there_is_one_table_of_tokens_whoever_copies_it() -> None:
    tokens = Tokens(CONFIGURED, {})
    assert deepcopy(tokens) is tokens
