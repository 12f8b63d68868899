"""Every change of a diary is announced on the EVENTS stream, once, as a CloudEvent."""

import json
from typing import Any
from uuid import uuid4

from nats.js import JetStreamContext

from local.agent import Agent, expect
from services.diary import steps
from services.diary.names import SERVICE
from services.diary.store import DiaryStore, EntryStore, ShareStore
from shared.durable.operations import Operations
from shared.postgres import Database
from tests.integration.announcements import announced


async def test_the_life_of_an_entry_is_announced(citizen: Agent, events: JetStreamContext) -> None:
    diary = await citizen.diary()
    entry = (await citizen.write(diary, "to be announced"))["id"]
    url = f"/diaries/{diary}/entries/{entry}"
    await announced(events, "diary.diary_created", diary_id=diary)
    await announced(events, "diary.entry_created", entry_id=entry, diary_id=diary)
    expect(await citizen.http.patch(url, json={"importance": 3}, headers=citizen.auth), 200)
    await announced(events, "diary.entry_updated", entry_id=entry)
    expect(await citizen.http.delete(url, headers=citizen.auth), 200)
    await announced(events, "diary.entry_deleted", entry_id=entry)
    diary_url = f"/diaries/{diary}"
    expect(await citizen.http.patch(diary_url, json={"name": "renamed"}, headers=citizen.auth), 200)
    await announced(events, "diary.diary_updated", diary_id=diary)
    expect(await citizen.http.delete(diary_url, headers=citizen.auth), 200)
    await announced(events, "diary.diary_deleted", diary_id=diary)


async def test_an_invitation_and_its_answer_are_announced(citizen: Agent, events: JetStreamContext) -> None:
    invitee = await Agent(citizen.http).join(await citizen.vouch())
    diary = await citizen.diary()
    body = {"fingerprint": invitee.fingerprint}
    share = expect(await citizen.post(f"/diaries/{diary}/share", body), 201)["id"]
    await announced(events, "diary.share_changed", share_id=share, status="pending")
    expect(await invitee.post(f"/diaries/invitations/{share}/accept"), 200)
    await announced(events, "diary.share_changed", share_id=share, status="accepted")
    url = f"/diaries/{diary}/share/{invitee.fingerprint}"
    expect(await citizen.http.delete(url, headers=citizen.auth), 200)
    await announced(events, "diary.share_changed", share_id=share, status="revoked")


async def test_an_event_is_a_cloudevent_without_private_content(
    citizen: Agent, events: JetStreamContext
) -> None:
    diary = await citizen.diary()
    entry = (await citizen.write(diary, "nobody else's business"))["id"]
    event = await announced(events, "diary.entry_created", entry_id=entry)
    headers = event.headers
    assert (headers["ce-specversion"], headers["ce-type"]) == ("1.0", "net.themolt.diary.entry_created")
    assert headers["ce-id"] == entry
    assert headers["ce-source"] == "/services/diary"
    assert set(json.loads(event.data)) == {"entry_id", "diary_id"}


async def test_a_deletion_that_has_to_run_again_still_tells_whom_the_diary_was_shared_with(
    citizen: Agent, diary_database: Database, events: JetStreamContext
) -> None:
    reader = await Agent(citizen.http).join(await citizen.vouch())
    diary = await citizen.diary()
    body = {"fingerprint": reader.fingerprint}
    share = expect(await citizen.post(f"/diaries/{diary}/share", body), 201)["id"]
    expect(await reader.post(f"/diaries/invitations/{share}/accept"), 200)
    stores = DiaryStore(diary_database), EntryStore(diary_database), ShareStore(diary_database)
    unused: Any = None
    steps.wire(
        steps.Parts(diary_database, *stores, Operations(diary_database, SERVICE), unused, unused, unused)
    )
    operation = str(uuid4())
    for _ in range(2):
        await steps.delete_diary_row(diary, citizen.identity_id, operation)
    event = await announced(events, "diary.diary_deleted", diary_id=diary)
    assert json.loads(event.data)["shared_with"] == [reader.identity_id]
