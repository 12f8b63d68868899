"""`python -m local.message_pages [DIRECTORY]`: an AsyncAPI page for each service, of the messages it takes and tells.

FastStream describes the subscriptions of the running code; what it cannot know is added: the answers, the events,
and that members travel in snake case.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from faststream.nats import NatsBroker, NatsRouter
from faststream.specification.asyncapi import AsyncAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from local.settings import ROOT
from services.diary.handlers import ROUTERS as DIARY
from services.embedder.handlers import router as embedder_router
from services.identity.handlers import router as identity_router
from services.signing.handlers import router as signing_router
from shared.contracts import diary, embedder, identity, signing
from shared.contracts.base import Command, Event, Query
from shared.contracts.principal import Principal
from shared.logs import VERSION
from shared.messaging import headers
from shared.problems import ProblemDetails

PAGES = ROOT / "docs" / "asyncapi"
DESCRIPTION = (
    "Commands and queries are answered with the message shown, or with ProblemDetails: the header Moltnet-Outcome"
    " says which. Commands are published to `<subject>.<command id>`. The header Moltnet-Principal says who asks."
)
SERVICES: Mapping[str, tuple[ModuleType, Sequence[NatsRouter]]] = {
    "diary": (diary, DIARY),
    "identity": (identity, (identity_router,)),
    "signing": (signing, (signing_router,)),
    "embedder": (embedder, (embedder_router,)),
}
SCHEMAS = "#/components/schemas/{model}"


def pages() -> dict[str, str]:
    """The JSON of each service's page."""
    return {name: json.dumps(_page(name), indent=2, sort_keys=True) + "\n" for name in SERVICES}


def _page(service: str) -> dict[str, Any]:
    module, routers = SERVICES[service]
    broker = NatsBroker("nats://localhost:4222")
    broker.include_routers(*routers)
    for event in _contracts(module, Event):
        broker.publisher(event.subject, schema=event, title=event.subject, description=event.__doc__ or "")
    told = AsyncAPI(broker, title=f"MoltNet {service} service", version=VERSION, description=DESCRIPTION)
    page: dict[str, Any] = json.loads(told.to_specification().to_json())
    asked = [*_contracts(module, Command), *_contracts(module, Query)]
    for contract in asked:
        _answer(page, contract)
    page["components"]["schemas"] = _schemas(
        *asked, *(contract.answer for contract in asked), *_contracts(module, Event)
    )
    return page


def _contracts(module: ModuleType, kind: type) -> Iterator[Any]:
    for member in vars(module).values():
        if isinstance(member, type) and issubclass(member, kind) and "subject" in vars(member):
            yield member


def _answer(page: dict[str, Any], contract: Any) -> None:
    """The reply of an operation, sent to where the asker listens. Raises KeyError if nobody takes the message."""
    name, operation = f"{contract.subject}:answer", page["operations"][contract.subject]
    where = headers.REPLY_TO if issubclass(contract, Command) else "reply"
    messages = page["components"]["messages"]
    messages[name] = {"title": name, "payload": {"$ref": SCHEMAS.format(model=contract.answer.__name__)}}
    messages["problem"] = {"title": "problem", "payload": {"$ref": SCHEMAS.format(model="ProblemDetails")}}
    page["channels"][name] = {
        "address": None,
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in (name, "problem")},
    }
    operation["reply"] = {
        "address": {"location": f"$message.header#/{where}"},
        "channel": {"$ref": f"#/channels/{name}"},
    }


def _schemas(*models: type[BaseModel]) -> dict[str, Any]:
    every = [(model, "validation") for model in dict.fromkeys((*models, ProblemDetails, Principal))]
    _, told = models_json_schema(every, by_alias=False, ref_template=SCHEMAS)  # type: ignore[arg-type]
    found: dict[str, Any] = told["$defs"]
    return found


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (directory / f"{name}.json").write_text(page)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
