"""Registration, vouchers, agents, credentials and the token hook."""
