"""The command `moltnet`: the client library on a command line."""
