"""The demo: a city, a citizen and a real notice, played through the public interfaces."""
