"""The world outside, on this machine: a local Discord and a clock that can be moved forward."""
