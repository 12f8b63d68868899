"""Keto: writing, removing and listing relation tuples."""

from typing import Any

import httpx
import ory_client
import pytest

from .answers import refused_nested
from .relations import agent, check, diary_tuple, lists, put
from .target import Target, new_id

TUPLES = "/admin/relation-tuples"


def test_a_put_answers_with_the_tuple(target: Target) -> None:
    stored = diary_tuple(new_id(), "owner", agent(new_id()))
    response = httpx.put(f"{target.keto_write}{TUPLES}", json=stored, timeout=30)
    assert response.status_code == 201
    assert response.json() == stored
    assert "Location" in response.headers


def test_a_repeated_put_does_no_harm_and_one_delete_removes_it(target: Target) -> None:
    stored = diary_tuple(new_id(), "owner", agent(new_id()))
    put(target, stored)
    put(target, stored)
    assert len(lists(target, stored["object"])) >= 1
    assert check(target, stored)
    target.relations.delete_relationships(namespace="Diary", object=stored["object"], relation="owner")
    assert lists(target, stored["object"]) == []
    assert not check(target, stored)


def test_a_delete_removes_what_matches_and_nothing_else(target: Target) -> None:
    diary, ada, bob = new_id(), agent(new_id()), agent(new_id())
    kept = [diary_tuple(diary, "owner", ada), diary_tuple(diary, "readers", bob)]
    for stored in (*kept, diary_tuple(diary, "readers", ada)):
        put(target, stored)
    target.relations.delete_relationships(
        namespace="Diary",
        object=diary,
        relation="readers",
        subject_set_namespace="Agent",
        subject_set_object=ada["subject_set"]["object"],
        subject_set_relation="",
    )
    left = lists(target, diary)
    assert len(left) == 2
    assert all(stored in left for stored in kept)
    target.relations.delete_relationships(namespace="Diary", object=diary)
    assert lists(target, diary) == []


def test_deleting_nothing_is_fine(target: Target) -> None:
    query = {"namespace": "Diary", "object": new_id()}
    response = httpx.delete(f"{target.keto_write}{TUPLES}", params=query, timeout=30)
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"object": "d"},
        {"namespace": "Diary", "colour": "red"},
        {"namespace": "Diary", "subject_set.namespace": "Agent"},
        {
            "namespace": "Diary",
            "subject_id": "a",
            "subject_set.namespace": "Agent",
            "subject_set.object": "a",
            "subject_set.relation": "",
        },
    ],
)
def test_a_delete_must_say_exactly_what(target: Target, query: dict[str, str]) -> None:
    response = httpx.delete(f"{target.keto_write}{TUPLES}", params=query, timeout=30)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400


def test_a_delete_has_no_body(target: Target) -> None:
    url = f"{target.keto_write}{TUPLES}?namespace=Diary&object={new_id()}"
    assert httpx.request("DELETE", url, json={"namespace": "Diary"}, timeout=30).status_code == 400


@pytest.mark.parametrize(
    "subject",
    [{"subject_id": "a"}, {"subject_set": {"namespace": "Blog", "object": "b", "relation": ""}}],
)
def test_unknown_namespaces_are_not_found(target: Target, subject: dict[str, Any]) -> None:
    namespace = "Blog" if "subject_id" in subject else "Diary"
    body = ory_client.CreateRelationshipBody.from_dict(
        {"namespace": namespace, "object": new_id(), "relation": "owner"} | subject
    )
    with refused_nested(404) as refusal:
        target.relations.create_relationship(body)
    assert 'Unknown namespace with name "Blog"' in str(refusal.error)
    with refused_nested(404):
        target.relations.delete_relationships(namespace="Blog")
    with refused_nested(404):
        target.relation_lists.get_relationships(namespace="Blog")


@pytest.mark.parametrize("body", [b"{", b'{"namespace": "Diary", "object": "d", "relation": "owner"}'])
def test_a_put_needs_a_subject(target: Target, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = httpx.put(f"{target.keto_write}{TUPLES}", content=body, headers=headers, timeout=30)
    assert response.status_code == 400


def change(action: str, stored: dict[str, Any]) -> dict[str, Any]:
    """One entry of a PATCH."""
    return {"action": action, "relation_tuple": stored}


def patch(target: Target, *changes: dict[str, Any]) -> httpx.Response:
    """The answer to a PATCH."""
    return httpx.patch(f"{target.keto_write}{TUPLES}", json=list(changes), timeout=30)


def test_a_patch_inserts_and_deletes_together(target: Target) -> None:
    diary = new_id()
    old, new = diary_tuple(diary, "readers", agent(new_id())), diary_tuple(diary, "writers", agent(new_id()))
    put(target, old)
    assert patch(target, change("delete", old), change("insert", new)).status_code == 204
    assert lists(target, diary) == [new]


def test_a_patch_inserts_before_it_deletes(target: Target) -> None:
    stored = diary_tuple(new_id(), "readers", agent(new_id()))
    assert patch(target, change("delete", stored), change("insert", stored)).status_code == 204
    assert lists(target, stored["object"]) == []


def test_a_patch_is_all_or_nothing(target: Target) -> None:
    stored = diary_tuple(new_id(), "readers", agent(new_id()))
    unknown = stored | {"namespace": "Blog"}
    assert patch(target, change("insert", stored), change("insert", unknown)).status_code == 404
    assert patch(target, change("insert", stored), change("upsert", stored)).status_code == 400
    assert lists(target, stored["object"]) == []


def test_a_list_is_filtered(target: Target) -> None:
    diary, ada = new_id(), agent(new_id())
    put(target, diary_tuple(diary, "owner", ada))
    put(target, diary_tuple(diary, "readers", agent(new_id())))
    found = target.relation_lists.get_relationships(namespace="Diary", object=diary, relation="owner")
    assert [each.to_dict() for each in found.relation_tuples or []] == [diary_tuple(diary, "owner", ada)]
    by_subject = target.relation_lists.get_relationships(
        namespace="Diary",
        subject_set_namespace="Agent",
        subject_set_object=ada["subject_set"]["object"],
        subject_set_relation="",
    )
    assert [each.object for each in by_subject.relation_tuples or []] == [diary]


def test_a_list_comes_in_pages(target: Target) -> None:
    diary = new_id()
    stored = [diary_tuple(diary, "readers", agent(new_id())) for _ in range(3)]
    for each in stored:
        put(target, each)
    first = target.relation_lists.get_relationships(namespace="Diary", object=diary, page_size=2)
    second = target.relation_lists.get_relationships(
        namespace="Diary", object=diary, page_size=2, page_token=first.next_page_token
    )
    found = [each.to_dict() for each in [*(first.relation_tuples or []), *(second.relation_tuples or [])]]
    assert len(first.relation_tuples or []) == 2
    assert len(found) == 3
    assert all(each in found for each in stored)
    assert second.next_page_token == ""


def test_a_bad_page_token_is_refused(target: Target) -> None:
    """With 400, which is 500 at Keto v0.14."""
    query = {"namespace": "Diary", "page_token": "%%%"}
    response = httpx.get(f"{target.keto_read}/relation-tuples", params=query, timeout=30)
    assert response.status_code in (400, 500)
    assert "malformed page token" in str(response.json()["error"])


def test_a_page_size_is_a_number(target: Target) -> None:
    query = {"namespace": "Diary", "page_size": "ten"}
    response = httpx.get(f"{target.keto_read}/relation-tuples", params=query, timeout=30)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400


def test_the_model_is_loaded(target: Target) -> None:
    namespaces = target.relation_lists.list_relationship_namespaces().namespaces or []
    assert {"Agent", "Diary", "DiaryEntry"} <= {namespace.name for namespace in namespaces}
