"""Keto: who may do what, by the model of MoltNet, in either mode."""

from typing import Any

import httpx
import ory_client
import pytest

from .answers import refused_nested
from .relations import agent, check, diary_as_parent, diary_tuple, entry_tuple, put
from .target import Target, new_id

CHECK = "/relation-tuples/check"


@pytest.mark.parametrize(
    ("relation", "permits"),
    [("owner", {"manage", "write", "read"}), ("writers", {"write", "read"}), ("readers", {"read"})],
)
def test_what_a_diary_relation_permits(target: Target, relation: str, permits: set[str]) -> None:
    diary, ada, bob = new_id(), agent(new_id()), agent(new_id())
    put(target, diary_tuple(diary, relation, ada))
    asked = ("manage", "write", "read")
    assert {permit for permit in asked if check(target, diary_tuple(diary, permit, ada))} == permits
    assert not any(check(target, diary_tuple(diary, permit, bob)) for permit in asked)
    assert check(target, diary_tuple(diary, relation, ada))


@pytest.mark.parametrize(
    ("relation", "permits"), [("owner", {"view", "edit", "delete"}), ("readers", {"view"})]
)
def test_an_entry_is_as_its_diary(target: Target, relation: str, permits: set[str]) -> None:
    diary, entry, ada = new_id(), new_id(), agent(new_id())
    put(target, diary_tuple(diary, relation, ada))
    put(target, entry_tuple(entry, "parent", diary_as_parent(diary)))
    asked = ("view", "edit", "delete")
    assert {permit for permit in asked if check(target, entry_tuple(entry, permit, ada))} == permits


def test_an_entry_is_closed_once_its_parent_is_gone(target: Target) -> None:
    diary, entry, ada = new_id(), new_id(), agent(new_id())
    put(target, diary_tuple(diary, "owner", ada))
    put(target, entry_tuple(entry, "parent", diary_as_parent(diary)))
    assert check(target, entry_tuple(entry, "view", ada))
    target.relations.delete_relationships(namespace="DiaryEntry", object=entry)
    assert not check(target, entry_tuple(entry, "view", ada))
    assert check(target, diary_tuple(diary, "read", ada))


def test_a_revoked_reader_is_out_at_once(target: Target) -> None:
    diary, entry, ada = new_id(), new_id(), agent(new_id())
    put(target, diary_tuple(diary, "readers", ada))
    put(target, entry_tuple(entry, "parent", diary_as_parent(diary)))
    assert check(target, entry_tuple(entry, "view", ada))
    target.relations.delete_relationships(namespace="Diary", object=diary, relation="readers")
    assert not check(target, diary_tuple(diary, "read", ada))
    assert not check(target, entry_tuple(entry, "view", ada))


def test_an_agent_acts_as_itself(target: Target) -> None:
    ada, bob = new_id(), new_id()
    put(target, {"namespace": "Agent", "object": ada, "relation": "self"} | agent(ada))
    act_as_ada = {"namespace": "Agent", "object": ada, "relation": "act_as"}
    assert check(target, act_as_ada | agent(ada))
    assert not check(target, act_as_ada | agent(bob))


def test_a_subject_id_is_not_a_subject_set(target: Target) -> None:
    by_set, by_id, ada = new_id(), new_id(), new_id()
    put(target, diary_tuple(by_set, "owner", agent(ada)))
    put(target, diary_tuple(by_id, "owner", {"subject_id": ada}))
    assert check(target, diary_tuple(by_set, "read", agent(ada)))
    assert not check(target, diary_tuple(by_set, "read", {"subject_id": ada}))
    assert check(target, diary_tuple(by_id, "read", {"subject_id": ada}))
    assert not check(target, diary_tuple(by_id, "read", agent(ada)))


def test_ids_are_compared_exactly(target: Target) -> None:
    diary, ada = new_id(), f"Ada-{new_id()}"
    put(target, diary_tuple(diary, "owner", agent(ada)))
    assert not check(target, diary_tuple(diary, "read", agent(ada.lower())))


def test_a_check_can_be_posted(target: Target) -> None:
    stored = diary_tuple(new_id(), "owner", agent(new_id()))
    put(target, stored)
    body = ory_client.PostCheckPermissionBody.from_dict(stored | {"relation": "read"})
    assert target.permissions.post_check_permission(post_check_permission_body=body).allowed


@pytest.mark.parametrize("unknown", ["object", "subject"])
def test_an_unknown_namespace_is_merely_not_allowed(target: Target, unknown: str) -> None:
    asked = diary_tuple(new_id(), "read", agent(new_id()))
    if unknown == "object":
        asked["namespace"] = "Blog"
    else:
        asked["subject_set"]["namespace"] = "Team"
    assert not check(target, asked)


def test_an_undeclared_relation_is_refused(target: Target) -> None:
    with refused_nested(400) as refusal:
        check(target, diary_tuple(new_id(), "admire", agent(new_id())))
    assert 'relation "admire" does not exist' in refusal.error["reason"]


@pytest.mark.parametrize(
    "query",
    [
        {"namespace": "Diary", "object": "d", "relation": "read"},
        {"namespace": "Diary", "object": "d", "subject_id": "a"},
        {"namespace": "Diary", "object": "d", "relation": "read", "subject_set.namespace": "Agent"},
        {"namespace": "Diary", "object": "d", "relation": "read", "subject_id": "a", "max-depth": "deep"},
    ],
)
def test_an_incomplete_check_is_refused(target: Target, query: dict[str, str]) -> None:
    response = httpx.get(f"{target.keto_read}{CHECK}/openapi", params=query, timeout=30)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_other_check_answers_403_when_denied(target: Target, method: str) -> None:
    ada = new_id()
    stored = diary_tuple(new_id(), "owner", {"subject_id": ada})
    put(target, stored)

    def ask(**changes: Any) -> httpx.Response:
        asked = stored | {"relation": "read"} | changes
        where = {"params": asked} if method == "GET" else {"json": asked}
        return httpx.request(method, f"{target.keto_read}{CHECK}", timeout=30, **where)  # type: ignore[arg-type]

    allowed, denied = ask(), ask(subject_id=new_id())
    assert (allowed.status_code, allowed.json()) == (200, {"allowed": True})
    assert (denied.status_code, denied.json()) == (403, {"allowed": False})


def batch(target: Target, tuples: list[dict[str, Any]]) -> httpx.Response:
    """The answer to a batch check."""
    url = f"{target.keto_read}/relation-tuples/batch/check"
    return httpx.post(url, json={"tuples": tuples}, timeout=30)


def test_a_batch_keeps_its_order_and_its_errors(target: Target) -> None:
    diary, ada = new_id(), agent(new_id())
    put(target, diary_tuple(diary, "readers", ada))
    asked = [
        diary_tuple(diary, "read", ada),
        diary_tuple(diary, "write", ada),
        diary_tuple(diary, "read", ada) | {"namespace": "Blog"},
        diary_tuple(diary, "read", ada),
    ]
    body = ory_client.BatchCheckPermissionBody.from_dict({"tuples": asked})
    results = target.permissions.batch_check_permission(batch_check_permission_body=body).results
    assert [result.allowed for result in results] == [True, False, False, True]
    assert [bool(result.error) for result in results] == [False, False, True, False]


def test_what_is_no_tuple_is_an_error_in_its_place(target: Target) -> None:
    diary, ada = new_id(), agent(new_id())
    put(target, diary_tuple(diary, "readers", ada))
    answer = batch(target, [diary_tuple(diary, "read", {}), diary_tuple(diary, "read", ada)])
    assert answer.status_code == 200
    refused, allowed = answer.json()["results"]
    assert (refused["allowed"], allowed) == (False, {"allowed": True})
    assert "subject is not allowed to be nil" in refused["error"]


def test_nothing_asked_is_nothing_answered(target: Target) -> None:
    assert batch(target, []).json() == {"results": []}


def test_a_batch_is_limited(target: Target) -> None:
    asked = diary_tuple(new_id(), "read", agent(new_id()))
    assert len(batch(target, [asked] * 100).json()["results"]) == 100
    too_many = batch(target, [asked] * 101)
    assert too_many.status_code == 400
    assert "batch exceeds max size of 100" in str(too_many.json()["error"])
