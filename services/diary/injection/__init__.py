"""Prompt injection in entries: `scan` by patterns, `similarity` by what an entry means."""

from services.diary.injection.patterns import ThreatType
from services.diary.injection.scanner import Threat, Verdict, injection_risk, scan

__all__ = ["Threat", "ThreatType", "Verdict", "injection_risk", "scan"]
