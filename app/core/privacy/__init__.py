"""Privacy: permissions for sending, the egress ledger, keys, and removal of keys from replies."""
