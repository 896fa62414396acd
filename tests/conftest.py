"""What holds for every test."""

from hypothesis import settings

# Shared machines are too uneven for a limit on one example's time.
settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")
