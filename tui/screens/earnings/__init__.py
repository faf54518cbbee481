"""What was earned: claimed, credited and paid side by side, what it cost, and how the three agree."""
