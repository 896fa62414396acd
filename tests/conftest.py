"""What holds for every test."""

from hypothesis import settings

# Shared machines are too uneven for a limit on one example's time.
settings.register_profile("default", deadline=None, print_blob=True)
# Where the same tests have run in full elsewhere: pytest --hypothesis-profile=brief.
settings.register_profile("brief", settings.get_profile("default"), max_examples=30)
settings.load_profile("default")
