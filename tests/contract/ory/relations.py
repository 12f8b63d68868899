"""Relation tuples as JSON, and what Keto makes of them."""

from typing import Any

import ory_client

from .target import Target

Tuple = dict[str, Any]
Subject = dict[str, Any]


def agent(agent_id: str) -> Subject:
    """An agent as MoltNet writes one: a subject set without a relation."""
    return {"subject_set": {"namespace": "Agent", "object": agent_id, "relation": ""}}


def diary_as_parent(diary_id: str) -> Subject:
    """A diary as the parent of an entry."""
    return {"subject_set": {"namespace": "Diary", "object": diary_id, "relation": ""}}


def diary_tuple(diary_id: str, relation: str, subject: Subject) -> Tuple:
    """``Diary:<id>#relation@subject``."""
    return {"namespace": "Diary", "object": diary_id, "relation": relation} | subject


def entry_tuple(entry_id: str, relation: str, subject: Subject) -> Tuple:
    """``DiaryEntry:<id>#relation@subject``."""
    return {"namespace": "DiaryEntry", "object": entry_id, "relation": relation} | subject


def put(target: Target, stored: Tuple) -> None:
    """Store a tuple."""
    body = ory_client.CreateRelationshipBody.from_dict(stored)
    assert body is not None
    target.relations.create_relationship(body)


def lists(target: Target, object_: str) -> list[Tuple]:
    """All tuples of a diary."""
    found = target.relation_lists.get_relationships(namespace="Diary", object=object_)
    return [each.to_dict() for each in found.relation_tuples or []]


def check(target: Target, asked: Tuple) -> bool:
    """Whether the tuple's subject has its relation or permit."""
    subject_set = asked.get("subject_set", {})
    result = target.permissions.check_permission(
        namespace=asked["namespace"],
        object=asked["object"],
        relation=asked["relation"],
        subject_id=asked.get("subject_id"),
        subject_set_namespace=subject_set.get("namespace"),
        subject_set_object=subject_set.get("object"),
        subject_set_relation=subject_set.get("relation"),
    )
    return bool(result.allowed)
