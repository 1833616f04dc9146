"""The rules. Standard library only: no Discord, no database, no clock of its own."""
