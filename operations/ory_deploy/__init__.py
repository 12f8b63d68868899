"""`python -m operations.ory_deploy`: the configuration of a hosted Ory project, from `deploy/ory` to its workspace.

Fills the template `network/project.json` from the environment, writes the result to a file that only its owner may
read, and tells where. Nothing is sent without `--apply`; with it go, in this order, the configuration, the look of the
account pages, and the permission model. What was changed in Ory's console meanwhile is overwritten.
"""
