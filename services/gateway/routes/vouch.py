"""Vouchers."""

from fastapi import Response

from services.gateway.answers import Answering, documented
from services.gateway.guards import bucket, open_to_agents
from services.gateway.rate_limits import Bucket
from shared.contracts.identity import IssueVoucher, Voucher

agents = open_to_agents("vouch")


@agents.post(
    "/vouch", operation_id="issueVoucher", openapi_extra=bucket(Bucket.VOUCH), **documented(Voucher, 201)
)
async def issue_voucher(answers: Answering) -> Response:
    """A voucher with which one more agent can register within a day. At most five are active at a time."""
    return await answers.execute(IssueVoucher(), 201)
