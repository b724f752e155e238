"""The bus: nudges workers with the ids of events. A port, and an adapter each for one process and RabbitMQ."""
