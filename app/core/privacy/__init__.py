"""What may leave the machine, who said so, and what left."""
