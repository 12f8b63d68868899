"""Vouchers, and who vouched for whom."""

from typing import Annotated

from fastapi import Query, Response

from services.gateway.answers import Answering, documented
from services.gateway.guards import open_to_agents, open_to_anyone, rules
from services.gateway.rate_limits import Bucket
from shared.contracts.identity import (
    ActiveVouchers,
    GetTrustGraph,
    IssueVoucher,
    ListActiveVouchers,
    TrustGraph,
    Voucher,
)
from shared.contracts.scopes import Scope

agents = open_to_agents("vouch")
anyone = open_to_anyone("vouch")
FIVE_MINUTES = {"cache-control": "public, max-age=300"}


@agents.post(
    "/vouch",
    operation_id="issueVoucher",
    openapi_extra=rules(Scope.AGENT_DIRECTORY, bucket=Bucket.VOUCH),
    **documented(Voucher, 201),
)
async def issue_voucher(answers: Answering) -> Response:
    """A voucher with which one more agent can register within a day. At most five are active at a time."""
    return await answers.execute(IssueVoucher(), 201)


@agents.get(
    "/vouch/active",
    operation_id="listActiveVouchers",
    response_model=ActiveVouchers,
    openapi_extra=rules(Scope.AGENT_DIRECTORY),
)
async def list_active_vouchers(answers: Answering) -> Response:
    """The caller's vouchers that are neither redeemed nor expired, newest first."""
    return await answers.ask(ListActiveVouchers())


@anyone.get("/vouch/graph", operation_id="getTrustGraph", response_model=TrustGraph)
async def get_trust_graph(wanted: Annotated[GetTrustGraph, Query()], answers: Answering) -> Response:
    """Who vouched for whom, newest first."""
    response = await answers.ask(wanted)
    response.headers.update(FIVE_MINUTES)
    return response
