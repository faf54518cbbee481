"""What is shipped but is not code: themes, style sheets, the model catalogue, pictures."""
