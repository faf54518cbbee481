"""The wallet: whose keys are where, what the addresses hold, and what came and went."""
