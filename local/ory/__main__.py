"""``python -m local.ory``: serve until told to stop."""

import logging
import sys

import uvicorn
from pydantic import ValidationError

from local.ory.app import build_app
from local.ory.settings import Settings

BAD_SETTINGS = 2

logger = logging.getLogger("local.ory")


def main() -> int:
    """Read the environment and serve; the exit code is 2 when the settings cannot be used."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = Settings()
    except ValidationError as error:
        print(_complaint(error), file=sys.stderr)
        return BAD_SETTINGS
    logger.warning(
        "this is a stand-in for Ory Kratos, Hydra and Keto, for one machine only: not for production"
    )
    logger.info("listening on http://%s:%d, issuer %s", settings.host, settings.port, settings.base_url)
    uvicorn.run(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=120,
        timeout_graceful_shutdown=5,
    )
    return 0


def _complaint(error: ValidationError) -> str:
    """One sentence per problem; the values themselves may be secret and are not repeated."""
    problems = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'settings'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return f"The Ory stand-in cannot start: {'; '.join(problems)}."


if __name__ == "__main__":
    sys.exit(main())
