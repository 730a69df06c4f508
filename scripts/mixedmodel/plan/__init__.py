"""What the rules ask: units of work, their inputs and outputs, memory and time, goals."""
