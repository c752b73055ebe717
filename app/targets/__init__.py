"""What a day should bring: figures that an agent is measured against, by organisation, team or person."""
