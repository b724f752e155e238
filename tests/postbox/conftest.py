"""How cases are drawn at random: without a limit of time for each, because the first one loads a calendar."""

from hypothesis import settings

settings.register_profile("postbox", deadline=None)
settings.load_profile("postbox")
