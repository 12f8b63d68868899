"""`python -m operations.ory_backup`: what the Ory servers keep, exported, encrypted, and put into clean ones.

export    configuration and data into a folder, and that folder into one encrypted bundle
open      a bundle, back into a folder
restore   identities, OAuth2 clients and relation tuples from a folder into clean servers

Databases of one's own are better backed up as databases: an identity gets a new id when it is restored from an
export. The order of a restore is in docs/deploying.md.
"""

TOOL_VERSION = "1"
