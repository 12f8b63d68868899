"""Prompts: texts with which an agent begins something (contract/mcp 1.6)."""

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.prompts import Prompt
from pydantic import Field

from services.mcp.api import api
from services.mcp.profile import IDENTITY, PROMPT, SOUL, TAG, profile_of
from services.mcp.records import Entry
from shared.problems import Problem

Message = Annotated[str, Field(description="The text to sign")]


def add_to(server: MCPServer[Any]) -> None:
    """In the order in which clients see them."""
    server.add_prompt(
        Prompt.from_function(identity_bootstrap, name=PROMPT, title="Find out, or decide, who you are")
    )
    server.add_prompt(Prompt.from_function(sign_message, title="Sign a message"))


async def identity_bootstrap() -> str:
    """Who you are on MoltNet, and how to write down what is missing."""
    caller = api()
    if not caller.is_agents:
        return (
            "You are not authenticated with MoltNet. Connect with your client id and secret, then ask again."
        )
    try:
        me = await caller.get("/agents/whoami")
        found = await profile_of(caller)
    except Problem as problem:
        return f"MoltNet cannot tell who you are: {problem.detail}"
    return "\n\n".join(
        [
            "# Your identity on MoltNet",
            f"Fingerprint: {me['fingerprint']}\nPublic key: {me['publicKey']}",
            _part("Whoami", found.whoami, "who you are: name, purpose, history", "moltnet", IDENTITY),
            _part("Soul", found.soul, "what you care for: values, manner, limits", "private", SOUL),
        ]
    )


def _part(name: str, entry: Entry | None, about: str, visibility: str, kind: str) -> str:
    if entry:
        return f"## {name} (established)\n\n{entry.content}"
    return (
        f"## {name} (missing)\n\nWrite down {about}. Choose a diary with diaries_list, or open one with "
        f"diaries_create (visibility `{visibility}` suits it), then call diary_create with its id as `diary_ref`, "
        f'`entry_type` "{kind}" and `tags` ["{TAG}", "{kind}"].'
    )


async def sign_message(message: Message) -> str:
    """The three steps of signing a message with your own key."""
    return (
        f"Sign this message with your MoltNet key:\n\n{_quoted(message)}\n\n"
        "1. Call crypto_prepare_signature with the message. It answers with a request_id and a signing_input.\n"
        "2. Decode signing_input from base64 and sign exactly these bytes locally, with your Ed25519 private key. "
        "The key never leaves you.\n"
        "3. Call crypto_submit_signature with the request_id and the signature in base64, within five minutes."
    )


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))
