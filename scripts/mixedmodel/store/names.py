"""The names of the columns that the imported table is going to have."""

from dataclasses import dataclass

from mixedmodel.errors import UserError
from mixedmodel.store.roles import Roles
from mixedmodel.store.sources import Source

INTERCEPT = "intercept"


@dataclass(frozen=True)
class Names:
    """Names by role, the intercept among the fixed effects."""

    responses: tuple[str, ...]
    fixed: tuple[str, ...]
    random: tuple[str, ...]
    intercept: bool

    @classmethod
    def of(cls, source: Source, roles: Roles, *, intercept: bool) -> "Names":
        """Look the names up; UserError when the intercept's name is taken."""
        responses, fixed, random = (
            tuple(source.names[column] for column in columns)
            for columns in (roles.responses, roles.fixed, roles.random)
        )
        if intercept and INTERCEPT in (*responses, *fixed, *random):
            raise UserError(
                f"{source.path}: there is a column {INTERCEPT!r} already, and `intercept: true` "
                "adds one of that name; rename the column or set `intercept: false`"
            )
        added = (INTERCEPT,) if intercept else ()
        return cls(responses, (*added, *fixed), random, intercept)

    @property
    def read(self) -> int:
        """Count the columns that come from the table."""
        return len(self.responses) + len(self.fixed) + len(self.random) - self.intercept
