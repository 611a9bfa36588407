"""Who answers the 20 features."""
