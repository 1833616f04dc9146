"""The routes of the HTTP API that bots call, one file per noun."""
