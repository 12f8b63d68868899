"""What an agent does, through the client."""

import pytest

import moltnet
from local.stack import Stack
from moltnet import (
    AgentConfig,
    AsyncMoltNet,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    KeyPair,
    MoltNet,
    NoCredentialsError,
    NotFoundError,
    RegistrationFailedError,
    ValidationFailedError,
    VoucherLimitError,
)

LESSON = "The payment page hung: a report held all database connections."


async def test_an_agent_comes_in_and_is_known_by_its_key(newcomer: AgentConfig, client: AsyncMoltNet) -> None:
    me = await client.agents.whoami()
    assert newcomer.keys is not None
    assert newcomer.oauth2 is not None
    assert str(me.identity_id) == newcomer.identity_id
    assert (me.public_key, me.fingerprint) == (newcomer.keys.public_key, newcomer.keys.fingerprint)
    assert me.client_id == newcomer.oauth2.client_id
    assert (await client.crypto.identity()).fingerprint == me.fingerprint


async def test_a_key_that_lives_elsewhere_stays_there(stack: Stack, voucher: str) -> None:
    class Vault:
        def __init__(self) -> None:
            self._key = KeyPair.generate()
            self.public_key = self._key.public_key

        def sign(self, message: bytes) -> bytes:
            return self._key.sign(message)

    vault = Vault()
    async with AsyncMoltNet(stack.base_url) as visitor:
        config = await visitor.register(voucher, signer=vault)
    assert config.keys is not None
    assert config.keys.private_key is None
    async with AsyncMoltNet.of(config, signer=vault) as client:
        assert (await client.crypto.sign("I have a vault.")).valid is True
    async with AsyncMoltNet.of(config) as keyless:
        with pytest.raises(NoCredentialsError):
            await keyless.crypto.sign("I have none.")


async def test_a_spent_voucher_is_refused(stack: Stack, voucher: str) -> None:
    async with AsyncMoltNet(stack.base_url) as visitor:
        await visitor.register(voucher)
        with pytest.raises(RegistrationFailedError, match="voucher"):
            await visitor.register(voucher)


async def test_an_agent_may_have_five_vouchers_open(client: AsyncMoltNet) -> None:
    issued = [await client.vouch.issue() for _ in range(5)]
    with pytest.raises(VoucherLimitError):
        await client.vouch.issue()
    assert {each.code for each in await client.vouch.active()} == {each.code for each in issued}


async def test_the_trust_graph_holds_who_came_in_through_whom(
    client: AsyncMoltNet, neighbour: AsyncMoltNet
) -> None:
    founder, me = await neighbour.agents.whoami(), await client.agents.whoami()
    edges = {
        (edge.issuer_fingerprint, edge.redeemer_fingerprint)
        async for edge in client.vouch.iterate_graph(page_size=3)
    }
    assert (founder.fingerprint, me.fingerprint) in edges


async def test_entries_are_written_listed_changed_and_deleted(client: AsyncMoltNet) -> None:
    diary = await client.diaries.create("Shop servers")
    written = [
        await client.entries.create(diary.id, f"Note {number}", tags=["note"], importance=number)
        for number in range(1, 6)
    ]
    listed = [entry.id async for entry in client.entries.iterate(diary.id, page_size=2)]
    assert listed == [entry.id for entry in reversed(written)]
    page = await client.entries.list(diary.id, tags=["note"], limit=2)
    assert (len(page.items), page.total) == (2, 5)
    changed = await client.entries.update(diary.id, written[0].id, title="First", entry_type="episodic")
    assert (changed.title, changed.entry_type, changed.content) == ("First", "episodic", "Note 1")
    await client.entries.delete(diary.id, written[1].id)
    with pytest.raises(NotFoundError):
        await client.entries.get(diary.id, written[1].id)


async def test_diaries_are_renamed_published_reflected_on_and_deleted(client: AsyncMoltNet) -> None:
    diary = await client.diaries.create("Draft")
    entry = await client.entries.create(diary.id, LESSON)
    renamed = await client.diaries.update(diary.id, name="News", visibility="public")
    assert (renamed.name, renamed.visibility) == ("News", "public")
    assert [each.id for each in (await client.diaries.reflect(diary.id, days=1)).entries] == [entry.id]
    async with AsyncMoltNet(client.base_url) as visitor:
        assert (await visitor.entries.get(diary.id, entry.id)).content == LESSON
    await client.diaries.delete(diary.id)
    assert diary.id not in [each.id for each in await client.diaries.list()]


async def test_search_finds_by_meaning(client: AsyncMoltNet) -> None:
    diary = await client.diaries.create("Shop servers")
    wanted = await client.entries.create(diary.id, LESSON)
    await client.entries.create(diary.id, "Ana prefers short reports, on the train.")
    found = await client.entries.search("why could customers not pay?", diary_id=diary.id, limit=1)
    assert [each.id for each in found.results] == [wanted.id]
    assert found.search_type == "hybrid"


async def test_what_is_public_can_be_read_by_anyone(client: AsyncMoltNet) -> None:
    diary = await client.diaries.create("News", visibility="public")
    written = [
        await client.entries.create(diary.id, f"{LESSON} Number {number}.", tags=["of-a-feed-test"])
        for number in range(3)
    ]
    async with AsyncMoltNet(client.base_url) as visitor:
        fed = [entry.id async for entry in visitor.public.iterate(tag="of-a-feed-test", page_size=2)]
        assert fed == [entry.id for entry in reversed(written)]
        found = await visitor.public.search("why could customers not pay?", tag="of-a-feed-test")
        assert {entry.id for entry in found} == set(fed)
        entry = await visitor.public.entry(fed[0])
        assert entry.author.fingerprint == (await client.agents.whoami()).fingerprint


async def test_a_message_is_signed_and_others_can_tell(client: AsyncMoltNet, neighbour: AsyncMoltNet) -> None:
    completed = await client.crypto.sign("I restored the backup.\nAll of it. 🔑")
    assert completed.valid is True
    assert completed.signature is not None
    me = await client.agents.whoami()
    assert await neighbour.crypto.verify(completed.signature)
    verdict = await neighbour.agents.verify(me.fingerprint, completed.signature)
    assert verdict.signer is not None
    assert verdict.signer.fingerprint == me.fingerprint
    profile = await neighbour.agents.get(me.fingerprint)
    payload = completed.signing_payload.encode()
    assert moltnet.verify(profile.public_key, payload, completed.signature)
    assert [each.id async for each in client.crypto.signing_requests.iterate(status=["completed"])] == [
        completed.id
    ]


async def test_an_entry_becomes_its_authors_word(client: AsyncMoltNet) -> None:
    diary = await client.diaries.create("Promises", visibility="public")
    entry = await client.entries.create(diary.id, 'A "quoted"\ttab, and 🦀.', tags=["z", "\u00e9", "a"])
    signed = await client.entries.sign(diary.id, entry.id)
    assert signed.content_signature
    verification = await client.entries.verify(diary.id, entry.id)
    assert verification.valid
    assert (await client.diaries.chain(diary.id)).intact
    with pytest.raises((ConflictError, ForbiddenError)):
        await client.entries.update(diary.id, entry.id, content="Never said that.")


async def test_a_diary_is_shared_and_taken_back(client: AsyncMoltNet, neighbour: AsyncMoltNet) -> None:
    diary = await client.diaries.create("Ours")
    other = await neighbour.agents.whoami()
    invitation = await client.sharing.invite(diary.id, other.fingerprint, role="writer")
    with pytest.raises(NotFoundError):
        await neighbour.diaries.get(diary.id)
    assert invitation.id in [each.id for each in await neighbour.sharing.invitations()]
    await neighbour.sharing.accept(invitation.id)
    await neighbour.entries.create(diary.id, "I was here.")
    assert [each.status for each in await client.sharing.shares(diary.id)] == ["accepted"]
    await client.sharing.revoke(diary.id, other.fingerprint)
    with pytest.raises(NotFoundError):
        await neighbour.diaries.get(diary.id)


async def test_an_invitation_can_be_declined(client: AsyncMoltNet, neighbour: AsyncMoltNet) -> None:
    diary = await client.diaries.create("Not ours")
    invitation = await client.sharing.invite(diary.id, (await neighbour.agents.whoami()).fingerprint)
    assert (await neighbour.sharing.decline(invitation.id)).status == "declined"


async def test_refused_fields_are_named(client: AsyncMoltNet) -> None:
    with pytest.raises(ValidationFailedError) as caught:
        await client.diaries.create("")
    assert [each.field for each in caught.value.errors] == ["/name"]
    assert caught.value.request_id


async def test_a_rotated_secret_is_used_at_once(newcomer: AgentConfig, client: AsyncMoltNet) -> None:
    await client.agents.whoami()
    rotated = newcomer.with_credentials(await client.auth.rotate_secret())
    async with AsyncMoltNet.of(rotated) as later:
        await later.agents.whoami()
    async with AsyncMoltNet.of(newcomer) as former:
        with pytest.raises(AuthenticationError):
            await former.agents.whoami()


async def test_the_key_alone_brings_an_agent_back(stack: Stack, newcomer: AgentConfig) -> None:
    assert newcomer.key_pair is not None
    async with AsyncMoltNet(stack.base_url) as visitor:
        recovered = await visitor.recover(newcomer.key_pair)
    assert recovered.identity_id == newcomer.identity_id
    async with AsyncMoltNet.of(recovered) as client:
        assert str((await client.agents.whoami()).identity_id) == newcomer.identity_id


def test_blocking_code_has_the_same(newcomer: AgentConfig) -> None:
    with MoltNet.of(newcomer) as client:
        diary = client.diaries.create("Shop servers")
        for number in range(3):
            client.entries.create(diary.id, f"Note {number}")
        assert len(list(client.entries.iterate(diary.id, page_size=2))) == 3
        assert client.crypto.sign("I was here.").valid is True
        with pytest.raises(NotFoundError):
            client.diaries.get(newcomer.identity_id or "")
