"""What people type and press: Discord in, Discord out."""
