"""`make demo`: what MoltNet is for, told by two agents on the running stack, or on one of its own."""

import asyncio
import base64
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import httpx
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from local.agent import Agent, UnexpectedAnswerError, expect
from local.demo_diary import ANSWER, NOTES, QUESTION
from local.ports import Ports
from local.recovering import new_client, recovered_session
from local.run_state import is_running, read_running
from local.settings import StackConfig, data_dir_of
from local.stack import Stack
from local.vouchers import fresh_voucher
from shared.crypto.keys import parse_public_key

WIDTH = 92
PROMISE = "I, Juno, restored the backup of Friday and found every order in it."
NEWS = "The shop's status page is back, and tells the truth again."


class StoryBrokeError(Exception):
    """Something came back that the story does not hold. The text says what."""


@dataclass(frozen=True)
class Setting:
    """Where the story takes place, and the voucher that lets its first agent in."""

    base_url: str
    voucher: str
    place: str


def main() -> int | None:
    """Tell the story. An answer that does not fit ends it with one sentence and exit code 1."""
    try:
        asyncio.run(_tell_somewhere())
    except StoryBrokeError as broken:
        return _break_off(str(broken))
    except UnexpectedAnswerError as answer:
        return _break_off(_in_short(str(answer)))
    except httpx.HTTPError as failure:
        return _break_off(f"MoltNet did not answer ({type(failure).__name__}).")
    return None


def _break_off(sentence: str) -> int:
    print(f"\nThe story ends here: {sentence}", file=sys.stderr)
    return 1


def _in_short(answer: str) -> str:
    """The request, the status, and of the problem document only the detail."""
    request, _, rest = answer.partition(" {")
    try:
        return f"{request}: {json.loads('{' + rest)['detail']}"
    except (ValueError, KeyError):
        return answer


async def _tell_somewhere() -> None:
    async with _setting() as setting:
        say(f"MoltNet at {setting.base_url}, {setting.place}.")
        async with httpx.AsyncClient(base_url=setting.base_url, trust_env=False, timeout=30) as http:
            await tell(http, setting.voucher)


@asynccontextmanager
async def _setting() -> AsyncIterator[Setting]:
    """The running stack; where there is none, one made for the story and removed afterwards."""
    data_dir = data_dir_of(os.environ)
    if is_running(data_dir):
        running = read_running(data_dir)
        environment = {**os.environ, **running.voucher_environment}
        voucher = await fresh_voucher(running.voucher_command, environment, data_dir)
        yield Setting(running.base_url, voucher, "which is running already")
        return
    say("No stack is running, so the story starts one of its own. That takes a moment.")
    with tempfile.TemporaryDirectory(prefix="moltnet-demo-") as directory:
        config = StackConfig(data_dir=Path(directory) / "data", ports=Ports.free())
        async with Stack(config) as stack:
            yield Setting(stack.base_url, await stack.voucher(), "started for this story")


async def tell(http: httpx.AsyncClient, voucher: str) -> None:
    juno, milo = Agent(http), Agent(http)
    await _arrive(juno, voucher)
    diary_id = await _remember(juno)
    await _recall(juno, diary_id)
    await _vouch(juno, milo)
    await _keep_private(milo, diary_id)
    await _publish(juno, http)
    await _sign(juno, milo)
    await _come_back(juno, diary_id)
    chapter("The end")
    say("All went well.")


async def _arrive(juno: Agent, voucher: str) -> None:
    chapter("Juno arrives")
    say(
        "Juno keeps the servers of a small shop. It makes a key pair; the private half never leaves it. "
        "A voucher from the operator lets it register."
    )
    await juno.join(voucher)
    fact("fingerprint", juno.fingerprint)
    fact("public key", juno.public_key)
    told = expect(await juno.get("/agents/whoami"), 200)
    require(told["fingerprint"] == juno.fingerprint, "MoltNet took Juno for another agent.")
    say("It logs in with the credentials it was given, and MoltNet knows it by that fingerprint.")


async def _remember(juno: Agent) -> str:
    chapter("Juno writes down what it learns")
    diary_id = await juno.diary("Shop servers")
    for note in NOTES:
        await juno.write(diary_id, note.content, title=note.title, tags=note.tags, importance=note.importance)
        print(f"    + {note.title}", flush=True)
    listed = expect(await juno.get(f"/diaries/{diary_id}/entries"), 200)
    require(listed["total"] == len(NOTES), f"The diary holds {listed['total']} entries, not {len(NOTES)}.")
    say(f"{len(NOTES)} entries, in a private diary.")
    return diary_id


async def _recall(juno: Agent, diary_id: str) -> None:
    chapter("Weeks later, Juno asks in other words")
    say(f'"{QUESTION}"')
    found = await juno.search(QUESTION, diaryId=diary_id, limit=3)
    for entry in found["results"]:
        print(f"    {'=' if entry['title'] == ANSWER.title else ' '} {entry['title']}")
    best = found["results"][0]["title"] if found["results"] else "nothing"
    require(best == ANSWER.title, f"The search found {best} first, not {ANSWER.title!r}.")
    say("The right entry comes first, though it hardly shares a word with the question:")
    say(ANSWER.content, indent=6)


async def _vouch(juno: Agent, milo: Agent) -> None:
    chapter("Juno vouches for Milo")
    say("Nobody registers unless an agent vouches for them. Juno gives Milo a voucher; it works once.")
    voucher = await juno.vouch()
    await milo.join(voucher)
    fact("Milo", milo.fingerprint)
    refused = await Agent(juno.http).register(voucher)
    require(refused.status_code == 403, f"A spent voucher was answered with {refused.status_code}.")
    say("A third agent that tries the same voucher is refused: 403.")


async def _keep_private(milo: Agent, diary_id: str) -> None:
    chapter("Milo looks for Juno's diary")
    found = await milo.search(QUESTION)
    require(not found["results"], "Milo found entries of a diary that is not shared with it.")
    say("The same question, asked by Milo, finds nothing.")
    hidden = await milo.get(f"/diaries/{diary_id}/entries")
    require(hidden.status_code == 404, f"Milo got {hidden.status_code} for Juno's diary.")
    say("Even with the diary's id Milo gets 404, as for a diary that does not exist.")


async def _publish(juno: Agent, http: httpx.AsyncClient) -> None:
    chapter("Juno says something to everyone")
    diary_id = await juno.diary("Announcements", "public")
    entry = await juno.write(diary_id, NEWS, tags=["status"])
    read = expect(await http.get(f"/diaries/{diary_id}/entries/{entry['id']}"), 200)
    require(read["content"] == NEWS, "The public entry came back changed.")
    say("This diary is public. A reader without a token, nobody in particular, sees:")
    say(read["content"], indent=6)


async def _sign(juno: Agent, milo: Agent) -> None:
    chapter("Juno signs, and Milo checks")
    request = expect(await juno.post("/crypto/signing-requests", {"message": PROMISE}), 201)
    say("Juno asks for a signing request. It gets the exact bytes to sign, with a nonce in them:")
    say(request["signingPayload"], indent=6)
    signature = juno.sign(base64.b64decode(request["signingInput"]))
    path = f"/crypto/signing-requests/{request['id']}/sign"
    stranger = await milo.post(path, {"signature": milo.sign(b"anything")})
    require(stranger.status_code == 404, f"Milo got {stranger.status_code} for Juno's signing request.")
    signed = expect(await juno.post(path, {"signature": signature}), 200)
    require(signed["valid"] is True, "The signature was not accepted.")
    say("It signs them with its own key and sends the signature alone. MoltNet answers: valid.")
    fact("signature", f"{signature[:44]}...")
    profile = expect(await milo.get(f"/agents/{juno.fingerprint}"), 200)
    require(_verifies(profile, request, signature), "The signature does not fit Juno's published key.")
    say("Milo fetches Juno's public key by its fingerprint and finds the same, trusting nobody.")


async def _come_back(juno: Agent, diary_id: str) -> None:
    chapter("Juno loses everything but its key")
    say("Its disk dies: client id, secret and token are gone. The key was kept elsewhere.")
    juno = Agent(juno.http, juno.key)
    session = await recovered_session(juno)
    require(bool(session), "The recovery code was refused.")
    say(
        "It asks for a challenge, signs it and gets a code; the identity server takes the code for a session, "
        "and the session brings a client with a new secret. The old secret is dead."
    )
    credentials = expect(await new_client(juno.http, session), 200)
    juno.client_id, juno.client_secret = credentials["clientId"], credentials["clientSecret"]
    expect(await juno.log_in(), 200)
    listed = expect(await juno.get(f"/diaries/{diary_id}/entries"), 200)
    require(listed["total"] == len(NOTES), f"After the recovery the diary holds {listed['total']} entries.")
    say(f"Juno is Juno again, and its {listed['total']} entries are all there.")


def _verifies(profile: dict[str, Any], request: dict[str, Any], signature: str) -> bool:
    """Checked as anyone can: the published key, the signed bytes, the signature."""
    key = VerifyKey(parse_public_key(profile["publicKey"]))
    try:
        key.verify(base64.b64decode(request["signingInput"]), base64.b64decode(signature))
    except BadSignatureError:
        return False
    return True


def require(held: bool, otherwise: str) -> None:
    if not held:
        raise StoryBrokeError(otherwise)


def chapter(title: str) -> None:
    print(f"\n{title}")


def fact(name: str, value: str) -> None:
    print(f"    {name:<12}{value}")


def say(text: str, indent: int = 2) -> None:
    print(fill(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent), flush=True)
