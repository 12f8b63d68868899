"""Every message that crosses NATS: one module per owning service, named after it."""
