"""Everything MoltNet needs on one machine, without containers: databases, broker, and the Ory stand-in."""
