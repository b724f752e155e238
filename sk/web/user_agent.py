"""What a browser calls itself, so coarsely that it tells nobody apart: "Firefox, Windows"."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Marks, and the browser of each. Most name several others as well, so that the order decides."""
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
READ_CHARACTERS = 1000


def label_of(user_agent: str) -> str:
    """Return browser and system in words of our own; nothing of what was sent is kept."""
    sent = user_agent[:READ_CHARACTERS]
    names = [next((name for mark, name in table if mark in sent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names if name)
