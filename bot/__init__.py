"""The process: configuration, start-up, the gateway client, jobs. Builds everything below it."""
