"""What is said of tariffs as rows: whom and where they serve, who belongs to which group, which days are holidays."""

from zaryad.tariffs.assigned.about import about_for
from zaryad.tariffs.assigned.holidays import country_of, holidays_of
from zaryad.tariffs.assigned.store import fitting, members

__all__ = ["about_for", "country_of", "fitting", "holidays_of", "members"]
