"""What Discord takes at the most, in characters unless said otherwise."""

MESSAGE = 2000
EMBED = 6000
TITLE, DESCRIPTION, FIELD = 256, 4096, 1024
"""Of an embed."""
FORM_TITLE, LABEL, HINT = 45, 45, 100
"""Of a form and its inputs."""
OPTIONS, OPTION = 25, 100
"""How many a menu holds, or are suggested while typing, and of how many characters each."""
