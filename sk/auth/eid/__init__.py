"""The German ID card as a way in: eID-Server (TR-03130), TCToken (TR-03124), and a simulator of both for trials."""
