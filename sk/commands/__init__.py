"""The subcommands of `sk`, a file for each subject."""
