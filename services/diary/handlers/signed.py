"""Signed entries: what to sign, attaching the signature, verifying an entry, and the diary's chain."""

from datetime import datetime

from faststream.nats import NatsRouter

from services.diary.chain import Statement
from services.diary.content import EntryText
from services.diary.desk import Desk, DeskPart
from shared.contracts.diary import (
    AttachSignature,
    Chain,
    ChainLink,
    ChainSigner,
    DiaryEntry,
    EntrySigned,
    EntryVerification,
    GetChain,
    GetSigningStatement,
    SigningStatement,
    VerifyEntry,
)
from shared.contracts.identity import Agent, GetAgent
from shared.contracts.signing import GetSigningRequest, SigningRequest
from shared.crypto.signatures import matching_form
from shared.durable.announcing import tell_later
from shared.messaging.commands import Operation, on_command
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection
from shared.problems import Conflict, NotFound

router = NatsRouter()


@on_query(router, GetSigningStatement)
async def get_signing_statement(
    message: GetSigningStatement, caller: Caller, desk: DeskPart
) -> SigningStatement:
    diary_id = await desk.access.write(message.diary_id, known(caller))
    async with desk.database.transaction() as connection:
        statement = await desk.chain.statement(connection, diary_id, message.entry_id)
    return SigningStatement(statement=str(statement))


@on_command(router, AttachSignature)
async def attach_signature(message: AttachSignature, operation: Operation, desk: DeskPart) -> DiaryEntry:
    """Only a valid signature over what the entry and the chain are now will do."""
    signer = known(operation.caller)
    diary_id = await desk.access.write(message.diary_id, signer)
    request = await desk.bus.ask(GetSigningRequest(request_id=message.signing_request_id), signer)

    async def effect(connection: Connection) -> DiaryEntry:
        statement = await desk.chain.statement(connection, diary_id, message.entry_id)
        signed_at = _completed(request, statement)
        entry = await desk.chain.attach(connection, statement, request, signed_at)
        event = EntrySigned(entry_id=entry.id, diary_id=diary_id, signed_by=signer.identity_id)
        await tell_later(connection, operation.id, event)
        return entry

    return await desk.operations.commit(operation, effect)


def _completed(request: SigningRequest, statement: Statement) -> datetime:
    if not request.valid or request.completed_at is None:
        raise Conflict("The signing request has no valid signature.")
    if request.message != str(statement):
        raise Conflict("The entry or the chain has changed since. Sign again.")
    return request.completed_at


@on_query(router, VerifyEntry)
async def verify_entry(message: VerifyEntry, caller: Caller, desk: DeskPart) -> EntryVerification:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    entry = await desk.entries.entry(diary_id, message.entry_id)
    unaltered = EntryText.of(entry).hash(entry.entry_type) == entry.content_hash
    link = await desk.chain.link_of(diary_id, entry.id)
    if link is None:
        return EntryVerification(signed=False, valid=False, content_unaltered=unaltered)
    signer = await _signer(desk, link)
    chained = await desk.chain.holds_up_to(diary_id, link.position)
    signature_valid = signer is not None and _signed_by(signer, Statement.of_link(diary_id, link), link)
    return EntryVerification(
        signed=True,
        valid=unaltered and signature_valid and chained,
        content_unaltered=unaltered,
        signature_valid=signature_valid,
        chain_intact=chained,
        signer=signer.fingerprint if signer else None,
    )


async def _signer(desk: Desk, link: ChainLink) -> Agent | None:
    try:
        return await desk.bus.ask(GetAgent(identity_id=link.signed_by))
    except NotFound:
        return None


def _signed_by(signer: Agent, statement: Statement, link: ChainLink) -> bool:
    return matching_form(str(statement), link.nonce, link.signature, signer.public_key) is not None


@on_query(router, GetChain)
async def get_chain(message: GetChain, caller: Caller, desk: DeskPart) -> Chain:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    stretch = await desk.chain.stretch(diary_id, message.after, message.limit)
    signers = await desk.authors.of({link.signed_by for link in stretch.links})
    return Chain(
        links=stretch.links,
        signers=[ChainSigner(identity_id=one, **dict(signer)) for one, signer in sorted(signers.items())],
        intact=stretch.broken_at is None,
        broken_at=stretch.broken_at,
    )
