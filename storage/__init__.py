"""Tables and queries. Rows become governance dataclasses here."""
