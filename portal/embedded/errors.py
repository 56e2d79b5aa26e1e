"""What the launcher tells people when something cannot go on."""


class ServiceError(Exception):
    """A service cannot run. Carries one French sentence: what happened, what to do."""


class StopRequestedError(Exception):
    """A signal asked to stop while something was being waited for."""
