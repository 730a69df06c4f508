"""The error that a user can mend, kept apart from our own bugs."""


class UserError(Exception):
    """A mistake in the data or the settings, told in one message.

    The message says what is wrong and where (file, line, column name), what was
    got, what was needed and what to do next. Scripts print it without a traceback.
    """
