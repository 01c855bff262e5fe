"""Pages of a collection: which are asked for, and the headers that tell where they stand."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from smsc.web.emnify.ids import whole


class Asking(NamedTuple):
    """What a query asks for: a page counted from 1, how much is on each, order and filters."""

    page: int
    per_page: int
    sort: str
    q: str


class Page(NamedTuple):
    """The page that is answered."""

    number: int
    per_page: int
    pages: int
    total: int
    sort: str

    @property
    def bounds(self) -> tuple[int, int]:
        """The first of the collection that is on it, and the first that isn't any more."""
        first = (self.number - 1) * self.per_page
        return first, first + self.per_page


def asked(query: Mapping[str, str], most: int) -> Asking:
    """Read what a query asks for, at most so many on a page; raises Wrong for what is no number."""
    per_page = whole(query.get("per_page") or "0", "per_page")
    page = whole(query.get("page") or "1", "page")
    per_page = min(per_page, most) if per_page >= 1 else most
    return Asking(page, per_page, query.get("sort", ""), query.get("q", ""))


def page(asking: Asking, total: int) -> Page:
    """Return the page that is asked for of so many; the first or last where there is no such."""
    pages = max(1, -(-total // asking.per_page))
    number = min(max(asking.page, 1), pages)
    return Page(number, asking.per_page, pages, total, asking.sort)


def headers(page: Page, asking: Asking, url: str) -> dict[str, str]:
    """Return the headers of a page of the collection at this URL."""
    told = {
        "X-Count-Per-Page": str(page.per_page),
        "X-Current-Page": str(page.number),
        "X-Total-Count": str(page.total),
        "X-Total-Pages": str(page.pages),
        "Link": _links(page, asking, url),
    }
    if page.sort:
        told["X-Sort"] = page.sort.encode("ascii", "replace").decode()
    return told


def _links(page: Page, asking: Asking, url: str) -> str:
    relations = {"first": 1, "prev": page.number - 1, "next": page.number + 1, "last": page.pages}
    found = {rel: at for rel, at in relations.items() if 1 <= at <= page.pages}
    said = {name: text for name, text in (("sort", asking.sort), ("q", asking.q)) if text}
    return ", ".join(
        f'<{url}?{urlencode({"page": at, "per_page": page.per_page, **said})}>; rel="{rel}"'
        for rel, at in found.items()
    )
