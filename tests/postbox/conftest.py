"""How cases are drawn at random: without a limit of time for each, because the first one loads a calendar."""

import os

from hypothesis import settings

settings.register_profile("postbox", deadline=None)
# Whether a branch is taken must not be a matter of luck, nor need many cases.
settings.register_profile("covering", deadline=None, max_examples=5, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "postbox"))
