"""What attackers try: thieves of stores and keys, a writer in the database, foreign pages, other people's cookies."""
