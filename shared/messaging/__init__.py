"""NATS, through FastStream: queries, durable commands with a reply, events, and who may send what."""
