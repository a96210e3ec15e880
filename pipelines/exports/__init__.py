"""What a built workspace gives to other tools: event logs and process models as files."""
