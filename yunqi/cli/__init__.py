"""The command line: one short function per command, each in its own module, imported when it is needed."""
