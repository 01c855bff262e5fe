"""The command that tells why: the verdict on a message, step by step, without sending it."""

from typing import Annotated, Any

from cyclopts import Parameter

from smsc.cli import show
from smsc.cli.client import HERE, Smsc
from smsc.cli.failure import Failure


def explain(
    *,
    sender: Annotated[
        str | None,
        Parameter(
            name="--from",
            help="A device's number, or a number or name of the account's; else its first address.",
        ),
    ] = None,
    to: Annotated[str, Parameter(help="The recipient's number.")],
    text: Annotated[str | None, Parameter(help="The text; rules may look at it.")] = None,
    account: Annotated[
        str | None,
        Parameter(help="The account that would send it; else the device, or the token's account."),
    ] = None,
    link: Annotated[
        str | None, Parameter(help="The link that would be asked for, if the message leaves.")
    ] = None,
    smsc: Smsc = HERE,
) -> None:
    """Show step by step whether a message would be accepted; nothing is sent or counted.

    Piped, a line has the rule, whether it let the message pass, and why, with tabs. Ends with 0 if
    the message would be accepted, with 1 if it would be refused.

    Example: `smsc explain --from 491700000001 --to 1234 --text hello`
    """
    what = f"explain {sender or account or 'a message'} to {to}"
    asked = {"from": sender, "to": to, "text": text, "account": account, "link": link}
    body = {key: value for key, value in asked.items() if value is not None}
    answer = smsc.post(what, "/v1/explain", body)
    rows = [(each["rule"], each["passed"], each["why"]) for each in answer["steps"]]
    if answer["accepted"]:
        rows.append(("verdict", True, f"accepted as {answer['class']}"))
    show.table(("Rule", "Passed", "Why"), rows)
    if not answer["accepted"]:
        raise Failure(f"{what}: {_refused(answer)}")


def _refused(answer: dict[str, Any]) -> str:
    told = f"refused ({answer['reason']}): {answer['detail']}"
    wait = answer["retry_after"]
    return told if wait is None else f"{told}; it would pass in {wait} s"
