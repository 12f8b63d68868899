"""Kratos: recovery by a code the admin asks for, up to a session."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import ory_client
import pytest

from .answers import refused_nested, status_of
from .target import Target
from .test_identities import create, new_key


def ask_for_code(target: Target, identity_id: object, **members: str) -> tuple[str, str]:
    """A flow's id, out of its link, and its code."""
    body = {"identity_id": str(identity_id), "flow_type": "api"} | members
    answer = target.identities.create_recovery_code_for_identity(
        create_recovery_code_for_identity_body=ory_client.CreateRecoveryCodeForIdentityBody.from_dict(body)
    )
    flow = parse_qs(urlsplit(answer.recovery_link).query)["flow"][0]
    return flow, answer.recovery_code


def submit(target: Target, flow: str, code: str) -> httpx.Response:
    """The raw answer to a code."""
    return httpx.post(
        f"{target.kratos_public}/self-service/recovery",
        params={"flow": flow},
        json={"method": "code", "code": code},
        headers={"Accept": "application/json"},
        timeout=30,
    )


def other_than(code: str) -> str:
    """A code of the same form that is not this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def session_token(flow: Any) -> str:
    """The token among the actions of a flow that has been passed."""
    actions: list[dict[str, Any]] = flow["continue_with"]
    tokens = [each["ory_session_token"] for each in actions if each["action"] == "set_ory_session_token"]
    assert len(tokens) == 1
    return str(tokens[0])


def test_the_right_code_starts_a_session(target: Target) -> None:
    identity = create(target, new_key())
    flow_id, code = ask_for_code(target, identity.id)
    assert len(code) == 6
    assert code.isdigit()
    body = ory_client.UpdateRecoveryFlowBody(
        ory_client.UpdateRecoveryFlowWithCodeMethod(method="code", code=code)
    )
    flow = target.frontend.update_recovery_flow(flow=flow_id, update_recovery_flow_body=body)
    assert flow.state == "passed_challenge"
    assert flow.type == "api"
    token = session_token(flow.to_dict())
    assert token.startswith("ory_st_")
    session = target.frontend.to_session(x_session_token=token)
    assert session.active
    assert session.identity is not None
    assert session.identity.id == identity.id


def test_a_code_is_used_up_by_its_first_use(target: Target) -> None:
    flow_id, code = ask_for_code(target, create(target, new_key()).id)
    assert submit(target, flow_id, code).json()["state"] == "passed_challenge"
    again = submit(target, flow_id, code)
    assert again.status_code == 400
    actions = again.json()["error"]["details"]["continue_with"]
    assert [action["action"] for action in actions] == ["show_recovery_ui"]
    assert actions[0]["flow"]["id"] != flow_id


def test_a_wrong_code_is_told_by_the_state_not_the_status(target: Target) -> None:
    flow_id, code = ask_for_code(target, create(target, new_key()).id)
    wrong = submit(target, flow_id, other_than(code))
    assert wrong.status_code == 200
    assert wrong.json()["state"] == "sent_email"
    assert [message["id"] for message in wrong.json()["ui"]["messages"]] == [4060006]
    assert "continue_with" not in wrong.json()
    assert submit(target, flow_id, code).json()["state"] == "passed_challenge"


def test_five_tries_use_a_flow_up(target: Target) -> None:
    flow_id, code = ask_for_code(target, create(target, new_key()).id)
    statuses = [submit(target, flow_id, other_than(code)).status_code for _ in range(5)]
    assert statuses == [200] * 5
    assert submit(target, flow_id, code).status_code == 400


def test_a_code_belongs_to_its_flow(target: Target) -> None:
    identity = create(target, new_key())
    (first_flow, first_code), (second_flow, second_code) = (
        ask_for_code(target, identity.id),
        ask_for_code(target, identity.id),
    )
    if first_code != second_code:
        assert submit(target, first_flow, second_code).json()["state"] == "sent_email"
    assert submit(target, second_flow, second_code).json()["state"] == "passed_challenge"
    assert submit(target, first_flow, first_code).json()["state"] == "passed_challenge"


def test_an_expired_flow_is_gone(target: Target) -> None:
    flow_id, code = ask_for_code(target, create(target, new_key()).id, expires_in="1ms")
    submitted = submit(target, flow_id, code)
    assert submitted.status_code == 410
    assert submitted.json()["error"]["id"] == "self_service_flow_expired"
    assert submitted.json()["use_flow_id"] != flow_id
    assert status_of(lambda: target.frontend.get_recovery_flow(id=flow_id)) == 410


def test_a_flow_can_be_looked_at(target: Target) -> None:
    flow_id, _ = ask_for_code(target, create(target, new_key()).id)
    flow = target.frontend.get_recovery_flow(id=flow_id)
    assert str(flow.id) == flow_id
    assert flow.state == "sent_email"


def test_an_unknown_flow_is_not_found(target: Target) -> None:
    assert submit(target, str(uuid4()), "123456").status_code == 404
    assert status_of(lambda: target.frontend.get_recovery_flow(id=str(uuid4()))) == 404


@pytest.mark.parametrize("query", [{}, {"flow": "not-a-uuid"}])
def test_a_code_is_for_a_flow(target: Target, query: dict[str, str]) -> None:
    address = f"{target.kratos_public}/self-service/recovery"
    body = {"method": "code", "code": "123456"}
    response = httpx.post(
        address, params=query, json=body, headers={"Accept": "application/json"}, timeout=30
    )
    assert response.status_code == 400
    assert response.json()["error"]["reason"] == "The flow query parameter is missing or malformed."


def test_a_code_needs_no_method_beside_it(target: Target) -> None:
    flow_id, code = ask_for_code(target, create(target, new_key()).id)
    response = httpx.post(
        f"{target.kratos_public}/self-service/recovery",
        params={"flow": flow_id},
        json={"code": code},
        headers={"Accept": "application/json"},
        timeout=30,
    )
    assert response.status_code == 200
    assert response.json()["state"] == "passed_challenge"


def test_a_code_needs_an_identity(target: Target) -> None:
    with refused_nested(404):
        ask_for_code(target, uuid4())


@pytest.mark.parametrize(("body", "status"), [({}, 404), ({"identity_id": "not-a-uuid"}, 400)])
def test_a_code_without_an_identity_is_refused(target: Target, body: dict[str, str], status: int) -> None:
    response = httpx.post(f"{target.kratos_admin}/admin/recovery/code", json=body, timeout=30)
    assert response.status_code == status
    assert response.json()["error"]["code"] == status


@pytest.mark.parametrize("expires_in", ["soon", "0s", "-5m"])
def test_a_code_needs_a_lifetime(target: Target, expires_in: str) -> None:
    identity = create(target, new_key())
    response = httpx.post(
        f"{target.kratos_admin}/admin/recovery/code",
        json={"identity_id": str(identity.id), "flow_type": "api", "expires_in": expires_in},
        timeout=30,
    )
    assert response.status_code == 400


def test_deleting_an_identity_ends_its_codes_and_sessions(target: Target) -> None:
    identity = create(target, new_key())
    token = session_token(submit(target, *ask_for_code(target, identity.id)).json())
    flow_id, code = ask_for_code(target, identity.id)
    target.identities.delete_identity(str(identity.id))
    assert status_of(lambda: target.frontend.to_session(x_session_token=token)) == 401
    after = submit(target, flow_id, code)
    assert after.status_code != 200 or after.json()["state"] != "passed_challenge"


@pytest.mark.parametrize("token", [None, "ory_st_unknown"])
def test_whoami_needs_a_session(target: Target, token: str | None) -> None:
    with refused_nested(401):
        target.frontend.to_session(x_session_token=token)
