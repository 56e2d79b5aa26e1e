"""In figures: Django would write « 1 janvier » where French says « 1er janvier »."""

DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "d/m/Y à G\u00a0\\h\u00a0i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "d/m"
