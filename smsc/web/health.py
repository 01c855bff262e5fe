"""What an orchestrator asks: does it live, and should it be sent traffic."""

from http import HTTPStatus

from litestar import MediaType, get
from litestar.di import NamedDependency

from smsc.web.problems import problem, spec
from smsc.web.services import Services


@get(
    "/healthz",
    media_type=MediaType.TEXT,
    tags=["Operation"],
    operation_id="healthz",
    summary="Does it live?",
)
async def healthz() -> str:
    """Answer `ok`, as long as the event loop runs."""
    return "ok\n"


@get(
    "/readyz",
    media_type=MediaType.TEXT,
    tags=["Operation"],
    operation_id="readyz",
    summary="Should it be sent traffic?",
    responses={503: spec("Not now; `detail` says why.")},
)
async def readyz(services: NamedDependency[Services]) -> str:
    """Answer `ready`, or a problem that names what is in the way."""
    reason = services.ready()
    if reason is not None:
        raise problem(HTTPStatus.SERVICE_UNAVAILABLE, reason, title="Not ready")
    return "ready\n"
