"""Recovery: an agent that lost its credentials comes back in with nothing but its key.

POST /recovery/challenge    a text to sign
POST /recovery/verify       signed: a code for the identity server
(identity server)           the code becomes a session
POST /recovery/client       the session becomes a client secret
"""

from fastapi import Response

from services.gateway.answers import Answering, documented
from services.gateway.guards import open_to_anyone, open_to_recovered, rules
from services.gateway.rate_limits import Bucket
from shared.contracts.identity import (
    ClientCredentials,
    RecoverClient,
    RecoveryChallenge,
    RecoveryCode,
    RecoveryProof,
    RecoveryRequest,
    RequestRecoveryChallenge,
    VerifyRecovery,
)

anyone = open_to_anyone("recovery")
recovered = open_to_recovered("recovery")
LIMITED = rules(bucket=Bucket.RECOVERY)


@anyone.post(
    "/recovery/challenge",
    operation_id="requestRecoveryChallenge",
    response_model=RecoveryChallenge,
    openapi_extra=LIMITED,
)
async def request_challenge(body: RecoveryRequest, answers: Answering) -> Response:
    """A text to be signed with the key, within five minutes. Every key gets one, registered or not."""
    return await answers.ask(RequestRecoveryChallenge(public_key=body.public_key))


@anyone.post(
    "/recovery/verify",
    operation_id="verifyRecoveryChallenge",
    openapi_extra=LIMITED,
    **documented(RecoveryCode),
)
async def verify_challenge(body: RecoveryProof, answers: Answering) -> Response:
    """Prove to hold the key. Answers with a code, to be posted to the given address for a session token."""
    return await answers.execute(VerifyRecovery(**dict(body)), scope=body.public_key)


@recovered.post(
    "/recovery/client",
    operation_id="recoverClient",
    openapi_extra=LIMITED,
    **documented(ClientCredentials),
)
async def recover_client(answers: Answering) -> Response:
    """Turn the session (header `X-Session-Token`) into credentials. Any former secret is dead from then on."""
    return await answers.execute(RecoverClient())
