"""The postbox: notices from authorities on their way to citizens, and the law that gives their days."""
